import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import { readJournal } from '../../../src/journal/file.js';
import { violations } from '../../../src/journal/loss.js';
import { summarise } from '../../../src/journal/summary.js';
import { packageRoot } from '../../../src/package-root.js';
import {
  applicable,
  explains,
  explanationOf,
  issueReference,
  type KnownIssue,
  loadKnownIssues,
  parseKnownIssues,
  shippedKnownIssuesFolder,
} from '../../../src/scenario/known-issues.js';
import { issue } from './issues.js';

const SHIPPED = loadKnownIssues([shippedKnownIssuesFolder()]);

describe('the shipped known issues', () => {
  const kept = 'rollback-remigrate-volumes-kept';
  it.each([
    ['0.45.0', 'rollback-remigrate', ['strimzi-kafka-operator#11262']],
    ['0.45.1', 'rollback-remigrate', []],
    ['0.45.2', 'rollback-remigrate', []],
    ['0.45.0', kept, ['strimzi-kafka-operator#11262', 'stale-controller-volumes']],
    ['0.45.1', kept, ['stale-controller-volumes']],
    ['0.45.2', kept, ['stale-controller-volumes']],
    ['0.46.0', kept, []],
    ['0.45.0', 'another-scenario', []],
  ])('%s in %s: %j', (operatorVersion, scenario, ids) => {
    expect(applicable(SHIPPED, { operatorVersion, scenario }).map(({ id }) => id)).toEqual(ids);
  });

  it.each([
    ['0.45.0', 'rollback-remigrate', 'zookeeper-metadata-survives', 'strimzi-kafka-operator#11262'],
    ['0.45.0', 'rollback-remigrate', 'migration-znode-absent', 'strimzi-kafka-operator#11262'],
    ['0.45.0', 'rollback-remigrate', 'migration-finishes', 'strimzi-kafka-operator#11262'],
    ['0.45.0', 'rollback-remigrate', 'migration-completes', undefined],
    ['0.45.0', 'rollback-remigrate', 'controllers-start-empty', undefined],
    ['0.45.0', 'rollback-remigrate', 'topic-ids-stable', undefined],
    ['0.45.0', kept, 'kraft-metadata-survives', 'strimzi-kafka-operator#11262'],
    ['0.45.0', kept, 'controllers-start-empty', 'stale-controller-volumes'],
    ['0.45.1', kept, 'kraft-metadata-survives', 'stale-controller-volumes'],
    ['0.45.1', kept, 'migration-completes', 'stale-controller-volumes'],
    ['0.45.1', kept, 'migration-finishes', undefined],
    ['0.45.1', kept, 'zookeeper-metadata-survives', undefined],
    ['0.45.1', kept, 'migration-znode-absent', undefined],
    ['0.45.1', 'rollback-remigrate', 'migration-znode-absent', undefined],
  ])('%s in %s, %s violated: explained by %s', (operatorVersion, scenario, invariant, id) => {
    expect(explanationOf(SHIPPED, { operatorVersion, scenario, invariant })?.id).toBe(id);
  });

  it('name a thread upstream, or say "unreported"', () => {
    expect(SHIPPED.map(issueReference)).toEqual(
      expect.arrayContaining([
        {
          id: 'strimzi-kafka-operator#11262',
          title: 'Rollback leaves /migration behind: the next migration deletes the metadata in ZooKeeper',
          thread: 'https://github.com/strimzi/strimzi-kafka-operator/issues/11262',
        },
        expect.objectContaining({ id: 'stale-controller-volumes', thread: 'unreported' }),
      ]),
    );
  });

  it('each name a recording that shows them, of one of their versions', async () => {
    for (const { id, recording, invariants, operatorVersions } of SHIPPED) {
      const events = await readJournal(join(packageRoot(), 'fixtures', 'recordings', `${recording}.jsonl`));
      expect(operatorVersions).toContain(summarise(events).started.operatorVersion);
      const shown = violations(events).filter(({ knownIssue }) => knownIssue?.id === id);
      expect(shown.filter(({ invariant }) => invariants.includes(invariant))).not.toEqual([]);
    }
  });
});

