import type { Writer } from '../journal/events.js';
import type { Journal } from '../journal/journal.js';
import { migrationPhase, readMigration } from '../metadata/zookeeper/znodes.js';
import { type AuditedChange, parseAuditLine } from './audit-log.js';
import { parseMigrationProgress, parseQuorumEpoch, parseSession } from './node-log.js';
import { SignWatch } from './sign-watch.js';

/** Reads one znode now; undefined: it does not exist, or ZooKeeper cannot be reached. */
export type ZnodeReader = (
  path: string,
) => Promise<{ readonly value: string; readonly ephemeral: boolean } | undefined>;

const FOLLOWED: ReadonlySet<string> = new Set(['/migration', '/controller', '/controller_epoch']);
/** A sync deletes one topic after another: changes by one session within this time are journalled as one change. */
const TOGETHER_MS = 60;
const TOPIC = /^\/brokers\/topics\/([^/]+)$/;

/** A change whose content is being read. */
interface PendingRead {
  change: AuditedChange;
  /** The last change since the read began: the content must be read again. */
  next: AuditedChange | undefined;
}

/**
 * Follows ZooKeeper's audit log and the nodes' own logs through the whole run and journals who changed which znode, and
 * when: `/migration`, `/controller`, `/controller_epoch` and the children of `/brokers/topics`. Of the nodes' logs it
 * also journals what marks the progress of a migration, and the lines that show a sign of something wrong.
 *
 * The audit log is the source of every change. The content of a znode is read as soon as the log has a change: if a
 * znode changes several times within a few milliseconds, only its last content is seen.
 */
export class Witness {
  readonly #journal: Journal;
  readonly #read: ZnodeReader;
  readonly #signs: SignWatch;
  readonly #owners = new Map<string, string>();
  readonly #addresses = new Map<string, string>();
  readonly #pending = new Map<string, PendingRead>();
  readonly #created = new Set<string>();
  readonly #deleted = new Set<string>();
  #topicChange: AuditedChange | undefined;
  #flush: NodeJS.Timeout | undefined;
  #lastMigration: string | undefined;
  /** The session that created each znode that is followed; undefined: it does not exist. Without an entry: unknown. */
  readonly #creators = new Map<string, string | undefined>();
  /** The highest epoch that a controller of the present quorum has logged. */
  #quorumEpoch = 0;
  #reading: Promise<void> = Promise.resolve();
  /** Why the content of a znode could not be read: a change is missing from the journal. */
  #failure: { readonly error: unknown } | undefined;

  constructor(journal: Journal, read: ZnodeReader) {
    this.#journal = journal;
    this.#read = read;
    journal.listen((event) => {
      // The controllers of a new pool are another quorum.
      if (event.type === 'gesture' && event.gesture === 'create-controller-pool') this.#quorumEpoch = 0;
    });
    this.#signs = new SignWatch(journal);
  }

  /** Registers whose session it is, if the harness knows: the operator's, the user's or its own. */
  registerSession(session: string, who: string): void {
    this.#owners.set(session, who);
  }

  /** Registers whose address it is, for clients whose sessions are in no log, such as the operator. */
  registerAddress(address: string, who: string): void {
    this.#addresses.set(address, who);
  }

  /** A line of the log of a ZooKeeper server. */
  zooKeeperLine(line: string): void {
    const change = parseAuditLine(line);
    if (change === undefined) return;
    const topic = TOPIC.exec(change.path)?.[1];
    if (topic !== undefined) this.#topicChanged(topic, change);
    else if (FOLLOWED.has(change.path)) this.#followedChanged(change);
  }

  /** A line of the log of a broker or controller. @param who `broker 0`, `controller 1`. */
  nodeLine(pod: string, who: string, line: string): void {
    const session = parseSession(line);
    if (session !== undefined) this.#owners.set(session, who);
    const progress = parseMigrationProgress(line);
    if (progress !== undefined) this.#journal.write({ type: 'controller-log', pod, ...progress });
    else this.#signs.line(pod, line);
    if (who.startsWith('controller ')) this.#followEpoch(pod, parseQuorumEpoch(line));
  }

  /** Journals each epoch of the quorum once, with the controller that was the first to log it. */
  #followEpoch(pod: string, epoch: number | undefined): void {
    if (epoch === undefined || epoch <= this.#quorumEpoch) return;
    this.#quorumEpoch = epoch;
    this.#journal.write({ type: 'quorum-epoch', pod, epoch });
  }

