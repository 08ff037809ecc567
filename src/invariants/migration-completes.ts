import type { EventOf, Evidence, JournalEvent } from '../journal/events.js';
import { listNames, logMessage, seconds } from '../journal/text.js';
import { readController } from '../metadata/zookeeper/znodes.js';
import { DUAL_WRITING_AND_LATER, type KafkaMetadataState } from '../strimzi/migration-state.js';
import type { Invariant, Observation, Violation } from './invariant.js';
import { leadingDriver } from './reading/driver.js';
import { annotationNow, is, lastPoolCreation, runningNodes } from './reading/history.js';
import { type StuckQuorum, stuckQuorum } from './reading/stuck-quorum.js';
import { changesOf, isKraftClaim, phaseAfter } from './reading/znodes.js';

/** What can be said of the migration now. `undecided`: nothing yet. */
type Judgement = 'undecided' | 'completed' | Violation;

/**
 * A migration that the user requested copies ZooKeeper's metadata and reaches KRaftPostMigration. It is lost
 *
 * - when its quorum is stuck behind a `/migration` that an earlier quorum left (see `stuckQuorum`);
 * - when the operator has gone on to KRaftDualWriting although nothing was copied: a kept log says that an earlier
 *   migration is complete (recording 0.45.1-claims-kept, 293-383 s). Everything created since then will be missing;
 * - when the wait for it timed out although the nodes did their part: Kafka had begun and not finished, or every node
 *   was ready. While a node is down, or starts before Kafka has begun, the environment may be the cause: undecided.
 */
export const migrationCompletes: Invariant = {
  name: 'migration-completes',
  about: 'loss',
  title: 'A requested migration copies the metadata and reaches KRaftPostMigration',
  endsWaits: true,

  applies: (observation) => judge(observation) !== 'undecided',

  evaluate(observation) {
    const judgement = judge(observation);
    return typeof judgement === 'string' ? undefined : judgement;
  },
};

function judge(observation: Observation): Judgement {
  const { events, state, moment } = observation;
  const annotation = annotationNow(events).value;
  const requested = lastRequest(events);
  if (requested === undefined || state === undefined || (annotation !== 'migration' && annotation !== 'enabled')) {
    return 'undecided';
  }
  const stuck = stuckQuorum(events, state, observation.znodes['/migration']?.value);
  if (stuck !== undefined) return behindStoredEpoch(stuck);
  if (DUAL_WRITING_AND_LATER.has(state)) {
    if (!isWitnessed(events)) return 'undecided';
    if (!wasCopied(observation)) return withoutCopy(observation, state);
    if (state !== 'KRaftDualWriting') return 'completed';
  }
  return moment === 'timed-out' && annotation === 'migration' && nodesDidTheirPart(events)
    ? timedOut(observation, state, requested)
    : 'undecided';
}

/** When the user last requested a migration. */
function lastRequest(events: readonly JournalEvent[]): EventOf<'gesture'> | undefined {
  const last = events.findLast(
    (event) => is(event, 'gesture') && event.gesture === 'annotate' && event.value === 'migration',
  );
  return is(last, 'gesture') ? last : undefined;
}

/** Whether changes of the two znodes are journalled at all: deploying a cluster already creates `/controller`. */
function isWitnessed(events: readonly JournalEvent[]): boolean {
  return events.some((event) => is(event, 'znode-changed') && ['/migration', '/controller'].includes(event.path));
}

/**
 * Whether, since its pool was created, this migration has shown a copied `/migration` or a KRaft controller's claim. A
 * `/migration` that an earlier migration left counts as neither.
 */
function wasCopied({ events, znodes }: Observation): boolean {
  const pool = lastPoolCreation(events);
  if (changesOf('/migration', events).some((change) => change.index > pool && phaseAfter(change) === 'copied'))
    return true;
  const claims = changesOf('/controller', events).filter(({ index }) => index > pool);
  return claims.some(({ event }) => isKraftClaim(event.value)) || isKraftClaim(znodes['/controller']?.value);
}

function behindStoredEpoch({ driver, storedEpoch, quorumEpoch, migration }: StuckQuorum): Violation {
  return {
    message: `the migration cannot complete: the driver of ${driver.pod} has been in ${driver.state} since ${seconds(driver.since)}, waiting for epoch ${storedEpoch}, which an earlier quorum left in /migration; its own quorum is at epoch ${quorumEpoch}, and nothing triggers an election`,
    evidence: [
      {
        subject: '/migration',
        expected: `kraft_metadata_epoch no higher than the quorum's epoch ${quorumEpoch}`,
        found: migration,
        where: 'znode',
        at: driver.since,
        note: 'the epoch is compared before the offset; with a higher epoch the empty metadata would be synced to ZooKeeper',
      },
    ],
  };
}

