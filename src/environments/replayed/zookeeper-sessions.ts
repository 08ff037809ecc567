import { connectZooKeeper, type Znode, type ZooKeeperClient } from '../../metadata/zookeeper/client.js';

const CONNECT_DEADLINE_MS = 15_000;
const SESSION_TIMEOUT_MS = 10_000;

/** The harness's and the operator's own sessions with ZooKeeper. */
export class ZooKeeperSessions {
  readonly #connectString: () => string;
  readonly #signal: AbortSignal;
  readonly #opened: (session: string, who: string) => void;
  #reading: Promise<ZooKeeperClient> | undefined;

  /** @param opened is told of every session, so that the witness knows whose it is. */
  constructor(connectString: () => string, signal: AbortSignal, opened: (session: string, who: string) => void) {
    this.#connectString = connectString;
    this.#signal = signal;
    this.#opened = opened;
  }

  async #open(who: string): Promise<ZooKeeperClient> {
    const client = await connectZooKeeper({
      connectString: this.#connectString(),
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      deadlineMs: CONNECT_DEADLINE_MS,
      signal: this.#signal,
    });
    this.#opened(client.sessionId(), who);
    return client;
  }

  /** Reads over the harness's one session, opened when first needed. */
  async get(path: string): Promise<Znode | undefined> {
    this.#reading ??= this.#open('harness');
    const client = await this.#reading;
    return client.get(path);
  }

  /**
   * Deletes a znode over a session of its own, as the operator and `zookeeper-shell.sh` do.
   * @param who whose session it is: `operator`, `user`.
   */
  async delete(path: string, who: string): Promise<'deleted' | 'absent'> {
    const client = await this.#open(who);
    try {
      if ((await client.exists(path)) === undefined) return 'absent';
      await client.delete(path);
      return 'deleted';
    } finally {
      await client.close();
    }
  }

  /** Ends the harness's session. */
  async close(): Promise<void> {
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading === undefined) return;
    // A session that never came up has nothing to close; whoever waited for it was told.
    const client = await reading.catch(() => undefined);
    await client?.close();
  }
}
