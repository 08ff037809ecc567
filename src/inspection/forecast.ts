import { type KafkaMetadataState, ZOOKEEPER_RETIRED } from '../cluster/migration-state.js';
import { copyIsDone } from '../witness/migration-znode.js';
import type { ClusterFacts, ControllerRemains, KafkaResource, MigrationSeen, Znodes } from './facts.js';
import { whatIsKnown, whyUnknown } from './known.js';
import { isReused, leftBehind } from './remains.js';
import { deleteMigrationZnode, deleteRemains, deleteZnode } from './remedies.js';

/** What a migration that is started now would do, or where the cluster stands that is in one. */
export type Outcome =
  | 'first-copy'
  | 'skip-and-wipe'
  | 'loses-since-rollback'
  | 'no-controller'
  | 'under-way'
  | 'on-stale-metadata'
  | 'wiped'
  | 'finalised'
  | 'unknown';

export interface Forecast {
  readonly outcome: Outcome;
  readonly safety: 'safe' | 'unsafe' | 'unknown';
  /** One sentence: why. */
  readonly reason: string;
  /** Shell commands that make a migration safe, in order, while the state is ZooKeeper. */
  readonly commands: readonly string[];
  /** What to do where no command mends it. */
  readonly advice: string | undefined;
}

const COPIED: ReadonlySet<KafkaMetadataState> = new Set<KafkaMetadataState>(['KRaftDualWriting', 'KRaftPostMigration']);

const KEEP_VOLUMES =
  'Stop the producers, keep every volume, and do not restart brokers: their partitions still lie on their volumes.';
/** They do the deleting. `rollback` is not accepted in KRaftMigration, `disabled` is (docs/behaviour.md, W4 and G1). */
const STOP_CONTROLLERS =
  'Stop the producers and delete the controller pool at once: its controllers do the deleting. Then set strimzi.io/kraft to disabled, wait for the state ZooKeeper, which may take the operator minutes, and look again.';
const DO_NOT_FINALISE =
  'Do not finalise. Compare the topics with a snapshot from before, and get help: what is missing may still lie in -stray folders.';

/**
 * Says what would become of a cluster. It is judged by its znodes, and by what there is of controllers, never by the version
 * of its operator: the leftover of one version outlives the upgrade to another (docs/behaviour.md).
 */
export function forecast(facts: ClusterFacts): Forecast {
  const kafka = whatIsKnown(facts.kafka);
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
    return isBeginning(facts, kafka) ? migrating(facts, 'ZooKeeper', znodes) : notMigrating(facts, kafka, znodes);
  }
  if (state === undefined) return unknown('the Kafka resource does not tell its state');
  return COPIED.has(state) ? copied(facts, kafka, znodes) : migrating(facts, state, znodes);
}

/** The annotation and the pool are there, and the pass that writes the next state has made claims already. */
function isBeginning({ remains }: ClusterFacts, { annotation }: KafkaResource): boolean {
  const known = whatIsKnown(remains);
  return annotation === 'migration' && known !== undefined && known.pools.length > 0 && known.claims.length > 0;
}

/** KRaftDualWriting and KRaftPostMigration: a KRaft controller must be in charge, and have copied. */
function copied(facts: ClusterFacts, { state, annotation }: KafkaResource, znodes: Znodes): Forecast {
  const { migration, controller } = znodes;
  const remains = whatIsKnown(facts.remains);
  if (annotation === 'disabled') {
    return unknown(`a rollback is being completed (${state}, disabled): look again once the state is ZooKeeper`);
  }
  const stale = staleClaims(remains) ?? leftMigration(remains, migration);
  if (stale !== undefined) return onStaleMetadata(`the state is ${state}, but ${stale}`);
  if (!isCopied(migration) || controller?.owner === 'broker') {
    const seen =
      controller?.owner === 'broker'
        ? `/controller belongs to broker ${controller.id}`
        : '/migration tells of no copy that is done';
    return onStaleMetadata(`the state is ${state}, but ${seen}`);
  }
  const next = annotation === 'rollback' ? 'the rollback goes on' : 'finalise it or roll it back';
  return safe('under-way', `a migration is under way (${state}) and its copy is done: ${next}`);
}

