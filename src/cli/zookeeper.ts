/** Says, before it happens, that a session with a ZooKeeper is opened. */
export function announceSession(connectString: string): void {
  process.stderr.write(`Opening a session with ZooKeeper at ${connectString}; read-only.\n`);
}