describe('explains', () => {
  it.each([
    ['0.45.0', 'five-steps', 'migration-znode-absent', true],
    ['0.45.1', 'five-steps', 'migration-znode-absent', false],
    ['0.45.0', 'other', 'migration-znode-absent', false],
    ['0.45.0', 'five-steps', 'records-survive', false],
  ])('%s, %s, %s: %s', (operatorVersion, scenario, invariant, expected) => {
    expect(explains(issue(), { operatorVersion, scenario, invariant })).toBe(expected);
  });
});

describe('loadKnownIssues', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'remigrate-known-issues-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, issues: readonly KnownIssue[]): string => {
    const own = join(folder, name);
    mkdirSync(own);
    writeFileSync(join(own, 'known-issues.yaml'), JSON.stringify(issues));
    return own;
  };

  it('reads the issues of every folder that has some, in order', () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const folders = [write('a', [issue()]), empty, write('b', [issue({ id: 'issue-2' })])];
    expect(loadKnownIssues(folders).map(({ id }) => id)).toEqual(['issue-1', 'issue-2']);
  });

  it('refuses a folder that does not exist', () => {
    expect(() => loadKnownIssues([join(folder, 'nowhere')])).toThrow(UsageError);
    expect(() => loadKnownIssues([join(folder, 'nowhere')])).toThrow(/the folder .*nowhere does not exist/);
  });

  it('accepts the same id again for another scenario or version, but not for the same', () => {
    const other = issue({ scenarios: ['other'] });
    expect(loadKnownIssues([write('a', [issue(), other])])).toHaveLength(2);
    expect(() => loadKnownIssues([write('b', [issue()]), write('c', [issue()])])).toThrow(
      /there are two entries for issue-1 with operator 0\.45\.0 in five-steps \(the other is in .*known-issues\.yaml\)/,
    );
  });
});

describe('parseKnownIssues', () => {
  it('reads a file with only comments as an empty list', () => {
    expect(parseKnownIssues('# nothing is known\n', 'known-issues.yaml')).toEqual([]);
  });

  it.each([
    ['thread', { thread: 'see the mailing list' }, 'must be the https URL of the upstream thread, or "unreported"'],
    ['invariants', { invariants: ['migration-znode-absnt'] }, 'Did you mean migration-znode-absent?'],
    ['invariants', { invariants: [] }, 'invariants'],
    ['operatorVersions', { operatorVersions: [0.45] }, 'must be a version in quotes'],
    ['operatorVersions', { operatorVersions: ['newest'] }, 'must be a version'],
    ['scenarios', { scenarios: [] }, 'scenarios'],
    ['recording', { recording: '../x' }, 'must be the name of a recording'],
    ['id', { id: 'two words' }, 'must be one word'],
    ['why', { why: '' }, 'why'],
    ['more', { more: true }, 'more'],
  ])('refuses a bad %s: %j', (_, changes, message) => {
    const text = JSON.stringify([{ ...issue(), ...changes }]);
    const parse = () => parseKnownIssues(text, 'some/known-issues.yaml');
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow('some/known-issues.yaml is not a list of known issues');
    expect(parse).toThrow(message);
  });

  it.each(['id', 'title', 'thread', 'operatorVersions', 'scenarios', 'invariants', 'why', 'recording'] as const)(
    'refuses an entry without %s',
    (field) => {
      const { [field]: _, ...rest } = issue();
      expect(() => parseKnownIssues(JSON.stringify([rest]), 'known-issues.yaml')).toThrow(field);
    },
  );

  it('refuses what is not YAML', () => {
    expect(() => parseKnownIssues('- id: [', 'known-issues.yaml')).toThrow(/known-issues\.yaml is not YAML/);
  });
});
