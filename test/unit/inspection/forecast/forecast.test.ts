import { describe, expect, it } from '@jest/globals';
import type { ClusterFacts, ControllerLeftovers, KafkaFacts, Znodes } from '../../../../src/inspection/facts.js';
import { forecast } from '../../../../src/inspection/forecast/forecast.js';
import type { Outcome } from '../../../../src/inspection/forecast/outcome.js';
import { FACTS, KAFKA, NO_LEFTOVERS, ZNODES } from '../facts.js';

/** When a controller pool was created, and when the cluster was rolled back before that. */
const POOL_AT = Date.parse('2026-11-24T10:00:00Z');
const BEFORE_POOL = POOL_AT - 60_000;

const POOL = { name: 'controller', createdAt: POOL_AT };
const CLAIM_NAME = 'data-0-my-cluster-controller-1';
const OF_NO_POOL = { name: CLAIM_NAME, pool: 'controller', createdAt: BEFORE_POOL };
const CLAIM: ControllerLeftovers = { ...NO_LEFTOVERS, claims: [OF_NO_POOL] };
/** Controllers of a migration that began with empty volumes. */
const FRESH: ControllerLeftovers = {
  ...NO_LEFTOVERS,
  pools: [POOL],
  pods: ['my-cluster-controller-1'],
  claims: [{ ...OF_NO_POOL, createdAt: POOL_AT }],
};
/** Controllers of a migration that began on the volumes of an earlier one. */
const REUSED: ControllerLeftovers = { ...FRESH, claims: [OF_NO_POOL] };
const DONE = {
  version: 0,
  kraft_controller_id: 1,
  kraft_controller_epoch: 1,
  kraft_metadata_offset: 566,
  kraft_metadata_epoch: 1,
  createdAt: POOL_AT + 20_000,
};
const LEFT = { ...DONE, createdAt: BEFORE_POOL };
const BEGUN = { ...DONE, kraft_metadata_offset: -1 };
const OF_KRAFT = { id: 1, owner: 'kraft-controller' } as const;
const MIGRATING = { state: 'KRaftMigration', annotation: 'migration' } as const;
const MIGRATED = { state: 'KRaftPostMigration', annotation: 'migration' } as const;

interface Seen {
  readonly kafka?: Partial<KafkaFacts> | 'unknown';
  readonly znodes?: Partial<Znodes> | 'unknown';
  readonly leftovers?: ControllerLeftovers | 'unknown';
}

function facts({ kafka = {}, znodes = {}, leftovers = NO_LEFTOVERS }: Seen): ClusterFacts {
  return {
    ...FACTS,
    kafka: kafka === 'unknown' ? { unknown: 'no context' } : { known: { ...KAFKA, ...kafka } },
    znodes: znodes === 'unknown' ? { unknown: 'no right to forward' } : { known: { ...ZNODES, ...znodes } },
    leftovers: leftovers === 'unknown' ? { unknown: 'no right to list claims' } : { known: leftovers },
  };
}

