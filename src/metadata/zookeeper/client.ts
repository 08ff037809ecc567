import { EnvironmentError, UsageError, WaitTimedOut } from '../../errors.js';
import { Deadline, type DeadlineOptions } from '../../waiting/deadline.js';
import {
  ZOOKEEPER_CODES as CODES,
  loadZooKeeper,
  type NativeConstructor,
  type NativeStat,
  type NativeZooKeeper,
} from './native.js';

export interface ZnodeStat {
  /** How often the content was changed. */
  readonly version: number;
  readonly czxid: number;
  readonly mzxid: number;
  /** When it was created, in milliseconds since the epoch, by ZooKeeper's clock. */
  readonly ctime: number;
  readonly numChildren: number;
  /** The session that owns an ephemeral znode, `0x1000123abcd0001`; undefined for a persistent one. */
  readonly ephemeralOwner: string | undefined;
}

export interface Znode {
  /** UTF-8. */
  readonly data: string;
  readonly stat: ZnodeStat;
}

export interface CreateOptions {
  readonly ephemeral?: boolean;
}

/**
 * A session with ZooKeeper. Every operation is rejected with an EnvironmentError that names path and address when the
 * session has expired or is closed, when ZooKeeper refuses it, or when it does not respond within the timeout of an operation.
 */
export interface ZooKeeperClient {
  /** undefined: there is no such znode. */
  get(path: string): Promise<Znode | undefined>;
  /** Names, not paths, in no order. undefined: there is no such znode. */
  children(path: string): Promise<readonly string[] | undefined>;
  /** undefined: there is no such znode. */
  exists(path: string): Promise<ZnodeStat | undefined>;
  create(path: string, data: string, options?: CreateOptions): Promise<void>;
  /** Rejects when there is no such znode. */
  set(path: string, data: string): Promise<void>;
  /** Rejects when there is no such znode. */
  delete(path: string): Promise<void>;
  /**
   * Resolves with the first state of the znode that satisfies the predicate (undefined: absent), immediately or
   * after the change that brings it. Watches merge changes: a state that lasted for a moment may be missed.
   * @throws WaitTimedOut that names `what`, WaitAborted.
   */
  waitFor(
    path: string,
    what: string,
    satisfies: (znode: Znode | undefined) => boolean,
    wait: DeadlineOptions,
  ): Promise<void>;
  /** `0x1000123abcd0001`, as in ZooKeeper's audit log. */
  sessionId(): string;
  /** Ends the session and its ephemeral znodes. Never rejects; a second call does nothing. */
  close(): Promise<void>;
}

export interface ZooKeeperOptions extends DeadlineOptions {
  /** `host:port[,host:port...][/chroot]`, without TLS, which the package does not support. */
  readonly connectString: string;
  /** Milliseconds. ZooKeeper raises it to at least two ticks. */
  readonly sessionTimeoutMs: number;
  /** How long one operation may take, retries included, in milliseconds. Default: the session timeout. */
  readonly operationTimeoutMs?: number;
}

const EPHEMERAL = 1;
const ANY_VERSION = -1;
const SHORTEST_ATTEMPT_MS = 250;
/**
 * What the C client responds to requests that are under way when the session expires, or that come after that: before it
 * reports the end of the session. Requests of a session that was closed here have been rejected already.
 */
const SESSION_IS_OVER: ReadonlySet<number> = new Set([CODES.CLOSING, CODES.SESSION_EXPIRED, CODES.INVALID_STATE]);
const NOT_QUEUED = 'the client did not accept the request';

/**
 * Opens a session, and retries until the deadline while nothing listens at the address.
 * @throws WaitTimedOut that names the address, WaitAborted, UsageError for a bad address or a missing package.
 */
export async function connectZooKeeper(
  options: ZooKeeperOptions,
  native: () => NativeConstructor = loadZooKeeper,
): Promise<ZooKeeperClient> {
  checkConnectString(options.connectString);
  const Native = native();
  const deadline = new Deadline(options);
  const what = `a session with ZooKeeper at ${options.connectString}`;
  // The C client does not report a refused connection, and retries only after a third of the session timeout. A new
  // client connects sooner. Each gets more time than the one before, in case the machine is slow.
  for (let attemptMs = SHORTEST_ATTEMPT_MS; ; attemptMs *= 2) {
    deadline.check(what);
    const session = new Session(new Native({}), options);
    const attempt = new Deadline({ deadlineMs: Math.min(attemptMs, deadline.remainingMs()), signal: options.signal });
    try {
      await attempt.race(session.connected, what, () => session.close());
      return session;
    } catch (error) {
      await session.close();
      if (!(error instanceof WaitTimedOut)) throw error;
    }
  }
}

