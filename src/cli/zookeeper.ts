import { connectZooKeeper } from '../metadata/zookeeper/client.js';
import type { ZooKeeperReads } from '../metadata/zookeeper/reader.js';

/** Until the first answer; a ZooKeeper that answers is read to its end. */
const CONNECT_MS = 30_000;
const SESSION_MS = 30_000;

/**
 * Reads a ZooKeeper that the user names, and says so beforehand.
 * @param connectString `host:port[,host:port...][/chroot]`, plain text.
 * @throws as `connectZooKeeper` and `read` do; the session is closed then, too.
 */
export async function readZooKeeper<T>(
  connectString: string,
  signal: AbortSignal,
  read: (client: ZooKeeperReads) => Promise<T>,
): Promise<T> {
  process.stderr.write(`Opening a session with ZooKeeper at ${connectString}, to read alone.\n`);
  const client = await connectZooKeeper({
    connectString,
    sessionTimeoutMs: SESSION_MS,
    deadlineMs: CONNECT_MS,
    signal,
  });
  try {
    return await read(client);
  } finally {
    await client.close();
  }
}
