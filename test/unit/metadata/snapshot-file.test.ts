import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  formatSnapshot,
  readSnapshotFile,
  type SnapshotFile,
  snapshotSchema,
} from '../../../src/metadata/snapshot-file.js';
import { packageRoot } from '../../../src/package-root.js';

const SNAPSHOT: SnapshotFile = {
  snapshotVersion: 1,
  takenAt: '2026-01-02T03:04:05.000Z',
  from: 'ZooKeeper at localhost:2181',
  source: 'zookeeper',
  topics: ['orders', 'payments'].map((name) => ({
    name,
    id: 'o'.repeat(22),
    partitions: [{ partition: 0, replicas: [0, 1] }],
    configs: { 'retention.ms': '1000' },
  })),
  operational: { partitions: { 'orders-0': { leader: 0, leaderEpoch: 3, isr: [0, 1] } }, liveBrokers: [0, 1] },
};

describe('a snapshot file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'test-snapshot-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function file(text: string): string {
    const path = join(folder, 'snapshot.json');
    writeFileSync(path, text);
    return path;
  }

  it.each([
    ['with topics', SNAPSHOT],
    ['without topics', { ...SNAPSHOT, topics: [] }],
    ['with all optional fields', { ...SNAPSHOT, clusterId: 'abc', internalTopics: true, state: 'ZooKeeper' }],
  ])('holds what was read, %s', (_, snapshot) => {
    expect(readSnapshotFile(file(formatSnapshot(snapshot)))).toEqual(snapshot);
  });

  it('has one topic per line', () => {
    expect(
      formatSnapshot(SNAPSHOT)
        .split('\n')
        .filter((line) => line.includes('"name"')),
    ).toHaveLength(2);
  });

  it('may contain kinds of metadata that this version does not know', () => {
    const later = file(JSON.stringify({ ...SNAPSHOT, acls: [] }));
    expect(readSnapshotFile(later).topics).toEqual(SNAPSHOT.topics);
  });

  it.each([
    [
      'of a later format',
      JSON.stringify({ snapshotVersion: 2 }),
      /version 2, but this version of remigrate reads up to 1/,
    ],
    ['that is not JSON', '{', /cannot be read as a snapshot/],
    ['that is not a snapshot', '{"a": 1}', /is not a snapshot: .*snapshotVersion/s],
    ['with a topic without an id', JSON.stringify({ ...SNAPSHOT, topics: [{ name: 'a' }] }), /topics\[0\]\.id/],
  ])('%s is refused', (_, text, message) => {
    expect(() => readSnapshotFile(file(text))).toThrow(message);
  });

  it('that does not exist is refused', () => {
    expect(() => readSnapshotFile(join(folder, 'nowhere'))).toThrow(/nowhere cannot be read as a snapshot/);
  });

  it('has the published schema', () => {
    const published: unknown = JSON.parse(readFileSync(join(packageRoot(), 'docs/snapshot.schema.json'), 'utf8'));
    expect(published).toEqual(JSON.parse(JSON.stringify(snapshotSchema())));
  });
});
