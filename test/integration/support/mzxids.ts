import type { ZooKeeperClient } from '../../../src/metadata/zookeeper/client.js';

/** The transaction in which each znode was last modified: the znode at a path and all znodes below it. */
export async function mzxids(zookeeper: ZooKeeperClient, path: string): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  const stat = await zookeeper.exists(path);
  if (stat !== undefined) found[path] = stat.mzxid;
  for (const child of (await zookeeper.children(path)) ?? []) {
    Object.assign(found, await mzxids(zookeeper, `${path === '/' ? '' : path}/${child}`));
  }
  return found;
}