function withoutCopy({ events, znodes }: Observation, state: KafkaMetadataState): Violation {
  const arrival = events.findLast((event) => is(event, 'state-changed') && event.to === 'KRaftDualWriting');
  const migration = changesOf('/migration', events).at(-1)?.event;
  const controller = changesOf('/controller', events).at(-1)?.event;
  const driver = leadingDriver(events);
  const read =
    driver?.zkMigrationState === undefined ? '' : `, which reads ${driver.zkMigrationState} from ${driver.pod}`;
  const found = znodes['/migration']?.value ?? migration?.value ?? 'absent';
  const claim = znodes['/controller']?.value ?? controller?.value;
  const holder = claim === undefined ? undefined : readController(claim);
  const refusal =
    driver?.error === undefined
      ? undefined
      : `${driver.pod} logged at ${seconds(driver.error.t)}: ${logMessage(driver.error.text)}`;
  const evidence: readonly Evidence[] = [
    {
      subject: '/migration',
      expected: 'an offset above 0 before state KRaftDualWriting',
      found,
      where: 'znode',
      ...(migration === undefined ? {} : { at: migration.t }),
      ...(migration?.writer === undefined ? {} : { writer: migration.writer }),
      ...(refusal === undefined ? {} : { note: refusal }),
    },
    {
      subject: '/controller',
      expected: 'owned by a KRaft controller before state KRaftDualWriting',
      found: claim ?? 'absent',
      where: 'znode',
      ...(controller === undefined ? {} : { at: controller.t }),
      ...(controller?.writer === undefined ? {} : { writer: controller.writer }),
    },
  ];
  return {
    message: `the operator${read}, went on to ${arrival === undefined ? state : `KRaftDualWriting at ${seconds(arrival.t)}`} although nothing was copied: /migration has no offset above 0 and /controller ${holder === undefined ? 'does not belong to a KRaft controller' : `belongs to broker ${holder.brokerid}`}`,
    evidence,
  };
}

/** States in which Kafka has begun to copy the metadata (Kafka 3.9.0 `MigrationDriverState`). */
const BEGUN: ReadonlySet<string> = new Set([
  'BECOME_CONTROLLER',
  'ZK_MIGRATION',
  'SYNC_KRAFT_TO_ZK',
  'KRAFT_CONTROLLER_TO_BROKER_COMM',
]);

function nodesDidTheirPart(events: readonly JournalEvent[]): boolean {
  const running = runningNodes(events);
  const quorumLives = running.some(({ start, ready }) => start.role === 'controller' && ready);
  if (!quorumLives || diedNodes(events).length > 0) return false;
  const driver = leadingDriver(events);
  const unfinished =
    driver !== undefined &&
    (BEGUN.has(driver.state) || (driver.state === 'DUAL_WRITE' && driver.zkMigrationState !== 'MIGRATION'));
  const allReady = running.every(({ ready }) => ready) && stoppedNodes(events).length === 0;
  return unfinished || allReady;
}

/** Nodes that died and were not started again. */
function diedNodes(events: readonly JournalEvent[]): readonly EventOf<'node-stopped'>[] {
  return stoppedNodes(events).filter(({ reason }) => reason === 'died');
}

/** Nodes whose last event is their stop. */
function stoppedNodes(events: readonly JournalEvent[]): readonly EventOf<'node-stopped'>[] {
  const stopped = new Map<string, EventOf<'node-stopped'>>();
  for (const event of events) {
    if (is(event, 'node-stopped')) stopped.set(event.pod, event);
    else if (is(event, 'node-started') || is(event, 'node-gone')) stopped.delete(event.pod);
  }
  return [...stopped.values()];
}

function timedOut({ events }: Observation, state: KafkaMetadataState, requested: EventOf<'gesture'>): Violation {
  const arrival = events.findLast((event) => is(event, 'state-changed') && event.to === state);
  const driver = leadingDriver(events);
  const unready = runningNodes(events).flatMap(({ start, ready }) => (ready ? [] : [start.pod]));
  const facts = [
    arrival === undefined ? `the state is ${state}` : `the state has been ${state} since ${seconds(arrival.t)}`,
    ...(driver === undefined
      ? []
      : [
          `the driver of ${driver.pod} has been in ${driver.state} since ${seconds(driver.since)}`,
          `the operator reads ${driver.zkMigrationState ?? 'no migration state'}`,
        ]),
    ...(driver?.error === undefined
      ? []
      : [`it logged at ${seconds(driver.error.t)}: ${logMessage(driver.error.text)}`]),
    ...(unready.length === 0 ? ['every node is ready'] : [`not ready: ${listNames(unready)}`]),
  ];
  return {
    message: `the migration that was requested at ${seconds(requested.t)} did not complete in time: ${facts.join(', ')}`,
    evidence: [
      {
        subject: 'status.kafkaMetadataState',
        expected: 'KRaftPostMigration',
        found: state,
        ...(arrival === undefined ? {} : { at: arrival.t }),
        note: facts.slice(1).join(', '),
      },
    ],
  };
}