/** KRaftMigration, and ZooKeeper just before it: controllers are there, or will be at once. */
function migrating(facts: ClusterFacts, state: KafkaMetadataState, { migration, topics }: Znodes): Forecast {
  const remains = whatIsKnown(facts.remains);
  if (isCopied(migration) && topics === 0) {
    return unsafe(
      'wiped',
      `the state is ${state}, /migration tells of a copy that is done and ZooKeeper has no topics any more: the controllers have skipped the copy and deleted what ZooKeeper had`,
      KEEP_VOLUMES,
    );
  }
  if (remains === undefined) {
    return unknown(
      `a migration is under way (${state}), and whether its controllers started empty can't be told: ${whyUnknown(facts.remains)}`,
    );
  }
  const stale = staleClaims(remains);
  if (stale !== undefined) return onStaleMetadata(`the state is ${state}, but ${stale}`);
  const left = leftMigration(remains, migration);
  if (left !== undefined) {
    return unsafe(
      'skip-and-wipe',
      `a migration is under way (${state}), and ${left}: the controllers skip the copy, and delete every topic from ZooKeeper as soon as their epoch is not below ${migration?.kraft_metadata_epoch}`,
      STOP_CONTROLLERS,
    );
  }
  if (remains.pools.length === 0) {
    return unknown(`a migration is under way (${state}), but there is no controller pool that carries it out`);
  }
  return safe(
    'under-way',
    isCopied(migration)
      ? `a migration is under way (${state}) and its copy is done`
      : `a migration is under way (${state}): nothing is left of an earlier one, and its controllers copy the metadata`,
  );
}

/** The status has lost its state while the reconciliation is paused (docs/behaviour.md, G5). */
function paused({ state }: KafkaResource, { migration, controller }: Znodes): Forecast {
  if (state !== undefined) {
    return unknown(`the reconciliation is paused (${state}): unpause it and look again`);
  }
  if (migration === undefined && controller?.owner !== 'kraft-controller') {
    return unknown('the reconciliation is paused, and the status does not tell the state: unpause it and look again');
  }
  return unsafe(
    'no-controller',
    'the reconciliation is paused and the status has lost its state: unpaused, the operator takes the cluster for a plain ZooKeeper one in the middle of a migration',
    'Before you unpause it, write the state back that it had (a patch of the status), or get help.',
  );
}

/** State ZooKeeper: what would a migration do that is started now? */
function notMigrating(facts: ClusterFacts, { annotation }: KafkaResource, znodes: Znodes): Forecast {
  const { migration, controller } = znodes;
  const remains = whatIsKnown(facts.remains);
  if (controller?.owner === 'kraft-controller') {
    return mendable(
      'no-controller',
      `/controller is still that of KRaft controller ${controller.id}, and no broker can become controller: topics can be made or moved by nobody`,
      [
        ...deleteRemains(facts, remains),
        deleteZnode(facts, '/controller'),
        ...deleteMigrationZnode(facts, migration !== undefined),
      ],
    );
  }
  const left = remains === undefined ? '' : leftBehind(remains, annotation);
  if (isCopied(migration)) return withLeftMigration(facts, migration, left);
  if (left !== '') {
    return mendable(
      'loses-since-rollback',
      `${left}: controllers on them report the copy of an earlier migration as done, and what was made since is not migrated`,
      deleteRemains(facts, remains),
    );
  }
  if (remains === undefined) return volumesUnseen(facts);
  if ('unknown' in remains.volumes) {
    return unknown(
      `no claim of earlier controllers is left, but whether a volume waits for one can't be told: ${whyUnknown(remains.volumes)}`,
    );
  }
  if (controller === undefined) return unknown('/controller is absent: no broker is in charge at this moment');
  return safe('first-copy', 'nothing is left of an earlier migration: the metadata would be copied');
}

