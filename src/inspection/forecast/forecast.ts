import { DUAL_WRITING_AND_LATER, ZOOKEEPER_RETIRED } from '../../strimzi/migration-state.js';
import type { ClusterFacts, KafkaFacts, Znodes } from '../facts.js';
import { knownValue } from '../known.js';
import { blockedByBlank, unlessBlank } from './blank-migration.js';
import { type Forecast, safe, unknown } from './outcome.js';
import { paused } from './paused.js';
import { byZooKeeperOnly, notMigrating } from './state-zookeeper.js';
import { copied, migrating } from './under-way.js';

/**
 * Says what a migration that is started now would do to a cluster. It judges the znodes and the objects of controllers,
 * never the version of the operator: a leftover of one version outlives the upgrade to another (docs/behaviour.md).
 */
export function forecast(facts: ClusterFacts): Forecast {
  const kafka = knownValue(facts.kafka);
  if (kafka !== undefined && ZOOKEEPER_RETIRED.has(kafka.state)) {
    return safe(
      'finalised',
      kafka.state === 'KRaft'
        ? 'the cluster runs in KRaft mode and cannot go back'
        : 'the migration is being finalised',
    );
  }
  if ('unknown' in facts.znodes) return unknown(`ZooKeeper could not be read: ${facts.znodes.unknown}`);
  const znodes = facts.znodes.known;
  if (kafka === undefined) return unlessBlank(facts, znodes, byZooKeeperOnly(facts, znodes));
  const { state } = kafka;
  if (kafka.paused) return paused(kafka, znodes);
  if (state === 'ZooKeeper' && !isBeginning(facts, kafka, znodes)) {
    return unlessBlank(facts, znodes, notMigrating(facts, kafka, znodes));
  }
  if (state === undefined) return unknown('the Kafka resource does not show its state');
  if (DUAL_WRITING_AND_LATER.has(state)) return copied(facts, { ...kafka, state }, znodes);
  return blockedByBlank(facts, znodes) ?? migrating(facts, { ...kafka, state }, znodes);
}

/**
 * The annotation and the pool exist, and the reconciliation that writes the next state has already created claims.
 * Controllers of this migration cannot hold /controller yet: they wait for brokers in migration mode, which run only in
 * KRaftMigration.
 */
function isBeginning({ leftovers }: ClusterFacts, { annotation }: KafkaFacts, { controller }: Znodes): boolean {
  const known = knownValue(leftovers);
  if (annotation !== 'migration' || controller?.owner === 'kraft-controller') return false;
  return known !== undefined && known.pools.length > 0 && known.claims.length > 0;
}
