import { describe, expect, it } from '@jest/globals';
import type { ClusterFacts, ControllerRemains, KafkaResource, Znodes } from '../../../src/inspection/facts.js';
import { forecast, type Outcome } from '../../../src/inspection/forecast.js';
import { FACTS, KAFKA, ZNODES } from './facts.js';

const NOTHING: ControllerRemains = { pools: [], pods: [], claims: [], volumes: [] };
const CLAIM: ControllerRemains = { ...NOTHING, claims: ['data-0-my-cluster-controller-1'] };
const DONE = {
  version: 0,
  kraft_controller_id: 1,
  kraft_controller_epoch: 1,
  kraft_metadata_offset: 566,
  kraft_metadata_epoch: 1,
};
const BEGUN = { ...DONE, kraft_metadata_offset: -1 };
const OF_KRAFT = { id: 1, owner: 'kraft-controller' } as const;

interface Seen {
  readonly kafka?: Partial<KafkaResource> | 'unknown';
  readonly znodes?: Partial<Znodes> | 'unknown';
  readonly remains?: ControllerRemains | 'unknown';
}

function facts({ kafka = {}, znodes = {}, remains = NOTHING }: Seen): ClusterFacts {
  return {
    ...FACTS,
    kafka: kafka === 'unknown' ? { unknown: 'no context' } : { known: { ...KAFKA, ...kafka } },
    znodes: znodes === 'unknown' ? { unknown: 'no right to forward' } : { known: { ...ZNODES, ...znodes } },
    remains: remains === 'unknown' ? { unknown: 'no right to list claims' } : { known: remains },
  };
}

describe('what would become of a cluster', () => {
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
      { znodes: { migration: DONE }, remains: CLAIM },
      'loses-since-rollback',
      'unsafe',
      'undo what was made since',
    ],
    [
      'rolled back by 0.45.1, claims kept',
      { remains: CLAIM },
      'loses-since-rollback',
      'unsafe',
      'claim data-0-my-cluster-controller-1 is left',
    ],
    ['with a /migration that tells of no copy', { znodes: { migration: BEGUN } }, 'first-copy', 'safe', 'nothing'],
    [
      'set to disabled in the middle of a migration',
      { znodes: { migration: DONE, controller: OF_KRAFT } },
      'no-controller',
      'unsafe',
      '/controller is still that of KRaft controller 1',
    ],
    ['without a controller', { znodes: { controller: undefined } }, 'unknown', 'unknown', '/controller is absent'],
    [
      'dual-writing',
      {
        kafka: { state: 'KRaftDualWriting', annotation: 'rollback' },
        znodes: { migration: DONE, controller: OF_KRAFT },
      },
      'under-way',
      'safe',
      'the rollback goes on',
    ],
    [
      'in post-migration',
      { kafka: { state: 'KRaftPostMigration' }, znodes: { migration: DONE, controller: OF_KRAFT }, remains: CLAIM },
      'under-way',
      'safe',
      'finalise it or roll it back',
    ],
    [
      'in post-migration on old volumes: the silent loss of 0.45.1',
      { kafka: { state: 'KRaftPostMigration' }, znodes: { migration: BEGUN }, remains: CLAIM },
      'on-stale-metadata',
      'unsafe',
      '/controller belongs to broker 0',
    ],
    [
      'in post-migration without a copy',
      { kafka: { state: 'KRaftPostMigration' }, znodes: { migration: BEGUN, controller: OF_KRAFT } },
      'on-stale-metadata',
      'unsafe',
      '/migration tells of no copy',
    ],
    [
      'wiped',
      { kafka: { state: 'KRaftMigration' }, znodes: { migration: DONE, controller: OF_KRAFT, topics: 0 } },
      'wiped',
      'unsafe',
      'ZooKeeper has no topics any more',
    ],
    [
      'migrating',
      { kafka: { state: 'KRaftMigration' }, znodes: { migration: BEGUN, controller: OF_KRAFT } },
      'unknown',
      'unknown',
      'look again',
    ],
    ['finalised', { kafka: { state: 'KRaft' }, znodes: 'unknown' }, 'finalised', 'safe', 'for good'],
    ['being finalised', { kafka: { state: 'PreKRaft' } }, 'finalised', 'safe', 'being finalised'],
    [
      'paused in the middle of a migration',
      { kafka: { state: undefined, paused: true }, znodes: { migration: DONE, controller: OF_KRAFT } },
      'no-controller',
      'unsafe',
      'paused',
    ],
    ['paused', { kafka: { state: undefined, paused: true } }, 'unknown', 'unknown', 'unpause it'],
    ['whose ZooKeeper can’t be read', { znodes: 'unknown' }, 'unknown', 'unknown', 'no right to forward'],
    ['whose claims can’t be listed', { remains: 'unknown' }, 'unknown', 'unknown', 'no right to list claims'],
    [
      'whose claims can’t be listed, with a leftover all the same',
      { znodes: { migration: DONE }, remains: 'unknown' },
      'skip-and-wipe',
      'unsafe',
      'with volumes of the old ones',
    ],
    ['seen by ZooKeeper alone', { kafka: 'unknown', remains: 'unknown' }, 'unknown', 'unknown', 'no leftover'],
  ])('%s', (_, seen, outcome, safety, reason) => {
    const found = forecast(facts(seen));
    expect(found).toMatchObject({ outcome, safety });
    expect(found.reason).toContain(reason);
    expect(found.commands.length > 0).toBe(safety === 'unsafe');
  });

  it('does not look at the operator’s version', () => {
    for (const seen of [{}, { znodes: { migration: DONE } }, { remains: CLAIM }]) {
      const outcomes = ['0.40.0', '0.45.0', '0.45.2', undefined].map(
        (operatorVersion) => forecast(facts({ ...seen, kafka: { operatorVersion } })).outcome,
      );
      expect(new Set(outcomes).size).toBe(1);
    }
  });

  it('names the commands that make it safe, volumes before the znode', () => {
    const remains = { ...CLAIM, pools: ['controller'], volumes: ['pvc-1'] };
    expect(forecast(facts({ znodes: { migration: DONE }, remains })).commands).toEqual([
      'kubectl -n kafka delete kafkanodepool controller',
      'kubectl -n kafka delete pvc data-0-my-cluster-controller-1',
      'kubectl delete pv pvc-1',
      'kubectl -n kafka exec my-cluster-zookeeper-0 -- bin/zookeeper-shell.sh localhost:12181 delete /migration',
    ]);
  });
});
