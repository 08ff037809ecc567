import type { KafkaMetadataState } from '../cluster/migration-state.js';
import { copyIsDone } from '../witness/migration-znode.js';
import type { ClusterFacts, ControllerRemains, KafkaResource, Known, Znodes } from './facts.js';

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
  /** Commands that would make it safe, in order. */
  readonly commands: readonly string[];
}

const IN_KRAFT: ReadonlySet<KafkaMetadataState | undefined> = new Set<KafkaMetadataState | undefined>([
  'PreKRaft',
  'KRaft',
]);
const COPIED: ReadonlySet<KafkaMetadataState | undefined> = new Set<KafkaMetadataState | undefined>([
  'KRaftDualWriting',
  'KRaftPostMigration',
]);

/**
 * Says what would become of a cluster. It is judged by its znodes and by what is left of controllers, never by the version of
 * its operator: the leftover of one version outlives the upgrade to another (docs/behaviour.md).
 */
export function forecast(facts: ClusterFacts): Forecast {
  const kafka = whatIsKnown(facts.kafka);
  if (kafka !== undefined && IN_KRAFT.has(kafka.state)) {
    return safe(
      'finalised',
      kafka.state === 'KRaft' ? 'the cluster runs in KRaft mode, for good' : 'the migration is being finalised',
    );
  }
  if ('unknown' in facts.znodes) return unknown(`ZooKeeper could not be read: ${facts.znodes.unknown}`);
  const znodes = facts.znodes.known;
  if (kafka?.paused === true) return paused(znodes);
  if (kafka !== undefined && COPIED.has(kafka.state)) return copied(kafka, znodes);
  if (kafka?.state === 'KRaftMigration') return migrating(znodes);
  return notMigrating(facts, znodes);
}

/** KRaftDualWriting and KRaftPostMigration: a KRaft controller must be in charge, and have copied. */
function copied({ state, annotation }: KafkaResource, { migration, controller }: Znodes): Forecast {
  if (migration === undefined || !copyIsDone(migration) || controller?.owner === 'broker') {
    return unsafe(
      'on-stale-metadata',
      `the state is ${state}, but ${
        controller?.owner === 'broker'
          ? `/controller belongs to broker ${controller.id}`
          : '/migration tells of no copy'
      }: the controllers run on what was left on their volumes by an earlier migration, and what was made since is missing`,
      [
        'Do not finalise. Compare the topics with a snapshot from before, and get help: the data may still lie in -stray folders.',
      ],
    );
  }
  const next = annotation === 'rollback' ? 'the rollback goes on' : 'finalise it or roll it back';
  return safe('under-way', `a migration is under way (${state}) and its copy is done: ${next}`);
}

function migrating({ migration, topics }: Znodes): Forecast {
  if (migration !== undefined && copyIsDone(migration) && topics === 0) {
    return unsafe(
      'wiped',
      'the state is KRaftMigration, /migration tells of a copy and ZooKeeper has no topics any more: the controllers have skipped the copy and deleted what ZooKeeper had',
      [
        'Stop the producers, keep every volume, and do not restart brokers: their partitions still lie on their volumes.',
      ],
    );
  }
  return unknown('a migration is under way (KRaftMigration): look again once it is KRaftPostMigration');
}

function paused({ migration, controller }: Znodes): Forecast {
  const isLeft = migration !== undefined || controller?.owner === 'kraft-controller';
  return isLeft
    ? unsafe(
        'no-controller',
        'the reconciliation is paused and the status has lost its state: unpaused, the operator takes the cluster for a plain ZooKeeper one in the middle of a migration',
        ['Before you unpause it, write the state back that it had (a patch of the status), or get help.'],
      )
    : unknown('the reconciliation is paused, and the status does not tell the state: unpause it and look again');
}

