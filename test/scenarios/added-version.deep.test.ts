import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compareJournals } from '../../src/comparison/compare.js';
import { readJournal } from '../../src/journal/file.js';
import { packageRoot } from '../../src/package-root.js';
import { addProfile } from '../support/own-profile.js';
import { expectExitCode, journalOf, remigrateRun, SCENARIO_TIMEOUT_MS, verdictOf } from './support.js';

const FIXTURES = join(packageRoot(), 'fixtures');

describe('an operator version that the user added', () => {
  let data: string;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'test-data-'));
  });
  afterAll(() => rm(data, { recursive: true, force: true }));

  it(
    'is a profile, a known issue and a recording',
    async () => {
      await addProfile(data, '0.45.7', '0.45.0');
      const issue = {
        id: 'example#1',
        title: 'leaves /migration behind, as 0.45.0 did',
        thread: 'unreported',
        operatorVersions: ['0.45.7'],
        scenarios: ['rollback-remigrate'],
        violations: [
          {
            invariant: 'zookeeper-metadata-survives',
            steps: ['migrate again'],
            states: ['KRaftMigration'],
            evidence: [{ subjects: ['/brokers/topics/*'], lost: 'topic', writers: ['controller'] }],
          },
          {
            invariant: 'migration-znode-absent',
            steps: ["delete the controllers' volumes", 'migrate again'],
            states: ['ZooKeeper', 'KRaftMigration'],
            evidence: [{ subjects: ['/migration'], writers: ['controller'] }],
          },
        ],
        why: 'It has the rules of 0.45.0.',
        recording: '0.45.7-one-broker',
      };
      // JSON is YAML.
      await writeFile(join(data, 'known-issues.yaml'), JSON.stringify([issue]));
      const real = await readFile(join(FIXTURES, 'recordings/0.45.0-one-broker.jsonl'), 'utf8');
      const recording = join(data, '0.45.7-one-broker.jsonl');
      await writeFile(recording, real.replaceAll('"operatorVersion":"0.45.0"', '"operatorVersion":"0.45.7"'));

      const result = await remigrateRun(['rollback-remigrate', '--operator', '0.45.7', '--data', data]);
      expectExitCode(result, 0);
      const events = journalOf(result, 'rollback-remigrate-0.45.7');
      expect(verdictOf(events)).toMatchObject({ verdict: 'lost', asExpected: true, knownIssue: { id: 'example#1' } });
      expect(compareJournals(events, await readJournal(recording)).firstDifference).toBeUndefined();
    },
    SCENARIO_TIMEOUT_MS,
  );
});