function checkConnectString(connectString: string): void {
  const [servers = '', ...chroot] = connectString.split('/');
  const valid = servers.split(',').every((server) => /^(\[[^\]]+\]|[^:,[\]\s]+):\d{1,5}$/.test(server));
  if (!valid || chroot.some((part) => part === '')) {
    throw new UsageError(
      `"${connectString}" is not a ZooKeeper address. Use host:port, with several servers separated by commas.`,
    );
  }
}

type Start<Results extends unknown[]> = (
  callback: (code: number, message: string, ...results: Results) => void,
) => number;

class Session implements ZooKeeperClient {
  /** Resolves at the first connection. */
  readonly connected: Promise<void>;
  readonly #native: NativeZooKeeper;
  readonly #address: string;
  readonly #operationTimeoutMs: number;
  /** Requests that wait for a response: rejected when the session ends. */
  readonly #pending = new Set<(error: unknown) => void>();
  #ended: EnvironmentError | undefined;

  constructor(native: NativeZooKeeper, { connectString, sessionTimeoutMs, operationTimeoutMs }: ZooKeeperOptions) {
    this.#native = native;
    this.#address = connectString;
    this.#operationTimeoutMs = operationTimeoutMs ?? sessionTimeoutMs;
    this.connected = new Promise((resolve) => native.on('connect', () => resolve()));
    native.on('close', (_client, state) => this.#end(state));
    // debug_level 0 switches the C library's log to stderr off (zk_log.c, zoo_set_debug_level).
    native.init({ connect: connectString, timeout: sessionTimeoutMs, debug_level: 0 });
  }

  async get(path: string): Promise<Znode | undefined> {
    const read = await this.#read<[NativeStat | null, Buffer | string | null]>('get', path, (callback) =>
      this.#native.a_get(path, false, callback),
    );
    if (read === undefined) return undefined;
    const [stat, data] = read;
    return { data: data?.toString() ?? '', stat: statOf(stat, path) };
  }

