import { EnvironmentError } from '../errors.js';
import { connectZooKeeper, type Znode, type ZooKeeperClient, ZooKeeperError } from '../metadata/zookeeper/client.js';
import { createWithoutData } from '../metadata/zookeeper/create-without-data.js';
import { ZOOKEEPER_CODES } from '../metadata/zookeeper/native.js';
import { RenewedSession } from '../metadata/zookeeper/renewed-session.js';
import type { Deadlines } from '../waiting/deadlines.js';

const SESSION_TIMEOUT_MS = 10_000;

/** The sessions of the harness and the operator with ZooKeeper. */
export class ZooKeeperSessions {
  readonly #connectString: () => string;
  readonly #signal: AbortSignal;
  readonly #opened: (session: string, who: string) => void;
  readonly #deadlines: Deadlines;
  readonly #connect: typeof connectZooKeeper;
  readonly #reading = new RenewedSession(() => this.#open('harness'));

  /** @param opened called with every session, so that the witness knows who uses it. */
  constructor(
    connectString: () => string,
    signal: AbortSignal,
    opened: (session: string, who: string) => void,
    deadlines: Deadlines,
    connect: typeof connectZooKeeper = connectZooKeeper,
  ) {
    this.#connectString = connectString;
    this.#signal = signal;
    this.#opened = opened;
    this.#deadlines = deadlines;
    this.#connect = connect;
  }

  async #open(who: string): Promise<ZooKeeperClient> {
    const client = await this.#connect({
      connectString: this.#connectString(),
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      operationTimeoutMs: this.#deadlines.zookeeperOperationMs,
      deadlineMs: this.#deadlines.zookeeperConnectMs,
      signal: this.#signal,
    });
    this.#opened(client.sessionId(), who);
    return client;
  }

  /** Reads over the harness's only session. */
  get(path: string): Promise<Znode | undefined> {
    return this.#reading.read((client) => client.get(path));
  }

  /** Names, over the same session. undefined: there is no such znode. */
  children(path: string): Promise<readonly string[] | undefined> {
    return this.#reading.read((client) => client.children(path));
  }

  /**
   * What the witness reads after a change.
   * @param gone whether ZooKeeper was removed, by the end of the run or by the operator.
   * @returns undefined if there is no such znode, or if ZooKeeper is gone before or during the read.
   */
  async contentOf(
    path: string,
    gone: () => boolean,
  ): Promise<{ readonly value: string; readonly ephemeral: boolean } | undefined> {
    if (gone()) return undefined;
    try {
      const znode = await this.get(path);
      return znode === undefined
        ? undefined
        : { value: znode.data, ephemeral: znode.stat.ephemeralOwner !== undefined };
    } catch (error) {
      if (gone()) return undefined;
      throw error;
    }
  }

  /**
   * Deletes a znode over a new session, as the operator and `zookeeper-shell.sh` do.
   * @param who whose session it is: `operator`, `user`.
   */
  async delete(path: string, who: string): Promise<'deleted' | 'absent'> {
    const client = await this.#open(who);
    try {
      await client.delete(path);
      return 'deleted';
    } catch (error) {
      if (error instanceof ZooKeeperError && error.code === ZOOKEEPER_CODES.NO_NODE) return 'absent';
      throw error;
    } finally {
      await client.close();
    }
  }

  /**
   * Writes a znode over a new session of the user, as `zookeeper-shell.sh` does; creates it if it does not exist.
   * @param value null: it has no data. @throws EnvironmentError if such a znode exists already.
   */
  async write(path: string, value: string | null): Promise<void> {
    if (value === null) return this.#createWithoutData(path);
    const client = await this.#open('user');
    try {
      await client.set(path, value);
    } catch (error) {
      if (!(error instanceof ZooKeeperError && error.code === ZOOKEEPER_CODES.NO_NODE)) throw error;
      await client.create(path, value);
    } finally {
      await client.close();
    }
  }

  async #createWithoutData(path: string): Promise<void> {
    const outcome = await createWithoutData({
      connectString: this.#connectString(),
      path,
      opened: (session) => this.#opened(session, 'user'),
      deadlineMs: this.#deadlines.zookeeperConnectMs,
      signal: this.#signal,
    });
    if (outcome === 'exists') {
      throw new EnvironmentError(
        `The znode ${path} exists already: it cannot be created without data. Delete it first.`,
      );
    }
  }

  /** Closes the harness's session. */
  close(): Promise<void> {
    return this.#reading.close();
  }
}
