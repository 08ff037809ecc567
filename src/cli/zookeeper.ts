import { ZOOKEEPER_CONNECT_MS } from '../inspection/zookeeper-session.js';

/** Announces on standard error that a session with ZooKeeper is about to be opened. */
export function announceSession(connectString: string): void {
  process.stderr.write(
    `Opening a session with ZooKeeper at ${connectString}; read-only. It must respond within ${ZOOKEEPER_CONNECT_MS / 1000} s.\n`,
  );
}