function withLeftMigration(facts: ClusterFacts, migration: MigrationSeen, left: string): Forecast {
  const remains = whatIsKnown(facts.remains);
  const commands = [...deleteRemains(facts, remains), ...deleteMigrationZnode(facts, true)];
  const told = `/migration tells of a copy that is done (offset ${migration.kraft_metadata_offset})`;
  if (left !== '') {
    return mendable(
      'loses-since-rollback',
      `${told}, and ${left}: controllers on them take up where they were, and undo what was made since the rollback`,
      commands,
    );
  }
  return mendable(
    'skip-and-wipe',
    `${told}: new controllers would skip the copy and delete every topic from ZooKeeper, as soon as their epoch is not below ${migration.kraft_metadata_epoch}${
      remains === undefined ? '; on volumes of the old ones, they would undo what was made since the rollback' : ''
    }`,
    commands,
  );
}

/** Nothing of Kubernetes is known, not even in which state the cluster is. */
function byZooKeeperAlone(facts: ClusterFacts, { migration, controller, topics }: Znodes): Forecast {
  if (controller?.owner === 'kraft-controller') {
    if (isCopied(migration) && topics === 0) {
      return unsafe(
        'wiped',
        `KRaft controller ${controller.id} holds /controller, /migration tells of a copy that is done, and ZooKeeper has no topics: unless there never were any, the controllers have skipped the copy and deleted them`,
        KEEP_VOLUMES,
      );
    }
    return unknown(
      `KRaft controller ${controller.id} holds /controller: a migration is under way, or was given up half-way; the Kafka resource tells which`,
    );
  }
  return isCopied(migration) ? withLeftMigration(facts, migration, '') : volumesUnseen(facts);
}

function volumesUnseen({ remains }: ClusterFacts): Forecast {
  return unknown(
    `there is no leftover in ZooKeeper, but whether volumes of earlier controllers are left can't be told: ${whyUnknown(remains)}`,
  );
}

/** Whether a /migration tells of a copy that is done. */
function isCopied(migration: MigrationSeen | undefined): migration is MigrationSeen {
  return migration !== undefined && copyIsDone(migration);
}

/** `the claim data-0-... is older than its pool controller`; undefined: none is, or nobody knows. */
function staleClaims(remains: ControllerRemains | undefined): string | undefined {
  const reused = remains?.claims.find((claim) => isReused(claim, remains));
  return reused === undefined
    ? undefined
    : `the claim ${reused.name} is older than its pool ${reused.pool}: the controllers have started on the volumes of an earlier migration`;
}

/** A /migration that was there before the controllers' pool was made. @returns undefined: none, or nobody knows. */
function leftMigration(
  remains: ControllerRemains | undefined,
  migration: MigrationSeen | undefined,
): string | undefined {
  if (remains === undefined || !isCopied(migration)) return undefined;
  const younger = remains.pools.find(({ createdAt }) => migration.createdAt < createdAt);
  return younger === undefined
    ? undefined
    : `/migration (offset ${migration.kraft_metadata_offset}) is older than the pool ${younger.name}, left by an earlier migration`;
}

function onStaleMetadata(seen: string): Forecast {
  return unsafe(
    'on-stale-metadata',
    `${seen}. What was made between the earlier migration and this one is missing`,
    DO_NOT_FINALISE,
  );
}

function safe(outcome: Outcome, reason: string): Forecast {
  return { outcome, safety: 'safe', reason, commands: [], advice: undefined };
}

function unsafe(outcome: Outcome, reason: string, advice: string): Forecast {
  return { outcome, safety: 'unsafe', reason, commands: [], advice };
}

function mendable(outcome: Outcome, reason: string, commands: readonly string[]): Forecast {
  return { outcome, safety: 'unsafe', reason, commands, advice: undefined };
}

function unknown(reason: string): Forecast {
  return { outcome: 'unknown', safety: 'unknown', reason, commands: [], advice: undefined };
}
