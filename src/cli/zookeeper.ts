/** Announces on standard error that a session with ZooKeeper is about to be opened. */
export function announceSession(connectString: string): void {
  process.stderr.write(`Opening a session with ZooKeeper at ${connectString}; read-only.\n`);
}
