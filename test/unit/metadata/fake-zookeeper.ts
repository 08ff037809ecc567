import type { Znode } from '../../../src/metadata/zookeeper/client.js';
import type { ZooKeeperReads } from '../../../src/metadata/zookeeper/reader.js';

/** A ZooKeeper that holds these znodes, by path. */
export class FakeZooKeeper implements ZooKeeperReads {
  inFlight = 0;
  mostInFlight = 0;
  readonly #tree: Readonly<Record<string, string>>;
  readonly #vanishing: ReadonlySet<string>;

  constructor(tree: Readonly<Record<string, string>>, vanishing: readonly string[] = []) {
    this.#tree = tree;
    this.#vanishing = new Set(vanishing);
  }

  async get(path: string): Promise<Znode | undefined> {
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    await new Promise(setImmediate);
    this.inFlight -= 1;
    const data = this.#vanishing.has(path) ? undefined : this.#tree[path];
    if (data === undefined) return undefined;
    return { data, stat: { version: 0, czxid: 1, mzxid: 1, ctime: 0, numChildren: 0, ephemeralOwner: undefined } };
  }

  async children(path: string): Promise<readonly string[] | undefined> {
    const paths = Object.keys(this.#tree).filter((known) => known.startsWith(`${path}/`));
    if (paths.length === 0) return undefined;
    return [...new Set(paths.map((known) => known.slice(path.length + 1).split('/', 1)[0] ?? ''))];
  }
}
