import { DUAL_WRITING_AND_LATER, ZOOKEEPER_RETIRED } from '../../strimzi/migration-state.js';
import type { ClusterFacts, KafkaFacts, Znodes } from '../facts.js';
import { knownValue } from '../known.js';
import { type Forecast, safe, unknown } from './outcome.js';
import { paused } from './paused.js';
import { byZooKeeperAlone, notMigrating } from './state-zookeeper.js';
import { copied, migrating } from './under-way.js';

/**
 * Says what would become of a cluster. It is judged by its znodes, and by what there is of controllers, never by the version
 * of its operator: the leftover of one version outlives the upgrade to another (docs/behaviour.md).
 */
export function forecast(facts: ClusterFacts): Forecast {
  const kafka = knownValue(facts.kafka);
  if (kafka !== undefined && ZOOKEEPER_RETIRED.has(kafka.state)) {
    return safe(
      'finalised',
      kafka.state === 'KRaft' ? 'the cluster runs in KRaft mode, for good' : 'the migration is being finalised',
    );
  }
  if ('unknown' in facts.znodes) return unknown(`ZooKeeper could not be read: ${facts.znodes.unknown}`);
  const znodes = facts.znodes.known;
  if (kafka === undefined) return byZooKeeperAlone(facts, znodes);
  const { state } = kafka;
  if (kafka.paused) return paused(kafka, znodes);
  if (state === 'ZooKeeper') {
    return isBeginning(facts, kafka, znodes)
      ? migrating(facts, { ...kafka, state }, znodes)
      : notMigrating(facts, kafka, znodes);
  }
  if (state === undefined) return unknown('the Kafka resource does not tell its state');
  if (DUAL_WRITING_AND_LATER.has(state)) return copied(facts, { ...kafka, state }, znodes);
  return migrating(facts, { ...kafka, state }, znodes);
}

/**
 * The annotation and the pool are there, and the pass that writes the next state has made claims already. Controllers of this
 * migration can't hold /controller yet: brokers run in migration mode in KRaftMigration only, and they wait for that.
 */
function isBeginning({ leftovers }: ClusterFacts, { annotation }: KafkaFacts, { controller }: Znodes): boolean {
  const known = knownValue(leftovers);
  if (annotation !== 'migration' || controller?.owner === 'kraft-controller') return false;
  return known !== undefined && known.pools.length > 0 && known.claims.length > 0;
}
