import { messageOf } from '../../errors.js';
import type { ZnodeStat } from '../../metadata/zookeeper/client.js';
import type { ZooKeeperReads } from '../../metadata/zookeeper/reader.js';

/** A znode: its content, absent, or the reason why it cannot be read. */
export type DumpedZnode =
  | { readonly path: string; readonly data: string; readonly stat: ZnodeStat }
  | { readonly path: string; readonly absent: true }
  | { readonly path: string; readonly unreadable: string };

/**
 * What a migration reads and writes (Kafka 3.9.0 `ZkData.scala`). `/config/users` must not be here: it holds SCRAM
 * credentials.
 */
const ZNODES = ['/cluster/id', '/controller', '/controller_epoch', '/migration'] as const;
/** Znodes with a child for each topic or broker. */
const WITH_CHILDREN = ['/brokers/ids', '/brokers/topics', '/config/topics'] as const;

/** The znodes that show the progress of a migration, and the topics in ZooKeeper. An unreadable one has the reason. */
export async function dumpZnodes(reader: ZooKeeperReads): Promise<readonly DumpedZnode[]> {
  const single = ZNODES.map(async (path) => [await dump(reader, path)]);
  const families = WITH_CHILDREN.map((path) => dumpFamily(reader, path));
  return (await Promise.all([...single, ...families])).flat();
}

async function dumpFamily(reader: ZooKeeperReads, path: string): Promise<readonly DumpedZnode[]> {
  const [parent, children] = await Promise.all([dump(reader, path), dumpChildren(reader, path)]);
  return [parent, ...children];
}

async function dumpChildren(reader: ZooKeeperReads, path: string): Promise<readonly DumpedZnode[]> {
  let names: readonly string[];
  try {
    names = (await reader.children(path)) ?? [];
  } catch (error) {
    return [{ path: `${path}/*`, unreadable: messageOf(error) }];
  }
  return Promise.all([...names].sort().map((name) => dump(reader, `${path}/${name}`)));
}

async function dump(reader: ZooKeeperReads, path: string): Promise<DumpedZnode> {
  try {
    const znode = await reader.get(path);
    return znode === undefined ? { path, absent: true } : { path, ...znode };
  } catch (error) {
    return { path, unreadable: messageOf(error) };
  }
}