  /**
   * Resolves when everything that the logs contain so far is in the journal.
   * @throws the error of the first read that failed: a change is missing from the journal.
   */
  async settled(): Promise<void> {
    await this.close();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /**
   * The same at the end of a run, when ZooKeeper no longer answers: changes whose content cannot be read are omitted.
   */
  async close(): Promise<void> {
    this.#flushTopics();
    this.#signs.flush();
    await this.#reading;
  }

  #writer(change: AuditedChange): Writer {
    const who = this.#owners.get(change.session) ?? this.#addresses.get(change.address ?? '');
    return {
      session: change.session,
      ...(change.address === undefined ? {} : { address: change.address }),
      ...(who === undefined ? {} : { who }),
    };
  }

  #topicChanged(topic: string, change: AuditedChange): void {
    if (change.operation === 'setData') return;
    const otherWriter = this.#topicChange !== undefined && this.#topicChange.session !== change.session;
    // Two changes of the same topic are journalled in order.
    if (otherWriter || this.#created.has(topic) || this.#deleted.has(topic)) this.#flushTopics();
    this.#topicChange ??= change;
    if (change.operation === 'create') this.#created.add(topic);
    else this.#deleted.add(topic);
    this.#flush ??= setTimeout(() => this.#flushTopics(), TOGETHER_MS);
  }

  #flushTopics(): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    if (this.#topicChange === undefined) return;
    this.#journal.write({
      type: 'topics-changed',
      ...(this.#created.size > 0 ? { created: [...this.#created] } : {}),
      ...(this.#deleted.size > 0 ? { deleted: [...this.#deleted] } : {}),
      writer: this.#writer(this.#topicChange),
    });
    this.#created.clear();
    this.#deleted.clear();
    this.#topicChange = undefined;
  }

  /**
   * Every ZooKeeper server logs the end of an ephemeral znode, and the log of one may lag behind that of another: an end
   * that was journalled already, or that of a session which did not create the present znode, is no news.
   */
  #isStaleEnd({ operation, path, session }: AuditedChange): boolean {
    if (!operation.startsWith('ephemeral')) return false;
    return this.#creators.has(path) && this.#creators.get(path) !== session;
  }

  #followedChanged(change: AuditedChange): void {
    if (this.#isStaleEnd(change)) return;
    if (change.operation === 'create') this.#creators.set(change.path, change.session);
    if (change.operation === 'delete' || change.operation.startsWith('ephemeral')) {
      this.#creators.set(change.path, undefined);
      this.#pending.delete(change.path);
      if (change.path === '/migration') this.#lastMigration = undefined;
      this.#journal.write({
        type: 'znode-changed',
        path: change.path,
        change: change.operation === 'delete' ? 'deleted' : 'expired',
        writer: this.#writer(change),
        ...(change.path === '/migration' ? { phase: 'absent' as const } : {}),
      });
      return;
    }
    const running = this.#pending.get(change.path);
    if (running !== undefined) {
      running.next = change;
      return;
    }
    const pending: PendingRead = { change, next: undefined };
    this.#pending.set(change.path, pending);
    this.#reading = this.#reading
      .then(() => this.#readContent(change.path, pending))
      .catch((error: unknown) => {
        if (this.#pending.get(change.path) === pending) this.#pending.delete(change.path);
        this.#failure ??= { error };
      });
  }

  /**
   * Reads again until nothing changed during the read. A deletion cancels the read: there is nothing left to journal.
   */
  async #readContent(path: string, pending: PendingRead): Promise<void> {
    while (this.#pending.get(path) === pending) {
      const content = await this.#read(path);
      if (this.#pending.get(path) !== pending) return;
      if (content !== undefined && this.#isNews(path, content.value)) {
        this.#journal.write({
          type: 'znode-changed',
          path,
          change: pending.change.operation === 'create' ? 'created' : 'changed',
          ephemeral: content.ephemeral,
          value: content.value,
          writer: this.#writer(pending.change),
          ...(path === '/migration' ? { phase: migrationPhase(content.value) } : {}),
        });
      }
      if (pending.next === undefined) {
        this.#pending.delete(path);
        return;
      }
      pending.change = pending.next;
      pending.next = undefined;
    }
  }

  /** In dual-write `/migration` changes with every record of the metadata log: only phase and controller are news. */
  #isNews(path: string, value: string): boolean {
    if (path !== '/migration') return true;
    const content = readMigration(value);
    const news = `${migrationPhase(value)} ${content?.kraft_controller_id} ${content?.kraft_controller_epoch} ${content?.kraft_metadata_epoch}`;
    if (news === this.#lastMigration) return false;
    this.#lastMigration = news;
    return true;
  }
}
