import { connectZooKeeper } from '../metadata/zookeeper/client.js';
import type { ZooKeeperReads } from '../metadata/zookeeper/reader.js';
import type { ClusterFacts } from './facts.js';
import { readZnodes } from './zookeeper.js';

/** The deadline for the first answer, in milliseconds. There is none for what is read after it. */
export const ZOOKEEPER_CONNECT_MS = 30_000;
const SESSION_MS = 30_000;

/**
 * Reads what a forecast needs from a ZooKeeper. Claims and volumes are unknown: they are objects of Kubernetes.
 * @param connectString `host:port[,host:port...][/chroot]`, plain text.
 * @throws UsageError for an address that is not one. @throws EnvironmentError when ZooKeeper does not answer.
 */
export async function inspectZooKeeper(
  connectString: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<ClusterFacts> {
  const unseen = { unknown: 'only ZooKeeper was read' };
  return {
    name: `ZooKeeper at ${connectString}`,
    context: undefined,
    namespace: undefined,
    cluster: connectString,
    readBy: 'remigrate',
    kafka: unseen,
    znodes: { known: await withZooKeeper(connectString, signal, readZnodes) },
    leftovers: unseen,
  };
}

/**
 * Reads from a ZooKeeper in a session of its own, which is closed afterwards.
 * @param connectString `host:port[,host:port...][/chroot]`, plain text.
 * @throws as `connectZooKeeper` and `read` do.
 */
export async function withZooKeeper<T>(
  connectString: string,
  signal: AbortSignal,
  read: (client: ZooKeeperReads) => Promise<T>,
): Promise<T> {
  const client = await connectZooKeeper({
    connectString,
    sessionTimeoutMs: SESSION_MS,
    deadlineMs: ZOOKEEPER_CONNECT_MS,
    signal,
  });
  try {
    return await read(client);
  } finally {
    await client.close();
  }
}
