import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { NodeLaunch } from '../../../../src/environments/node-runtime.js';
import { nodeProgram, propertiesText, STORAGE_TOOL } from '../../../../src/environments/replayed/node-program.js';
import { packageRoot } from '../../../../src/package-root.js';

const launch = (
  role: NodeLaunch['node']['role'],
  mode: NodeLaunch['start']['mode'],
  serverConfig: NodeLaunch['serverConfig'] = {},
): NodeLaunch => ({
  node: { role, nodeId: 0, pod: `my-cluster-${role}-0` },
  serverConfig,
  start: { mode, format: undefined, deleteMetadataLog: false, deleteQuorumState: false },
});

/** `java.util.Properties.load` for one line of ISO 8859-1 without comments (Java 17, its documentation). */
function javaReads(line: string): readonly [key: string, value: string] {
  const [, key = '', value = ''] = /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/.exec(line) ?? [];
  const unescaped = (text: string) =>
    text.replaceAll(/\\(?:u([0-9a-f]{4})|(.))/g, (_all, unit?: string, letter?: string) =>
      unit === undefined ? (letter ?? '') : String.fromCharCode(Number.parseInt(unit, 16)),
    );
  return [unescaped(key), unescaped(value)];
}

describe('a file of properties', () => {
  it.each([
    ['letters beyond ASCII', '/tmp/zuständig/Ω/日本/🦆/data'],
    ['letters of ISO 8859-1', '/tmp/é'],
    ['backslashes', '/tmp/a\\b/u0041\\u0041\\'],
    ['spaces, signs and a line break', ' /tmp/my folder /#a!b=c:d/\n/\t/x '],
    ['nothing', ''],
  ])('is read by Java as it was meant, with %s', (_what, value) => {
    const text = propertiesText({ 'log.dirs': value, 'a key:with=signs': value });
    expect(text).toMatch(/^[\n -~]*$/);
    expect(text.trimEnd() === '' ? [] : text.slice(0, -1).split('\n').map(javaReads)).toEqual([
      ['log.dirs', value],
      ['a key:with=signs', value],
    ]);
  });
});

describe("a node's program", () => {
  it.each([
    ['zookeeper', launch('zookeeper', 'zookeeper-based')],
    ['broker-zookeeper', launch('broker', 'zookeeper-based')],
    ['broker-migration', launch('broker', 'zookeeper-based', { 'zookeeper.metadata.migration.enable': 'true' })],
    ['broker-kraft', launch('broker', 'kraft', { 'zookeeper.metadata.migration.enable': 'true' })],
    ['controller', launch('controller', 'kraft')],
  ] as const)('loads the classes of a %s', (kind, node) => {
    expect(nodeProgram(node).kind).toBe(kind);
  });

  it('is ZooKeeper with its audit log, or Kafka', () => {
    expect(nodeProgram(launch('zookeeper', 'zookeeper-based'))).toMatchObject({
      flags: expect.arrayContaining(['-Dzookeeper.audit.enable=true', '-Dzookeeper.skipACL=yes']),
      mainClass: 'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    });
    expect(nodeProgram(launch('broker', 'kraft')).mainClass).toBe('kafka.Kafka');
  });

  it('logs according to a file that is shipped', () => {
    for (const { log4j } of [
      STORAGE_TOOL,
      nodeProgram(launch('zookeeper', 'kraft')),
      nodeProgram(launch('broker', 'kraft')),
    ]) {
      expect(existsSync(join(packageRoot(), 'fixtures/log4j', `${log4j}.properties`))).toBe(true);
    }
  });
});

it('properties are written one per line', () => {
  expect(propertiesText({ a: 'b', 'c.d': 'e=f' })).toBe('a=b\nc.d=e=f\n');
});