  async children(path: string): Promise<readonly string[] | undefined> {
    const read = await this.#read<[readonly string[] | null]>('list', path, (callback) =>
      this.#native.a_get_children(path, false, callback),
    );
    return read === undefined ? undefined : (read[0] ?? []);
  }

  async exists(path: string): Promise<ZnodeStat | undefined> {
    const read = await this.#read<[NativeStat | null]>('look up', path, (callback) =>
      this.#native.a_exists(path, false, callback),
    );
    return read === undefined ? undefined : statOf(read[0], path);
  }

  async create(path: string, data: string, options: CreateOptions = {}): Promise<void> {
    const flags = options.ephemeral === true ? EPHEMERAL : 0;
    await this.#call<[string | null]>('create', path, (callback) => this.#native.a_create(path, data, flags, callback));
  }

  async set(path: string, data: string): Promise<void> {
    await this.#call<[NativeStat | null]>('set', path, (callback) =>
      this.#native.a_set(path, data, ANY_VERSION, callback),
    );
  }

  async delete(path: string): Promise<void> {
    await this.#call<[]>('delete', path, (callback) => this.#native.a_delete_(path, ANY_VERSION, callback));
  }

  async waitFor(
    path: string,
    what: string,
    satisfies: (znode: Znode | undefined) => boolean,
    wait: DeadlineOptions,
  ): Promise<void> {
    const deadline = new Deadline(wait);
    for (;;) {
      deadline.check(what);
      const changed = this.#changeOf(path);
      // ZooKeeper responds in order, so that no change between the watch and the read is missed.
      if (satisfies(await this.get(path))) return;
      await deadline.race(changed, what, () => {});
    }
  }

  sessionId(): string {
    return `0x${this.#native.client_id}`;
  }

  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    this.#end(CODES.OK);
    this.#native.close();
  }

  #end(state: unknown): void {
    if (this.#ended !== undefined) return;
    const Ended = state === CODES.EXPIRED_SESSION_STATE ? SessionExpired : EnvironmentError;
    this.#ended = new Ended(`The session ${this.sessionId()} with ZooKeeper at ${this.#address} ${howItEnded(state)}`);
    for (const reject of this.#pending) reject(this.#ended);
  }

  /** Sets a watch, and resolves when it fires: the znode was created, changed or deleted, or the connection changed. */
  #changeOf(path: string): Promise<void> {
    const change = this.#unlessEnded<void>((resolve, reject) => {
      const answered = (code: number, message: string) => {
        if (code === CODES.OK || code === CODES.NO_NODE) return;
        // Without a connection there is no watch: the caller must read again.
        if (code === CODES.CONNECTION_LOSS) resolve();
        else reject(this.#error('watch', path, code, message));
      };
      const queued = this.#native.aw_exists(path, () => resolve(), answered);
      if (queued !== CODES.OK) answered(queued, NOT_QUEUED);
    });
    // A caller whose condition is met stops waiting for the change, and does not handle the end of the session.
    change.catch(() => {});
    return change;
  }

  /** `undefined` when there is no such znode. Repeated if the connection breaks: reading twice is harmless. */
  async #read<Results extends unknown[]>(
    verb: string,
    path: string,
    start: Start<Results>,
  ): Promise<Results | undefined> {
    const deadline = this.#operationDeadline();
    try {
      return await deadline.retry(
        this.#operation(verb, path),
        () => this.#call(verb, path, start, deadline),
        (error) => error instanceof ZooKeeperError && error.code === CODES.CONNECTION_LOSS,
      );
    } catch (error) {
      if (error instanceof ZooKeeperError && error.code === CODES.NO_NODE) return undefined;
      throw error;
    }
  }

  #call<Results extends unknown[]>(
    verb: string,
    path: string,
    start: Start<Results>,
    deadline = this.#operationDeadline(),
  ): Promise<Results> {
    const answer = this.#unlessEnded<Results>((resolve, reject) => {
      const queued = start((code, message, ...results) => {
        if (code === CODES.OK) resolve(results);
        else reject(this.#error(verb, path, code, message));
      });
      if (queued !== CODES.OK) reject(this.#error(verb, path, queued, NOT_QUEUED));
    });
    return deadline.race(answer, this.#operation(verb, path), () => {});
  }

  #unlessEnded<T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise<T>((resolve, reject) => {
      const settle =
        <V>(how: (value: V) => void) =>
        (value: V) => {
          this.#pending.delete(rejectOnce);
          how(value);
        };
      const rejectOnce = settle(reject);
      this.#pending.add(rejectOnce);
      start(settle(resolve), rejectOnce);
    });
  }

  #operation(verb: string, path: string): string {
    return `ZooKeeper at ${this.#address} to ${verb} ${path}`;
  }

  #operationDeadline(): Deadline {
    return new Deadline({ deadlineMs: this.#operationTimeoutMs });
  }

  #error(verb: string, path: string, code: number, message: string): ZooKeeperError | SessionExpired {
    const text = `ZooKeeper at ${this.#address} could not ${verb} ${path}: ${message}`;
    return SESSION_IS_OVER.has(code) ? new SessionExpired(text) : new ZooKeeperError(text, code);
  }
}

/**
 * ZooKeeper could not be reached for longer than the session's timeout, for example because it was restarted. Who only
 * reads can go on with another session.
 */
export class SessionExpired extends EnvironmentError {}

/** ZooKeeper refused an operation, or the connection broke during it. */
export class ZooKeeperError extends EnvironmentError {
  /** The C client's code, `-101` for a missing znode. */
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

function statOf(stat: NativeStat | null, path: string): ZnodeStat {
  if (stat === null) throw new EnvironmentError(`ZooKeeper's client returned no stat for ${path}`);
  return {
    version: stat.version,
    czxid: stat.czxid,
    mzxid: stat.mzxid,
    ctime: stat.ctime.getTime(),
    numChildren: stat.numChildren,
    ephemeralOwner: stat.ephemeralOwner === '0' ? undefined : `0x${stat.ephemeralOwner}`,
  };
}

function howItEnded(state: unknown): string {
  if (state === CODES.EXPIRED_SESSION_STATE) return 'has expired';
  if (state === CODES.AUTH_FAILED_STATE) return 'was refused: authentication failed';
  return 'is closed';
}