describe('the forecast for a cluster', () => {
  it.each<readonly [string, Seen, Outcome, 'safe' | 'unsafe' | 'unknown', string]>([
    ['never migrated', {}, 'first-copy', 'safe', 'nothing is left'],
    ['rolled back by 0.45.1', { znodes: { controllerEpoch: 7 } }, 'first-copy', 'safe', 'nothing is left'],
    ['rolled back by 0.45.0', { znodes: { migration: DONE } }, 'skip-and-wipe', 'unsafe', 'offset 566'],
    [
      'rolled back by 0.45.0, the operator upgraded since',
      { kafka: { operatorVersion: '0.45.2' }, znodes: { migration: DONE } },
      'skip-and-wipe',
      'unsafe',
      'delete every topic',
    ],
    [
      'rolled back by 0.45.0, claims kept',
      { znodes: { migration: DONE }, leftovers: CLAIM },
      'loses-since-rollback',
      'unsafe',
      'undo what was created since',
    ],
    [
      'rolled back by 0.45.1, claims kept',
      { leftovers: CLAIM },
      'loses-since-rollback',
      'unsafe',
      'claim data-0-my-cluster-controller-1 still exists',
    ],
    [
      'with the /migration of a migration that did not complete its copy',
      { znodes: { migration: BEGUN } },
      'first-copy',
      'safe',
      'first delete /migration, left by a migration that did not complete its copy',
    ],
    ['without a topic', { znodes: { topics: 0 } }, 'first-copy', 'safe', 'ZooKeeper has no topics'],
    [
      'wiped, and set to disabled since',
      { znodes: { migration: DONE, controller: OF_KRAFT, topics: 0 }, leftovers: CLAIM },
      'wiped',
      'unsafe',
      'unless there never were any',
    ],
    [
      'wiped, set to disabled, and with a broker as the controller again',
      { znodes: { migration: DONE, topics: 0 } },
      'wiped',
      'unsafe',
      'unless there never were any',
    ],
    [
      'with a pool of both roles',
      { leftovers: { ...NO_LEFTOVERS, dualRolePools: ['broker'] } },
      'unknown',
      'unknown',
      'the pool broker has both roles',
    ],
    [
      'whose migration has just started while an old controller holds /controller',
      { kafka: { annotation: 'migration' }, znodes: { controller: OF_KRAFT }, leftovers: FRESH },
      'no-controller',
      'unsafe',
      '/controller still belongs to KRaft controller 1',
    ],
    [
      'that lost its state while paused, and was unpaused since',
      { kafka: { annotation: 'migration' }, znodes: { migration: DONE, controller: OF_KRAFT }, leftovers: FRESH },
      'no-controller',
      'unsafe',
      'the status has lost its state',
    ],
    [
      'set to disabled in the middle of a migration',
      { znodes: { migration: DONE, controller: OF_KRAFT } },
      'no-controller',
      'unsafe',
      '/controller still belongs to KRaft controller 1',
    ],
    ['without a controller', { znodes: { controller: undefined } }, 'unknown', 'unknown', '/controller does not exist'],
    [
      'with a pool that was created for a later migration',
      { leftovers: { ...NO_LEFTOVERS, pools: [POOL] } },
      'first-copy',
      'safe',
      'nothing is left',
    ],
    [
      'disabled while the controllers run',
      { leftovers: FRESH },
      'loses-since-rollback',
      'unsafe',
      'controller pod my-cluster-controller-1, claim data-0-my-cluster-controller-1 still exist',
    ],
    [
      'whose migration has just started, with a new pool',
      { kafka: { annotation: 'migration' }, leftovers: FRESH },
      'under-way',
      'safe',
      'nothing is left of an earlier one',
    ],
    [
      'whose migration has just started, on claims that were kept',
      { kafka: { annotation: 'migration' }, leftovers: REUSED },
      'on-stale-metadata',
      'unsafe',
      'older than its pool',
    ],
    [
      'set to migration, with a pool whose claims do not exist yet',
      { kafka: { annotation: 'migration' }, leftovers: { ...NO_LEFTOVERS, pools: [POOL] } },
      'first-copy',
      'safe',
      'nothing is left',
    ],
    [
      'set to migration, with a claim that was kept, and without a pool',
      { kafka: { annotation: 'migration' }, leftovers: CLAIM },
      'loses-since-rollback',
      'unsafe',
      'claim data-0-my-cluster-controller-1 still exists',
    ],
    [
      'whose migration began in the millisecond in which its pool was created',
      { kafka: MIGRATING, znodes: { migration: { ...DONE, createdAt: POOL_AT } }, leftovers: FRESH },
      'under-way',
      'safe',
      'its copy is complete',
    ],
    [
      'with two pools that are younger than /migration',
      {
        kafka: MIGRATING,
        znodes: { migration: LEFT },
        leftovers: { ...FRESH, pools: [POOL, { ...POOL, name: 'other' }] },
      },
      'skip-and-wipe',
      'unsafe',
      'older than the pool controller,',
    ],
    [
      'with two claims that were kept',
      {
        kafka: MIGRATING,
        leftovers: { ...REUSED, claims: [OF_NO_POOL, { ...OF_NO_POOL, name: 'data-0-my-cluster-controller-2' }] },
      },
      'on-stale-metadata',
      'unsafe',
      'the claim data-0-my-cluster-controller-1 is older than its pool',
    ],
    [
      'with a volume that is reserved for the next claim',
      { leftovers: { ...NO_LEFTOVERS, volumes: { known: { waiting: ['pvc-1'], released: [] } } } },
      'loses-since-rollback',
      'unsafe',
      'volume pvc-1 still exists',
    ],
    [
      'with a volume that no claim can bind',
      { leftovers: { ...NO_LEFTOVERS, volumes: { known: { waiting: [], released: ['pvc-1'] } } } },
      'first-copy',
      'safe',
      'nothing is left',
    ],
    [
      'whose volumes cannot be listed',
      { leftovers: { ...NO_LEFTOVERS, volumes: { unknown: 'no right to list persistentvolumes' } } },
      'unknown',
      'unknown',
      'cannot tell whether a volume is reserved for one: no right to list persistentvolumes',
    ],
    [
      'dual-writing',
      {
        kafka: { state: 'KRaftDualWriting', annotation: 'rollback' },
        znodes: { migration: DONE, controller: OF_KRAFT },
        leftovers: FRESH,
      },
      'under-way',
      'safe',
      'the rollback continues',
    ],
    [
      'rolling back, its controllers gone',
      {
        kafka: { state: 'KRaftDualWriting', annotation: 'rollback' },
        znodes: { migration: DONE, controller: OF_KRAFT },
      },
      'under-way',
      'safe',
      'the rollback continues',
    ],
    [
      'at the end of its rollback',
      { kafka: { state: 'KRaftDualWriting' }, znodes: { migration: DONE } },
      'unknown',
      'unknown',
      'run inspect again when the state is ZooKeeper',
    ],
    [
      'in post-migration',
      {
        kafka: MIGRATED,
        znodes: { migration: DONE, controller: OF_KRAFT },
        leftovers: FRESH,
      },
      'under-way',
      'safe',
      'finalise it or roll it back',
    ],
    [
      'in post-migration on old volumes: the silent loss of 0.45.0',
      {
        kafka: MIGRATED,
        znodes: { migration: LEFT, controller: OF_KRAFT },
        leftovers: REUSED,
      },
      'on-stale-metadata',
      'unsafe',
      'older than its pool controller',
    ],
    [
      'in post-migration on old volumes: the silent loss of 0.45.1',
      {
        kafka: MIGRATED,
        znodes: { migration: BEGUN, controller: undefined },
        leftovers: REUSED,
      },
      'on-stale-metadata',
      'unsafe',
      'older than its pool controller',
    ],
    [
      'in post-migration with a broker as the controller',
      { kafka: MIGRATED, znodes: { migration: BEGUN }, leftovers: FRESH },
      'on-stale-metadata',
      'unsafe',
      '/controller belongs to broker 0',
    ],
    [
      'in post-migration without a copy',
      {
        kafka: MIGRATED,
        znodes: { migration: BEGUN, controller: OF_KRAFT },
        leftovers: FRESH,
      },
      'on-stale-metadata',
      'unsafe',
      '/migration does not say that the copy is complete',
    ],
    [
      'wiped',
      { kafka: MIGRATING, znodes: { migration: LEFT, controller: OF_KRAFT, topics: 0 }, leftovers: FRESH },
      'wiped',
      'unsafe',
      'ZooKeeper has no topics any more',
    ],
    [
      'that will be wiped when the epoch is high enough',
      {
        kafka: MIGRATING,
        znodes: { migration: { ...LEFT, kraft_metadata_epoch: 4 }, controller: OF_KRAFT },
        leftovers: FRESH,
      },
      'skip-and-wipe',
      'unsafe',
      'as soon as their epoch is 4 or higher',
    ],
    [
      'migrating',
      { kafka: MIGRATING, znodes: { migration: BEGUN, controller: OF_KRAFT }, leftovers: FRESH },
      'under-way',
      'safe',
      'its controllers copy the metadata',
    ],
    [
      'migrating, with a complete copy',
      { kafka: MIGRATING, znodes: { migration: DONE, controller: OF_KRAFT }, leftovers: FRESH },
      'under-way',
      'safe',
      'its copy is complete',
    ],
    [
      'migrating on old volumes',
      { kafka: MIGRATING, znodes: { migration: BEGUN }, leftovers: REUSED },
      'on-stale-metadata',
      'unsafe',
      'older than its pool',
    ],
    [
      'migrating, and set to disabled: the operator deletes no znodes then',
      {
        kafka: { ...MIGRATING, annotation: 'disabled' },
        znodes: { migration: BEGUN, controller: OF_KRAFT },
        leftovers: FRESH,
      },
      'no-controller',
      'unsafe',
      'leaves the brokers without a controller',
    ],
    ...(['rollback', 'enabled'] as const).map(
      (annotation) =>
        [
          `migrating, and set to ${annotation}`,
          { kafka: { ...MIGRATING, annotation }, znodes: { migration: DONE, controller: OF_KRAFT }, leftovers: FRESH },
          'unknown',
          'unknown',
          `Strimzi does not accept ${annotation} in this state: set strimzi.io/kraft back to migration`,
        ] as const,
    ),
    [
      'dual-writing, and set to enabled',
      {
        kafka: { state: 'KRaftDualWriting', annotation: 'enabled' },
        znodes: { migration: DONE, controller: OF_KRAFT },
        leftovers: FRESH,
      },
      'unknown',
      'unknown',
      'Strimzi does not accept enabled in this state',
    ],
    // Strimzi does not know the value, and never takes it for `disabled`.
    ...(['KRaftMigration', 'KRaftDualWriting'] as const).map(
      (state) =>
        [
          `in ${state}, and set to a value that Strimzi does not know`,
          {
            kafka: { state, annotation: 'kraft-now' },
            znodes: { migration: DONE, controller: OF_KRAFT },
            leftovers: FRESH,
          },
          'unknown',
          'unknown',
          'Strimzi does not accept "kraft-now" in this state: set strimzi.io/kraft back to migration',
        ] as const,
    ),
    [
      'in post-migration, and set to a value that Strimzi does not know',
      {
        kafka: { ...MIGRATED, annotation: '' },
        znodes: { migration: DONE, controller: OF_KRAFT },
        leftovers: FRESH,
      },
      'under-way',
      'safe',
      'or set rollback first (Strimzi does not accept "" in this state)',
    ],
    [
      'without a topic, whose copy these controllers have completed',
      { kafka: MIGRATING, znodes: { migration: DONE, controller: OF_KRAFT, topics: 0 }, leftovers: FRESH },
      'unknown',
      'unknown',
      'unless there never were any',
    ],
    [
      'without a topic, in KRaftMigration, with claims that cannot be listed',
      { kafka: MIGRATING, znodes: { migration: DONE, controller: OF_KRAFT, topics: 0 }, leftovers: 'unknown' },
      'wiped',
      'unsafe',
      'unless there never were any',
    ],
    [
      'that has migrated, and has no topic',
      { kafka: MIGRATED, znodes: { migration: DONE, controller: OF_KRAFT, topics: 0 }, leftovers: FRESH },
      'unknown',
      'unknown',
      'unless there never were any',
    ],
    [
      'in post-migration, and set to disabled',
      {
        kafka: { ...MIGRATED, annotation: 'disabled' },
        znodes: { migration: DONE, controller: OF_KRAFT },
        leftovers: FRESH,
      },
      'under-way',
      'safe',
      'finalise it, or set rollback first (Strimzi does not accept disabled in this state)',
    ],
    [
      'in post-migration on old volumes, and set to disabled',
      {
        kafka: { ...MIGRATED, annotation: 'disabled' },
        znodes: { migration: LEFT, controller: OF_KRAFT },
        leftovers: REUSED,
      },
      'on-stale-metadata',
      'unsafe',
      'is missing',
    ],
    [
      'at the end of its rollback, while its pool still exists',
      { kafka: { state: 'KRaftDualWriting' }, znodes: { migration: DONE }, leftovers: FRESH },
      'unknown',
      'unknown',
      'while the controller pool controller exists: delete it',
    ],
    [
      'at the end of its rollback, with claims that cannot be listed',
      { kafka: { state: 'KRaftDualWriting' }, znodes: { migration: DONE }, leftovers: 'unknown' },
      'unknown',
      'unknown',
      'a rollback is being completed (KRaftDualWriting, disabled): run inspect again',
    ],
    [
      'without a topic, in KRaftMigration, whose controllers started on volumes of an earlier migration',
      { kafka: MIGRATING, znodes: { migration: DONE, controller: OF_KRAFT, topics: 0 }, leftovers: REUSED },
      'wiped',
      'unsafe',
      'ZooKeeper has no topics any more',
    ],
    [
      'without a topic, in KRaftMigration, before its copy',
      { kafka: MIGRATING, znodes: { migration: BEGUN, controller: OF_KRAFT, topics: 0 }, leftovers: FRESH },
      'under-way',
      'safe',
      'its controllers copy the metadata',
    ],
    [
      'dual-writing, and set to migration',
      {
        kafka: { state: 'KRaftDualWriting', annotation: 'migration' },
        znodes: { migration: DONE, controller: OF_KRAFT },
        leftovers: FRESH,
      },
      'under-way',
      'safe',
      'a migration is under way (KRaftDualWriting) and its copy is complete: finalise it or roll it back',
    ],
    [
      'in post-migration, and set to enabled',
      {
        kafka: { ...MIGRATED, annotation: 'enabled' },
        znodes: { migration: DONE, controller: OF_KRAFT },
        leftovers: FRESH,
      },
      'under-way',
      'safe',
      'its copy is complete: finalise it or roll it back',
    ],
    [
      'in post-migration with a /migration that is older than its pool, on new volumes',
      { kafka: MIGRATED, znodes: { migration: LEFT, controller: OF_KRAFT }, leftovers: FRESH },
      'on-stale-metadata',
      'unsafe',
      '/migration (offset 566) is older than the pool controller',
    ],
    [
      'in post-migration without a controller',
      { kafka: MIGRATED, znodes: { migration: DONE, controller: undefined }, leftovers: FRESH },
      'under-way',
      'safe',
      'finalise it or roll it back',
    ],
    [
      'without a topic, in KRaftMigration, with claims that cannot be listed, in this state',
      { kafka: MIGRATING, znodes: { migration: DONE, topics: 0 }, leftovers: 'unknown' },
      'wiped',
      'unsafe',
      'the state is KRaftMigration, /migration says',
    ],
    [
      'migrating on a volume that was bound again',
      {
        kafka: MIGRATING,
        znodes: { migration: BEGUN },
        leftovers: { ...FRESH, claims: [{ ...OF_NO_POOL, createdAt: POOL_AT, earlierVolume: 'pvc-1' }] },
      },
      'on-stale-metadata',
      'unsafe',
      'is bound to pvc-1, which was created for an earlier claim',
    ],
    [
      'migrating without a pool',
      { kafka: MIGRATING, znodes: { migration: BEGUN } },
      'unknown',
      'unknown',
      'no controller pool',
    ],
    [
      'migrating, with claims that cannot be listed',
      { kafka: MIGRATING, znodes: { migration: DONE, controller: OF_KRAFT }, leftovers: 'unknown' },
      'unknown',
      'unknown',
      'no right to list claims',
    ],
    [
      'that has migrated, with claims that cannot be listed',
      { kafka: MIGRATED, znodes: { migration: DONE, controller: OF_KRAFT }, leftovers: 'unknown' },
      'unknown',
      'unknown',
      'whether its controllers started with empty volumes',
    ],
    [
      'that has migrated, and whose controller pool is gone',
      { kafka: MIGRATED, znodes: { migration: DONE, controller: OF_KRAFT } },
      'unknown',
      'unknown',
      'no controller pool',
    ],
    [
      'rolled back half-way, with the pool gone',
      { kafka: { ...MIGRATED, annotation: 'rollback' }, znodes: { migration: DONE, controller: OF_KRAFT } },
      'under-way',
      'safe',
      'the rollback continues',
    ],
    ['finalised', { kafka: { state: 'KRaft' }, znodes: 'unknown' }, 'finalised', 'safe', 'cannot go back'],
    ['being finalised', { kafka: { state: 'PreKRaft' } }, 'finalised', 'safe', 'being finalised'],
    [
      'paused in the middle of a migration',
      { kafka: { state: undefined, paused: true }, znodes: { migration: DONE, controller: OF_KRAFT } },
      'no-controller',
      'unsafe',
      'paused',
    ],
    ['paused', { kafka: { state: undefined, paused: true } }, 'unknown', 'unknown', ': unpause it'],
    [
      'paused, and set to enabled: without a state the operator would begin in KRaft',
      { kafka: { state: undefined, paused: true, annotation: 'enabled' } },
      'unknown',
      'unknown',
      ': set strimzi.io/kraft to disabled, unpause it',
    ],
    [
      'rolled back by 0.45.0, and paused since',
      { kafka: { state: undefined, paused: true }, znodes: { migration: DONE } },
      'unknown',
      'unknown',
      'says that the copy is complete (offset 566)',
    ],
    ['whose ZooKeeper cannot be read', { znodes: 'unknown' }, 'unknown', 'unknown', 'no right to forward'],
    ['whose claims cannot be listed', { leftovers: 'unknown' }, 'unknown', 'unknown', 'no right to list claims'],
    [
      'whose claims cannot be listed, but with a leftover',
      { znodes: { migration: DONE }, leftovers: 'unknown' },
      'skip-and-wipe',
      'unsafe',
      'on volumes of earlier controllers',
    ],
    ['with only ZooKeeper seen', { kafka: 'unknown', leftovers: 'unknown' }, 'unknown', 'unknown', 'no leftover'],
    [
      'with only ZooKeeper seen, rolled back by 0.45.0',
      { kafka: 'unknown', znodes: { migration: DONE }, leftovers: 'unknown' },
      'skip-and-wipe',
      'unsafe',
      'offset 566',
    ],
    [
      'with only ZooKeeper seen, in a migration',
      { kafka: 'unknown', znodes: { migration: DONE, controller: OF_KRAFT }, leftovers: 'unknown' },
      'unknown',
      'unknown',
      'the Kafka resource says which',
    ],
    [
      'with only ZooKeeper seen, wiped',
      { kafka: 'unknown', znodes: { migration: DONE, controller: OF_KRAFT, topics: 0 }, leftovers: 'unknown' },
      'wiped',
      'unsafe',
      'unless there never were any',
    ],
    ['that does not show its state', { kafka: { state: undefined } }, 'unknown', 'unknown', 'does not show its state'],
    [
      'paused, with its state',
      { kafka: { state: 'KRaftMigration', paused: true } },
      'unknown',
      'unknown',
      'unpause it and run inspect again',
    ],
  ])('%s', (_, seen, outcome, safety, reason) => {
    const found = forecast(facts(seen));
    expect(found).toMatchObject({ outcome, safety });
    expect(found.reason).toContain(reason);
    expect(found.commands.length > 0 || found.advice !== undefined).toBe(safety === 'unsafe');
  });

  it('says no more than that nothing is left, if nothing is', () => {
    expect(forecast(facts({})).reason).toBe('nothing is left of an earlier migration: the metadata is copied');
  });

  it('does not take a ZooKeeper without topics for a wiped one if nothing was copied', () => {
    const seen = { kafka: 'unknown', leftovers: 'unknown', znodes: { topics: 0 } } as const;
    expect(forecast(facts(seen))).toMatchObject({ outcome: 'unknown', safety: 'unknown' });
  });

  it('removes what an earlier migration left while a KRaft controller still holds /controller', () => {
    const left = { ...FRESH, pods: [] };
    const found = forecast(facts({ znodes: { migration: LEFT, controller: OF_KRAFT }, leftovers: left }));
    expect(found).toMatchObject({ outcome: 'no-controller', safety: 'unsafe' });
    expect(found.reason).toContain('/controller still belongs to KRaft controller 1');
    const commands = found.commands.join('\n');
    expect(commands).toContain(CLAIM_NAME);
    expect(commands).toMatch(/\/controller\b/);
    expect(commands).toMatch(/\/migration\b/);
    const without = forecast(facts({ znodes: { controller: OF_KRAFT } })).commands.join('\n');
    expect(without).toMatch(/\/controller\b/);
    expect(without).not.toMatch(/\/migration\b/);
  });

  it('does not depend on the version of the operator', () => {
    for (const seen of [{}, { znodes: { migration: DONE } }, { leftovers: CLAIM }]) {
      const outcomes = ['0.40.0', '0.45.0', '0.45.2', undefined].map(
        (operatorVersion) => forecast(facts({ ...seen, kafka: { operatorVersion } })).outcome,
      );
      expect(new Set(outcomes).size).toBe(1);
    }
  });

  it.each([
    ['KRaftMigration', 'migration', 'will be missing', 'delete the controller pool and its claims immediately'],
    ['KRaftDualWriting', 'migration', 'will be missing', 'Set strimzi.io/kraft to rollback immediately'],
    ['KRaftPostMigration', 'migration', 'is missing', 'Do not finalise'],
  ] as const)('on the volumes of an earlier migration, in %s: its advice', (state, annotation, reason, advice) => {
    const znodes = { migration: LEFT, controller: OF_KRAFT };
    const found = forecast(facts({ kafka: { state, annotation }, znodes, leftovers: REUSED }));
    expect(found.outcome).toBe('on-stale-metadata');
    expect(found.reason).toContain(reason);
    expect(found.advice).toContain(advice);
  });

  it('prints no command that deletes something where topics may be lost, or in the middle of a migration', () => {
    for (const seen of [
      { znodes: { migration: DONE, controller: OF_KRAFT, topics: 0 }, leftovers: CLAIM },
      { kafka: { annotation: 'migration' }, znodes: { migration: DONE, controller: OF_KRAFT }, leftovers: FRESH },
    ] as const) {
      expect(forecast(facts(seen)).commands).toEqual([]);
    }
  });

  it('prints the deletion of a claim as a comment if its pool no longer exists: it may have been a broker pool', () => {
    const { commands } = forecast(facts({ leftovers: CLAIM }));
    expect(commands).toEqual([
      '# only if controller, a pool that no longer exists, was a controller pool (claims of brokers hold records): kubectl --context lab -n kafka delete pvc data-0-my-cluster-controller-1',
    ]);
  });

  it('prints the deletion of a volume in a file as a comment: it may belong to a cluster whose name begins with the same text', () => {
    const leftovers = { ...NO_LEFTOVERS, volumes: { known: { waiting: ['pvc-1'], released: [] } } };
    expect(forecast({ ...facts({ leftovers }), readBy: 'kubectl' }).commands).toEqual([
      '# only if its claimRef names a claim of my-cluster and of no other cluster: kubectl --context lab delete pv pvc-1',
    ]);
  });

  it('prints the commands that make it safe, volumes before the znode', () => {
    const volumes = { known: { waiting: ['pvc-1'], released: ['pvc-2'] } };
    const leftovers = { ...CLAIM, pools: [POOL], volumes };
    expect(forecast(facts({ znodes: { migration: DONE }, leftovers })).commands).toEqual([
      'kubectl --context lab -n kafka delete kafkanodepool controller',
      'kubectl --context lab -n kafka delete pvc data-0-my-cluster-controller-1',
      'kubectl --context lab delete pv pvc-1',
      'kubectl --context lab -n kafka exec my-cluster-zookeeper-0 -- /opt/kafka/bin/zookeeper-shell.sh 127.0.0.1:12181 delete /migration',
    ]);
  });
});
