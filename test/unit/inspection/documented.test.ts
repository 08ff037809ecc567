import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { ClusterFacts, ControllerLeftovers, KafkaFacts } from '../../../src/inspection/facts.js';
import { forecast } from '../../../src/inspection/forecast/forecast.js';
import { printCommands } from '../../../src/inspection/kubectl/commands.js';
import { describeInspected } from '../../../src/inspection/report.js';
import { packageRoot } from '../../../src/package-root.js';
import { FACTS, KAFKA, NO_LEFTOVERS, ZNODES } from './facts.js';

/** Compares the samples in docs/inspect.md with what is printed for the cluster of that session. */

const POOL_AT = Date.parse('2026-11-25T19:14:00Z');
const CLAIM = { name: 'data-0-my-cluster-controller-1', pool: 'controller', createdAt: POOL_AT };
const ROLLED_BACK: ControllerLeftovers = { ...NO_LEFTOVERS, claims: [{ ...CLAIM, createdAt: POOL_AT - 600_000 }] };
const MIGRATING: ControllerLeftovers = {
  ...NO_LEFTOVERS,
  pools: [{ name: 'controller', createdAt: POOL_AT }],
  claims: [CLAIM],
};
const MIGRATION = { version: 0, kraft_controller_id: 1, kraft_controller_epoch: 1, kraft_metadata_epoch: 1 };

function report(
  kafka: Partial<KafkaFacts>,
  offset: number,
  topics: number,
  leftovers: ControllerLeftovers,
): readonly string[] {
  const namespace = 'remigrate-8dbead23571f';
  const facts: ClusterFacts = {
    ...FACTS,
    name: `kind-lab/${namespace}/my-cluster`,
    context: 'kind-lab',
    namespace,
    kafka: { known: { ...KAFKA, operatorVersion: '0.45.0', ...kafka } },
    znodes: {
      known: {
        ...ZNODES,
        migration: { ...MIGRATION, kraft_metadata_offset: offset, createdAt: POOL_AT - 300_000 },
        topics,
      },
    },
    leftovers: { known: leftovers },
  };
  return describeInspected({ facts, forecast: forecast(facts) });
}

it.each([
  ['a cluster that was rolled back, with its claims kept', report({}, 1809, 10, ROLLED_BACK)],
  ['the same without the claims', report({}, 1809, 10, NO_LEFTOVERS)],
  ['the migration that wipes it', report({ state: 'KRaftMigration', annotation: 'migration' }, 1809, 10, MIGRATING)],
  ['the wiped cluster', report({ state: 'KRaftMigration', annotation: 'migration' }, 1984, 0, MIGRATING)],
  ['the commands for kubectl', printCommands({ context: 'lab', namespace: 'kafka', cluster: 'my-cluster' })],
])('docs/inspect.md shows %s as it is printed', (_, lines) => {
  const document = readFileSync(join(packageRoot(), 'docs', 'inspect.md'), 'utf8');
  expect(document).toContain(lines.map((line) => `    ${line}`).join('\n'));
});
