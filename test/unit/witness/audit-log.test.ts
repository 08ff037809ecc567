import { describe, expect, it } from '@jest/globals';
import { parseAuditLine } from '../../../src/witness/audit-log.js';
import { auditLine } from './lines.js';

describe('parseAuditLine', () => {
  it('reads session, address, operation and path of a change', () => {
    expect(
      parseAuditLine(
        '2026-11-24 13:44:46,458 INFO session=0x100002f7c850000\tuser=127.0.0.1\tip=127.0.0.1\toperation=create\tznode=/a\tznode_type=persistent\tresult=success (org.apache.zookeeper.audit.Slf4jAuditLogger) [CommitProcessor:1]',
      ),
    ).toEqual({
      session: '0x100002f7c850000',
      address: '127.0.0.1',
      operation: 'create',
      path: '/a',
      ephemeral: false,
    });
  });

  it('reads an expired ephemeral znode, whose line has no address', () => {
    expect(
      parseAuditLine(
        '2026-11-24 13:44:46,458 INFO session=0x100002f7c850000\tuser=root\toperation=ephemeralZNodeDeletionOnSessionCloseOrExpire\tznode=/e\tresult=success (org.apache.zookeeper.audit.Slf4jAuditLogger) [SyncThread:1]',
      ),
    ).toEqual({
      session: '0x100002f7c850000',
      address: undefined,
      operation: 'ephemeralZNodeDeletionOnSessionCloseOrExpire',
      path: '/e',
      ephemeral: true,
    });
  });

  it.each(['create', 'setData', 'delete'])('reads %s', (operation) => {
    expect(parseAuditLine(auditLine({ operation, znode: '/brokers/topics/a.b_c-1' }))).toMatchObject({
      operation,
      path: '/brokers/topics/a.b_c-1',
    });
  });

  it.each([
    ['ephemeral', true],
    ['ephemeral_sequential', true],
    ['persistent', false],
    ['persistent_sequential', false],
  ])('a created znode of type %s: ephemeral is %s', (znode_type, ephemeral) => {
    expect(parseAuditLine(auditLine({ operation: 'create', znode: '/x', znode_type }))?.ephemeral).toBe(ephemeral);
  });

  it.each([
    ['a change that failed', auditLine({ operation: 'delete', znode: '/controller', result: 'failure' })],
    ['an operation that changes no znode', auditLine({ operation: 'serverStart' })],
    ['a change of an ACL', auditLine({ operation: 'setAcl', znode: '/controller' })],
    ['a line without a session', auditLine({ operation: 'delete', znode: '/controller' }).replace('session=', '')],
    [
      'the same text of another logger',
      auditLine({ operation: 'delete', znode: '/controller' }).replace('audit.Slf4jAuditLogger', 'server.DataTree'),
    ],
    ['any other line', '2026-11-24 13:44:46,458 INFO Snapshotting: 0x0 (org.apache.zookeeper.server.X) [main]'],
    ['an empty line', ''],
  ])('ignores %s', (_what, line) => {
    expect(parseAuditLine(line)).toBeUndefined();
  });
});
