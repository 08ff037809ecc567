import { EnvironmentError } from '../src/errors.js';
import { ZOOKEEPER_CODES as CODES, loadZooKeeper, type NativeZooKeeper } from '../src/metadata/zookeeper/native.js';
import type { NewZnode } from './many-topics.js';

const SESSION_MS = 30_000;

/** The client library of the snapshot's reader, used directly: no deadlines, no retries, no parsing. */
export class RawZooKeeper {
  readonly #native: NativeZooKeeper;

  private constructor(native: NativeZooKeeper) {
    this.#native = native;
  }

  /** @param connectString `host:port`, of a ZooKeeper that is already up. */
  static async open(connectString: string): Promise<RawZooKeeper> {
    const native = new (loadZooKeeper())({});
    const connected = new Promise<void>((resolve) => native.on('connect', () => resolve()));
    native.init({ connect: connectString, timeout: SESSION_MS, debug_level: 0 });
    await connected;
    return new RawZooKeeper(native);
  }

  /**
   * Gets every znode, with `atOnce` requests in flight at any time, and discards the responses. Absent znodes are
   * accepted too.
   */
  get(paths: readonly string[], atOnce: number): Promise<void> {
    return this.#pipelined(
      paths,
      atOnce,
      (path) => path,
      (path, answered) =>
        this.#native.a_get(path, false, (code, message) => answered(code === CODES.NO_NODE ? CODES.OK : code, message)),
    );
  }

  /** Creates every znode, in order. */
  create(znodes: readonly NewZnode[], atOnce: number): Promise<void> {
    return this.#pipelined(
      znodes,
      atOnce,
      ({ path }) => path,
      ({ path, data }, answered) => this.#native.a_create(path, data, 0, answered),
    );
  }

  close(): void {
    this.#native.close();
  }

  #pipelined<T>(
    items: readonly T[],
    atOnce: number,
    pathOf: (item: T) => string,
    start: (item: T, answered: (code: number, message: string) => void) => number,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = items.values();
      let missing = items.length;
      if (missing === 0) resolve();
      const next = () => {
        const { value: item, done } = queue.next();
        if (done) return;
        const queued = start(item, (code, message) => {
          if (code !== CODES.OK)
            reject(new EnvironmentError(`ZooKeeper refused the request for ${pathOf(item)}: ${message}`));
          missing -= 1;
          if (missing === 0) resolve();
          else next();
        });
        if (queued !== CODES.OK) reject(new EnvironmentError(`ZooKeeper's client refused a request (${queued})`));
      };
      for (let request = 0; request < atOnce; request++) next();
    });
  }
}
