import { messageOf } from '../../errors.js';
import type { ZnodeStat } from '../../metadata/zookeeper/client.js';
import type { ZooKeeperReads } from '../../metadata/zookeeper/reader.js';

/** A znode as it was read: with its content, absent, or with what kept it from being read. */
export type DumpedZnode =
  | { readonly path: string; readonly data: string; readonly stat: ZnodeStat }
  | { readonly path: string; readonly absent: true }
  | { readonly path: string; readonly unreadable: string };

/**
 * What a migration reads and writes (Kafka 3.9.0 `ZkData.scala`). `/config/users` must not be here: it holds SCRAM
 * credentials.
 */
const ZNODES = ['/cluster/id', '/controller', '/controller_epoch', '/migration'] as const;
/** These have a child for each topic or broker. */
const WITH_CHILDREN = ['/brokers/ids', '/brokers/topics', '/config/topics'] as const;

/** The znodes that tell how far a migration has come, and what topics ZooKeeper has; one that can't be read says why. */
export async function dumpZnodes(reader: ZooKeeperReads): Promise<readonly DumpedZnode[]> {
  const alone = ZNODES.map(async (path) => [await dump(reader, path)]);
  const families = WITH_CHILDREN.map((path) => dumpFamily(reader, path));
  return (await Promise.all([...alone, ...families])).flat();
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
