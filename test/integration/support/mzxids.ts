import type { ZooKeeperClient } from '../../../src/metadata/zookeeper/client.js';

/** When each znode below a path, and the path's own, was changed last. */
export async function mzxids(zookeeper: ZooKeeperClient, path: string): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  const stat = await zookeeper.exists(path);
  if (stat !== undefined) found[path] = stat.mzxid;
  for (const child of (await zookeeper.children(path)) ?? []) {
    Object.assign(found, await mzxids(zookeeper, `${path === '/' ? '' : path}/${child}`));
  }
  return found;
}
