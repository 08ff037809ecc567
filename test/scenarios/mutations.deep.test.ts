import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { packageRoot } from '../../src/package-root.js';
import {
  type CommandResult,
  expectExitCode,
  journalOf,
  remigrateRun,
  SCENARIO_TIMEOUT_MS,
  verdictOf,
  violations,
} from './support.js';

interface Rules {
  znodeDeletions: { path: string; at: { state: string; annotation: string } }[];
  nodeRolls: { role: string; from: string[]; to: string[]; forgets?: number[] }[];
  deletedClaims: { data: string };
}

/** Defects that no Strimzi version has, each planted in 0.45.1's rules, and the invariant that must catch it. */
const MUTATIONS: readonly {
  readonly version: string;
  readonly defect: string;
  readonly caughtBy: string;
  readonly plant: (rules: Rules) => void;
}[] = [
  {
    version: '0.45.91',
    defect: 'skips /controller at the rollback',
    caughtBy: 'controller-znode-released',
    plant: (rules) => {
      rules.znodeDeletions = rules.znodeDeletions.filter(({ path }) => path !== '/controller');
    },
  },
  {
    version: '0.45.92',
    defect: 'deletes /migration before the controllers are gone',
    caughtBy: 'znodes-deleted-after-controllers-gone',
    plant: (rules) => {
      for (const rule of rules.znodeDeletions) if (rule.path === '/migration') rule.at.annotation = 'rollback';
    },
  },
  {
    version: '0.45.93',
    defect: 'forgets to roll a broker',
    caughtBy: 'nodes-run-their-state',
    plant: (rules) => {
      for (const rule of rules.nodeRolls) {
        if (rule.role === 'broker' && rule.from.includes('MIGRATION') && rule.to.includes('ZK')) rule.forgets = [0];
      }
    },
  },
  {
    version: '0.45.94',
    defect: 'keeps the volume while claiming to have wiped it',
    caughtBy: 'controllers-start-empty',
    plant: (rules) => {
      rules.deletedClaims.data = 'kept';
    },
  },
];

describe('a profile that', () => {
  let data: string;
  let result: CommandResult;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'test-mutations-'));
    await mkdir(join(data, 'operators'));
    const shipped = await readFile(join(packageRoot(), 'fixtures/operators/0.45.1.yaml'), 'utf8');
    for (const { version, plant } of MUTATIONS) {
      const profile = parse(shipped) as { version: string; rules: Rules };
      profile.version = version;
      plant(profile.rules);
      await writeFile(join(data, 'operators', `${version}.yaml`), stringify(profile));
    }
    const versions = MUTATIONS.map(({ version }) => version).join(',');
    result = await remigrateRun(['rollback-remigrate', '--operator', versions, '--data', data, '--timeout', '90']);
  }, SCENARIO_TIMEOUT_MS);
  afterAll(() => rm(data, { recursive: true, force: true }));

  it.each(MUTATIONS.map(({ defect, version, caughtBy }) => [defect, version, caughtBy] as const))(
    '%s is caught',
    (_defect, version, caughtBy) => {
      const events = journalOf(result, `rollback-remigrate-${version}`);
      expect(violations(events)).toContainEqual({ invariant: caughtBy, issue: undefined });
      expect(verdictOf(events).asExpected).toBe(false);
    },
  );

  it('makes the command exit 1, with nothing left behind', () => {
    expectExitCode(result, 1);
    expect(result.leftBehind).toEqual([]);
  });
});
