import { describe, expect, it } from '@jest/globals';
import type { ClusterFacts, KafkaFacts } from '../../../../src/inspection/facts.js';
import { forecast } from '../../../../src/inspection/forecast/forecast.js';
import { FACTS, KAFKA, NO_LEFTOVERS, ZNODES } from '../facts.js';

/** A migration under way whose copy is complete. */
function facts(
  epochs: { readonly quorum: number; readonly zookeeper: number | undefined },
  kafka: Partial<KafkaFacts>,
) {
  const at = Date.parse('2026-11-20T08:00:00Z');
  return {
    ...FACTS,
    kafka: { known: { ...KAFKA, ...kafka } },
    znodes: {
      known: {
        ...ZNODES,
        migration: {
          version: 0,
          kraft_controller_id: 3,
          kraft_controller_epoch: epochs.quorum,
          kraft_metadata_offset: 8123,
          kraft_metadata_epoch: epochs.quorum,
          createdAt: at + 60_000,
        },
        controller: { id: 3, owner: 'kraft-controller' },
        controllerEpoch: epochs.zookeeper,
      },
    },
    leftovers: {
      known: {
        ...NO_LEFTOVERS,
        pools: [{ name: 'controller', createdAt: at }],
        claims: [{ name: 'data-my-cluster-controller-3', pool: 'controller', createdAt: at + 10_000 }],
      },
    },
  } satisfies ClusterFacts;
}

const POST_MIGRATION = { state: 'KRaftPostMigration', annotation: 'migration' } as const;

describe("an epoch of the quorum above ZooKeeper's", () => {
  it('makes a rollback unsafe, with the command that raises /controller_epoch', () => {
    const found = forecast(facts({ quorum: 45, zookeeper: 4 }, POST_MIGRATION));
    expect(found).toMatchObject({ outcome: 'under-way', safety: 'unsafe', commands: [] });
    expect(found.reason).toMatch(/^a rollback is not safe: .* 45, is above \/controller_epoch, 4; .*KAFKA-20488/);
    expect(found.advice).toMatch(
      /before you set strimzi.io\/kraft to disabled: kubectl .* set \/controller_epoch 1045$/,
    );
  });

  it.each([
    [{ state: 'KRaftDualWriting', annotation: 'rollback' }, 'unsafe'],
    [{ state: 'KRaftDualWriting', annotation: 'disabled' }, 'unsafe'],
    // Who finalises does not roll back.
    [{ state: 'KRaftPostMigration', annotation: 'enabled' }, 'safe'],
  ] as const)('%j: %s', (kafka, safety) => {
    expect(forecast(facts({ quorum: 45, zookeeper: 4 }, kafka)).safety).toBe(safety);
  });

  it.each([
    [4, 4],
    [1, 3],
    [45, undefined],
    [45, Number.NaN],
  ])('is none of this: quorum %p, ZooKeeper %p', (quorum, zookeeper) => {
    expect(forecast(facts({ quorum, zookeeper }, POST_MIGRATION)).safety).toBe('safe');
  });
});
