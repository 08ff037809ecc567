/** One change of a znode, from a ZooKeeper server's audit log. */
export interface AuditedChange {
  /** `0x1000123abcd0001`. */
  readonly session: string;
  readonly address: string | undefined;
  readonly operation: 'create' | 'setData' | 'delete' | 'ephemeralZNodeDeletionOnSessionCloseOrExpire';
  readonly path: string;
  readonly ephemeral: boolean;
}

const AUDIT = /\bsession=(\S+)\s.*?operation=(\S+)\s+znode=(\S+)/;
const OPERATIONS: ReadonlySet<string> = new Set([
  'create',
  'setData',
  'delete',
  'ephemeralZNodeDeletionOnSessionCloseOrExpire',
]);

/**
 * Reads a line of a ZooKeeper server's log. undefined: it is not a successful change of a znode.
 *
 * Source: ZooKeeper 3.8.4 `org.apache.zookeeper.audit.Slf4jAuditLogger`, switched on by
 * `-Dzookeeper.audit.enable=true`; the fields are tab-separated `key=value`. Each part of a multi and each expired
 * ephemeral znode has a line of its own.
 */
export function parseAuditLine(line: string): AuditedChange | undefined {
  if (!line.includes('Slf4jAuditLogger') || !line.includes('result=success')) return undefined;
  const [, session, operation, path] = AUDIT.exec(line) ?? [];
  if (session === undefined || operation === undefined || path === undefined || !OPERATIONS.has(operation)) {
    return undefined;
  }
  return {
    session,
    address: /\bip=(\S+)/.exec(line)?.[1],
    operation: operation as AuditedChange['operation'],
    path,
    ephemeral: /\bznode_type=ephemeral/.test(line) || operation.startsWith('ephemeral'),
  };
}
