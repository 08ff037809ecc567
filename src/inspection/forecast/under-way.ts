import type { KafkaMetadataState, KraftAnnotation } from '../../strimzi/migration-state.js';
import type { ClusterFacts, ControllerLeftovers, KafkaFacts, Znodes } from '../facts.js';
import { knownValue, unknownReason } from '../known.js';
import { GIVE_UP, onStaleMetadata, wiped, wipedUnlessEmpty } from './losses.js';
import { isCopied, leftMigration, staleClaims } from './old-copies.js';
import { type Forecast, safe, unknown, unsafe } from './outcome.js';

const STOP_CONTROLLERS = `Stop the producers and delete the controller pool at once: its controllers do the deleting. ${GIVE_UP}`;
/** The only way out of KRaftMigration that cleans up goes through it (docs/behaviour.md, G1 and W4). */
const GO_ON_FIRST =
  'set it back to migration, wait for KRaftPostMigration, and roll back from there if that is what you want';

/** A Kafka resource that tells its state. */
type KafkaInState = KafkaFacts & { readonly state: KafkaMetadataState };

/** KRaftDualWriting and KRaftPostMigration: a KRaft controller must be in charge, and have copied. */
export function copied(facts: ClusterFacts, { state, annotation }: KafkaInState, znodes: Znodes): Forecast {
  const { migration, controller, topics } = znodes;
  const leftovers = knownValue(facts.leftovers);
  if (annotation === 'disabled' && state === 'KRaftDualWriting') return rollbackEnding(state, leftovers);
  const stale = staleClaims(leftovers) ?? leftMigration(leftovers, migration);
  if (stale !== undefined) return onStaleMetadata(state, stale);
  if (controller?.owner === 'broker') return onStaleMetadata(state, `/controller belongs to broker ${controller.id}`);
  if (!isCopied(migration)) return onStaleMetadata(state, '/migration tells of no copy that is done');
  if (leftovers === undefined) return controllersUnseen(facts, state);
  if (topics === 0) return withoutTopics(state);
  if (annotation === 'rollback') {
    return safe('under-way', `a migration is under way (${state}) and its copy is done: the rollback goes on`);
  }
  if (leftovers.pools.length === 0) return withoutPool(state);
  if (annotation === 'enabled' && state === 'KRaftDualWriting') return notAccepted(state, annotation);
  const next =
    annotation === 'disabled'
      ? 'disabled is not accepted here: finalise it, or set rollback first'
      : 'finalise it or roll it back';
  return safe('under-way', `a migration is under way (${state}) and its copy is done: ${next}`);
}

/** KRaftDualWriting and `disabled`. */
function rollbackEnding(state: KafkaMetadataState, leftovers: ControllerLeftovers | undefined): Forecast {
  const [pool] = leftovers?.pools ?? [];
  return unknown(
    pool === undefined
      ? `a rollback is being completed (${state}, disabled): look again once the state is ZooKeeper`
      : `a rollback can't be completed (${state}, disabled) as long as there is the controller pool ${pool.name}: delete it, and look again once the state is ZooKeeper`,
  );
}

/** KRaftMigration, and ZooKeeper just before it: controllers are there, or will be at once. */
export function migrating(
  facts: ClusterFacts,
  { state, annotation }: KafkaInState,
  { migration, topics }: Znodes,
): Forecast {
  const leftovers = knownValue(facts.leftovers);
  const stale = staleClaims(leftovers);
  const left = leftMigration(leftovers, migration);
  if (isCopied(migration) && topics === 0) {
    if (leftovers === undefined) return wipedUnlessEmpty(`the state is ${state}, `);
    if (stale === undefined && left === undefined) return withoutTopics(state);
    return wiped(state);
  }
  if (leftovers === undefined) return controllersUnseen(facts, state);
  if (stale !== undefined) return onStaleMetadata(state, stale);
  if (left !== undefined) {
    return unsafe(
      'skip-and-wipe',
      `a migration is under way (${state}), and ${left}: the controllers skip the copy, and delete every topic from ZooKeeper as soon as their epoch is not below ${migration?.kraft_metadata_epoch}`,
      STOP_CONTROLLERS,
    );
  }
  if (leftovers.pools.length === 0) return withoutPool(state);
  if (annotation === 'disabled') {
    return unsafe(
      'no-controller',
      `a migration is under way (${state}), and strimzi.io/kraft is disabled: the operator takes that once the controller pool is gone, deletes no znode, and leaves the brokers without a controller`,
      `Keep the controller pool: ${GO_ON_FIRST}.`,
    );
  }
  if (annotation !== 'migration') return notAccepted(state, annotation);
  return safe(
    'under-way',
    isCopied(migration)
      ? `a migration is under way (${state}) and its copy is done`
      : `a migration is under way (${state}): nothing is left of an earlier one, and its controllers copy the metadata`,
  );
}

/** A copy is done, and there is nothing: an empty cluster, or one that is not any more. */
function withoutTopics(state: KafkaMetadataState): Forecast {
  return unknown(
    `the state is ${state}, /migration tells of a copy that is done, and ZooKeeper has no topics: unless there never were any, they have been deleted`,
  );
}

function notAccepted(state: KafkaMetadataState, annotation: KraftAnnotation): Forecast {
  return unknown(`a migration is under way (${state}), and ${annotation} is not accepted in it: ${GO_ON_FIRST}`);
}

function controllersUnseen({ leftovers }: ClusterFacts, state: KafkaMetadataState): Forecast {
  return unknown(
    `a migration is under way (${state}), and whether its controllers started empty can't be told: ${unknownReason(leftovers)}`,
  );
}

function withoutPool(state: KafkaMetadataState): Forecast {
  return unknown(`a migration is under way (${state}), but there is no controller pool that carries it out`);
}
