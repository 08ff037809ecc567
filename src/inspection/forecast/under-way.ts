import { type KafkaMetadataState, kraftAnnotationText } from '../../strimzi/migration-state.js';
import type { ClusterFacts, ControllerLeftovers, KafkaFacts, Znodes } from '../facts.js';
import { knownValue, unknownReason } from '../known.js';
import { epochsBeforeRollback } from './epochs.js';
import { GIVE_UP, onStaleMetadata, wiped, wipedUnlessEmpty } from './losses.js';
import { describeOldMigration, describeStaleClaim, isCopied } from './old-copies.js';
import { type Forecast, safe, unknown, unsafe } from './outcome.js';

const STOP_CONTROLLERS = `Stop the producers and delete the controller pool immediately: its controllers delete the topics. ${GIVE_UP}`;
/** The only way out of KRaftMigration that cleans up goes through it (docs/behaviour.md, G1 and W4). */
const COMPLETE_IT_FIRST =
  'set strimzi.io/kraft back to migration, wait for KRaftPostMigration, and roll back from there if you want to roll back';

/** A Kafka resource that shows its state. */
type KafkaInState = KafkaFacts & { readonly state: KafkaMetadataState };

/** KRaftDualWriting and KRaftPostMigration: a KRaft controller must be the active controller, and its copy complete. */
export function copied(facts: ClusterFacts, { state, annotation }: KafkaInState, znodes: Znodes): Forecast {
  const { migration, controller, topics } = znodes;
  const leftovers = knownValue(facts.leftovers);
  const epochs = epochsBeforeRollback(facts, znodes);
  if (annotation === 'disabled' && state === 'KRaftDualWriting') return epochs ?? rollbackEnding(state, leftovers);
  const stale = describeStaleClaim(leftovers) ?? describeOldMigration(leftovers, migration);
  if (stale !== undefined) return onStaleMetadata(state, stale);
  if (controller?.owner === 'broker') return onStaleMetadata(state, `/controller belongs to broker ${controller.id}`);
  if (!isCopied(migration)) return onStaleMetadata(state, '/migration does not say that the copy is complete');
  if (leftovers === undefined) return controllersUnseen(facts, state);
  if (topics === 0) return withoutTopics(state);
  // Who finalises does not roll back.
  if (epochs !== undefined && annotation !== 'enabled') return epochs;
  if (annotation === 'rollback') {
    return safe('under-way', `a migration is under way (${state}) and its copy is complete: the rollback continues`);
  }
  if (leftovers.pools.length === 0) return withoutPool(state);
  if (annotation !== 'migration' && state === 'KRaftDualWriting') return notAccepted(state, annotation);
  const next =
    annotation === 'migration' || annotation === 'enabled'
      ? 'finalise it or roll it back'
      : `finalise it, or set rollback first (Strimzi does not accept ${kraftAnnotationText(annotation)} in this state)`;
  return safe('under-way', `a migration is under way (${state}) and its copy is complete: ${next}`);
}

/** KRaftDualWriting and `disabled`. */
function rollbackEnding(state: KafkaMetadataState, leftovers: ControllerLeftovers | undefined): Forecast {
  const [pool] = leftovers?.pools ?? [];
  return unknown(
    pool === undefined
      ? `a rollback is being completed (${state}, disabled): run inspect again when the state is ZooKeeper`
      : `a rollback cannot be completed (${state}, disabled) while the controller pool ${pool.name} exists: delete it, and run inspect again when the state is ZooKeeper`,
  );
}

/** KRaftMigration, and ZooKeeper just before it: controllers run, or are about to start. */
export function migrating(
  facts: ClusterFacts,
  { state, annotation }: KafkaInState,
  { migration, topics }: Znodes,
): Forecast {
  const leftovers = knownValue(facts.leftovers);
  const stale = describeStaleClaim(leftovers);
  const left = describeOldMigration(leftovers, migration);
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
      `a migration is under way (${state}), and ${left}: the controllers skip the copy, and delete every topic from ZooKeeper as soon as their epoch is ${migration?.kraft_metadata_epoch} or higher`,
      STOP_CONTROLLERS,
    );
  }
  if (leftovers.pools.length === 0) return withoutPool(state);
  if (annotation === 'disabled') {
    return unsafe(
      'no-controller',
      `a migration is under way (${state}), and strimzi.io/kraft is disabled: when the controller pool is deleted, the operator accepts that, deletes no znode, and leaves the brokers without a controller`,
      `Keep the controller pool: ${COMPLETE_IT_FIRST}.`,
    );
  }
  if (annotation !== 'migration') return notAccepted(state, annotation);
  return safe(
    'under-way',
    isCopied(migration)
      ? `a migration is under way (${state}) and its copy is complete`
      : `a migration is under way (${state}): nothing is left of an earlier one, and its controllers copy the metadata`,
  );
}

/** A copy is complete, and there are no topics: there never were any, or they are lost. */
function withoutTopics(state: KafkaMetadataState): Forecast {
  return unknown(
    `the state is ${state}, /migration says that the copy is complete, and ZooKeeper has no topics: unless there never were any, they have been deleted`,
  );
}

function notAccepted(state: KafkaMetadataState, annotation: string): Forecast {
  return unknown(
    `a migration is under way (${state}), and Strimzi does not accept ${kraftAnnotationText(annotation)} in this state: ${COMPLETE_IT_FIRST}`,
  );
}

function controllersUnseen({ leftovers }: ClusterFacts, state: KafkaMetadataState): Forecast {
  return unknown(
    `a migration is under way (${state}); cannot tell whether its controllers started with empty volumes: ${unknownReason(leftovers)}`,
  );
}

function withoutPool(state: KafkaMetadataState): Forecast {
  return unknown(`a migration is under way (${state}), but there is no controller pool to carry it out`);
}