/** State ZooKeeper, or none that is known: what would a migration do that is started now? */
function notMigrating(facts: ClusterFacts, { migration, controller }: Znodes): Forecast {
  const remains = whatIsKnown(facts.remains);
  const inZooKeeper = whatIsKnown(facts.kafka)?.state === 'ZooKeeper';
  if (inZooKeeper && controller?.owner === 'kraft-controller') {
    return unsafe(
      'no-controller',
      `/controller is still that of KRaft controller ${controller.id}, and no broker can become controller: topics can be made or moved by nobody`,
      [
        ...withoutRemains(facts, remains),
        zookeeperShell(facts, 'delete /controller'),
        ...withoutMigration(facts, migration),
      ],
    );
  }
  const copyIsTold = migration !== undefined && copyIsDone(migration);
  const left = remains === undefined ? undefined : leftovers(remains);
  if (copyIsTold) {
    const commands = [...withoutRemains(facts, remains), ...withoutMigration(facts, migration)];
    const offset = `/migration tells of a copy that is done (offset ${migration.kraft_metadata_offset})`;
    if (left !== undefined && left !== '') {
      return unsafe(
        'loses-since-rollback',
        `${offset}, and ${left}: controllers on them take up where they were, and undo what was made since the rollback`,
        commands,
      );
    }
    return unsafe(
      'skip-and-wipe',
      `${offset}: new controllers would skip the copy and delete every topic from ZooKeeper${
        left === undefined ? '; with volumes of the old ones, what was made since the rollback' : ''
      }`,
      commands,
    );
  }
  if (left !== undefined && left !== '') {
    return unsafe(
      'loses-since-rollback',
      `${left}: controllers on them report the copy of an earlier migration as done, and what was made since is not migrated`,
      withoutRemains(facts, remains),
    );
  }
  if (left === undefined) {
    const why = 'unknown' in facts.remains ? facts.remains.unknown : '';
    return unknown(
      `there is no leftover in ZooKeeper, but whether volumes of earlier controllers are left can't be told: ${why}`,
    );
  }
  if (controller === undefined) return unknown('/controller is absent: no broker is in charge at this moment');
  if (!inZooKeeper) return unknown('the Kafka resource does not tell its state');
  return safe('first-copy', 'nothing is left of an earlier migration: the metadata would be copied');
}

/** `the claims data-0-my-cluster-controller-1 are left`; empty: nothing is. */
function leftovers({ pools, pods, claims, volumes }: ControllerRemains): string {
  const parts = [
    ...named('controller pool', pools),
    ...named('controller pod', pods),
    ...named('claim', claims),
    ...named('volume', volumes),
  ];
  return parts.length === 0
    ? ''
    : `${parts.join(', ')} ${pools.length + pods.length + claims.length + volumes.length === 1 ? 'is' : 'are'} left`;
}

function named(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what}${names.length === 1 ? '' : 's'} ${names.join(', ')}`];
}

function withoutRemains(facts: ClusterFacts, remains: ControllerRemains | undefined): readonly string[] {
  if (remains === undefined) {
    return ['See that no controller pool, claim or volume of the earlier migration is left.'];
  }
  const kubectl = `kubectl -n ${facts.namespace ?? 'NAMESPACE'} delete`;
  return [
    ...remains.pools.map((pool) => `${kubectl} kafkanodepool ${pool}`),
    ...remains.claims.map((claim) => `${kubectl} pvc ${claim}`),
    ...remains.volumes.map((volume) => `kubectl delete pv ${volume}`),
  ];
}

function withoutMigration(facts: ClusterFacts, migration: Znodes['migration']): readonly string[] {
  return migration === undefined ? [] : [zookeeperShell(facts, 'delete /migration')];
}

function zookeeperShell({ namespace, cluster }: ClusterFacts, command: string): string {
  return namespace === undefined
    ? `zookeeper-shell.sh HOST:PORT ${command}`
    : `kubectl -n ${namespace} exec ${cluster}-zookeeper-0 -- bin/zookeeper-shell.sh localhost:12181 ${command}`;
}

function whatIsKnown<T>(known: Known<T>): T | undefined {
  return 'known' in known ? known.known : undefined;
}

function safe(outcome: Outcome, reason: string): Forecast {
  return { outcome, safety: 'safe', reason, commands: [] };
}

function unsafe(outcome: Outcome, reason: string, commands: readonly string[]): Forecast {
  return { outcome, safety: 'unsafe', reason, commands };
}

function unknown(reason: string): Forecast {
  return { outcome: 'unknown', safety: 'unknown', reason, commands: [] };
}
