import type { EventOf, JournalEvent } from '../journal/events.js';
import { listNames, logMessage, seconds } from '../journal/text.js';
import { DUAL_WRITING_AND_LATER, type KafkaMetadataState } from '../strimzi/migration-state.js';
import type { Invariant, Observation, Violation } from './invariant.js';
import { leadingDriver } from './reading/driver.js';
import { annotationNow, is, runningNodes } from './reading/history.js';
import { causesOfStuckDriver, loggedCauseText } from './reading/logged-signs.js';
import { hasCopied, requestedMigration } from './reading/migration-request.js';
import { type StuckQuorum, stuckQuorum } from './reading/stuck-quorum.js';
import { unresponsiveNodes } from './reading/unresponsive.js';

/** What can be said of the migration now. `undecided`: nothing yet. */
type Judgement = 'undecided' | 'finished' | Violation;

/**
 * A migration that the user requested reaches KRaftPostMigration. Nothing is lost while it does not, but the procedure
 * cannot go on
 *
 * - when its quorum is stuck behind a `/migration` that an earlier quorum left (see `stuckQuorum`);
 * - when the wait for it timed out although the nodes did their part: Kafka had begun and not finished, or every node
 *   was ready. While a node is down, starts before Kafka has begun, or did not answer although the scenario did not
 *   freeze it, the environment may be the cause: undecided.
 *
 * A state that was reached without a copy is judged by `migration-completes`.
 */
export const migrationFinishes: Invariant = {
  name: 'migration-finishes',
  about: 'outage',
  title: 'A requested migration reaches KRaftPostMigration',
  endsWaits: true,

  applies: (observation) => judge(observation) !== 'undecided',

  evaluate(observation) {
    const judgement = judge(observation);
    return typeof judgement === 'string' ? undefined : judgement;
  },
};

function judge(observation: Observation): Judgement {
  const { events, state, moment } = observation;
  const requested = requestedMigration(events);
  if (requested === undefined || state === undefined) return 'undecided';
  const stuck = stuckQuorum(events, state, observation.znodes['/migration']?.value);
  if (stuck !== undefined) return behindStoredEpoch(stuck);
  if (DUAL_WRITING_AND_LATER.has(state)) {
    if (hasCopied(observation) !== true) return 'undecided';
    if (state !== 'KRaftDualWriting') return 'finished';
  }
  return moment === 'timed-out' && annotationNow(events).value === 'migration' && nodesDidTheirPart(events)
    ? timedOut(observation, state, requested)
    : 'undecided';
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
  if (unresponsiveNodes(events).some(({ fault }) => fault === undefined)) return false;
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
  const frozen = unresponsiveNodes(events).map(({ pod, fault }) => `${pod} (fault ${fault})`);
  const logged = causesOfStuckDriver(events, driver?.state);
  const causes = logged.map(loggedCauseText);
  const reached =
    arrival === undefined ? `the state is ${state}` : `the state has been ${state} since ${seconds(arrival.t)}`;
  const facts = [
    ...(driver === undefined
      ? []
      : [
          `the driver of ${driver.pod} has been in ${driver.state} since ${seconds(driver.since)}`,
          `the operator reads ${driver.zkMigrationState ?? 'no migration state'}`,
        ]),
    ...(driver?.error === undefined
      ? []
      : [`it logged at ${seconds(driver.error.t)}: ${logMessage(driver.error.text)}`]),
    ...(unready.length === 0 ? [] : [`not ready: ${listNames(unready)}`]),
    ...(frozen.length === 0 ? [] : [`not responding: ${listNames(frozen)}`]),
    ...(unready.length + frozen.length === 0 ? ['every node is ready'] : []),
  ];
  return {
    message: `the migration that was requested at ${seconds(requested.t)} did not complete in time: ${[...causes, reached, ...facts].join(', ')}`,
    evidence: [
      {
        subject: 'status.kafkaMetadataState',
        expected: 'KRaftPostMigration',
        found: state,
        ...(arrival === undefined ? {} : { at: arrival.t }),
        note: [...causes, ...facts].join(', '),
      },
      ...(driver === undefined
        ? []
        : [
            {
              subject: `migration driver of ${driver.pod}`,
              expected: 'DUAL_WRITE',
              found: driver.state,
              where: 'node' as const,
              at: driver.since,
            },
          ]),
      ...logged.map(({ pod, t, meaning }) => ({
        subject: `log of ${pod}`,
        expected: 'nothing that keeps the migration from going on',
        found: meaning,
        where: 'node' as const,
        at: t,
      })),
    ],
  };
}
