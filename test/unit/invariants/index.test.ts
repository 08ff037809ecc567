import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { INVARIANTS, type Observation } from '../../../src/invariants/index.js';
import { packageRoot } from '../../../src/package-root.js';
import {
  controllerValue,
  migrationValue,
  observe,
  outcome,
  refusal,
  rolledBack,
  Story,
  snapshot,
  topic,
  violation,
} from './story.js';

/** One violating observation for every invariant: a check that cannot fail is a defect. */
const VIOLATING: Readonly<Record<string, Observation>> = {
  'zookeeper-metadata-survives': observe(new Story().deployed(), { zookeeper: snapshot('zookeeper') }),
  'kraft-metadata-survives': observe(new Story().deployed().migrated(), { kraft: snapshot('kraft') }),
  'topic-ids-stable': observe(new Story().deployed(), {
    zookeeper: snapshot('zookeeper', topic('orders', { id: 'another'.padEnd(22, '_') })),
  }),
  'deleted-topics-stay-deleted': observe(new Story().deployed(), {
    deletedTopics: [{ name: 'short-lived', id: topic('short-lived').id }],
    zookeeper: snapshot('zookeeper', topic('orders'), topic('short-lived')),
  }),
  'records-survive': observe(new Story().deployed(), {
    records: [{ topic: 'orders', acknowledged: 2, readBack: 1, missing: [], logs: [] }],
  }),
  'migration-completes': observe(rolledBack(['/controller']).migrationBegun('used').reach('KRaftDualWriting')),
  'migration-finishes': observe(new Story().deployed().migrationBegun(), { moment: 'timed-out' }),
  'nodes-stay-up': observe(new Story().deployed().crash('ERROR no').crash('ERROR no').crash('ERROR no')),
  'nodes-become-ready': observe(
    new Story()
      .deployed()
      .migrated()
      .stop('my-cluster-broker-0', 'user')
      .broker('POST_MIGRATION')
      .add({ type: 'operator-log', level: 'INFO', logger: 'KafkaRoller', text: 'waiting' }, 100),
    { moment: 'timed-out' },
  ),
  'partitions-have-leaders': observe(new Story().deployed(), {
    leaders: {
      partitions: 2,
      leaderless: [{ topic: 'orders', partition: 1, leader: -1, replicas: [0], isr: [0], live: [0] }],
    },
  }),
  'controller-elects': observe(rolledBack().add(refusal(45)), {
    znodes: { '/controller_epoch': { value: '4', ephemeral: false } },
  }),
  'migration-znode-absent': observe(rolledBack(['/controller']), {
    znodes: { '/migration': { value: migrationValue(42), ephemeral: false } },
  }),
  'controller-znode-released': observe(rolledBack(['/migration']), {
    znodes: { '/controller': { value: controllerValue(1, 1), ephemeral: false } },
  }),
  'znodes-deleted-after-controllers-gone': observe(
    new Story().deployed().migrated().operatorDeletes('/controller').rolledBack(),
  ),
  'nodes-run-their-state': observe(new Story().deployed().migrated().rollbackBegun().reach('ZooKeeper')),
  'controllers-start-empty': observe(rolledBack().migrationBegun('used')),
};

describe('the invariants', () => {
  it('are all listed: one for each file', () => {
    const files = readdirSync(join(packageRoot(), 'src', 'invariants'))
      .filter((file) => file.endsWith('.ts') && !['index.ts', 'invariant.ts'].includes(file))
      .map((file) => basename(file, '.ts'));
    expect(INVARIANTS.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  it('each have a violating case', () => {
    expect(Object.keys(VIOLATING).sort()).toEqual(INVARIANTS.map(({ name }) => name).sort());
  });

  it.each(INVARIANTS.map((invariant) => [invariant.name, invariant] as const))(
    '%s can be violated',
    (name, invariant) => {
      const observation = VIOLATING[name];
      if (observation === undefined) throw new Error(`no violating case for ${name}`);
      const found = violation(invariant, observation);
      expect(found.message).not.toBe('');
      expect(found.message).not.toMatch(/\n|undefined|NaN|\[object/);
      expect(found.evidence.length).toBeGreaterThan(0);
      for (const { subject, expected, found: value } of found.evidence) {
        expect([subject, expected, value]).not.toContain('');
      }
    },
  );

  it('are reported loss first, then outage, residue and conduct', () => {
    const order = ['loss', 'outage', 'residue', 'conduct'];
    const ranks = INVARIANTS.map(({ about }) => order.indexOf(about));
    expect(ranks).toEqual([...ranks].sort());
  });

  it('end a wait only if it cannot succeed any more: for an outage', () => {
    const endsWaits = INVARIANTS.filter((invariant) => invariant.endsWaits);
    expect(endsWaits.map(({ name }) => name)).toEqual(['migration-finishes', 'nodes-stay-up']);
    expect(endsWaits.every(({ about }) => about === 'outage')).toBe(true);
  });

  it('do not apply if there is nothing to judge', () => {
    const nothing = observe(new Story(), { expectedTopics: [], zookeeper: undefined });
    expect(INVARIANTS.map((invariant) => outcome(invariant, nothing))).toEqual(INVARIANTS.map(() => 'not applicable'));
  });
});
