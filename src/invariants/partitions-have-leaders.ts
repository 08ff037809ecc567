import { podsWithActiveFault } from '../journal/active-faults.js';
import type { Evidence, JournalEvent, NodeStarted } from '../journal/events.js';
import { causeIn, signOf } from '../journal/sign-in.js';
import { listNames, logMessage } from '../journal/text.js';
import type { LeaderlessPartition } from '../metadata/kafka/leaders.js';
import type { Invariant, Observation, Violation } from './invariant.js';
import { is, runningNodes } from './reading/history.js';
import { ownEnds } from './reading/node-ends.js';
import { unresponsiveNodes } from './reading/unresponsive.js';

/**
 * After a step, every partition of every topic, internal ones included, has a live leader that is in its ISR. Without
 * one nothing is lost, but no client can write to the partition or read from it. Each of these is undecided:
 *
 * - no broker answered;
 * - something outside of the cluster has frozen a node, or a fault of the scenario lasts on a controller or a ZooKeeper
 *   node: nobody may be able to elect;
 * - a partition whose replicas that may lead are all on brokers on which a fault of the scenario lasts, or that are not
 *   up and have shown no error: they may be starting, or something outside of the cluster has ended them (unless the
 *   operator restarts them by force, as it does with brokers that know no controller);
 * - a partition of a topic that the user deleted.
 */
export const partitionsHaveLeaders: Invariant = {
  name: 'partitions-have-leaders',
  about: 'outage',
  title: 'After each step every partition has a live leader that is in its ISR',

  applies: (observation) => {
    const { leaders, events } = observation;
    if (leaders === undefined || leaders.partitions === 0 || cannotElect(events)) return false;
    return leaders.leaderless.length === 0 || judged(observation).length > 0;
  },

  evaluate(observation) {
    const found = judged(observation);
    return found.length === 0 ? undefined : withoutLeader(found, observation);
  },
};

/** Whether somebody outside of the cluster, or the scenario, keeps those from working that elect leaders. */
function cannotElect(events: readonly JournalEvent[]): boolean {
  if (unresponsiveNodes(events).some(({ fault }) => fault === undefined)) return true;
  const brokers = new Set([...brokerStarts(events).values()].map(({ pod }) => pod));
  return [...podsWithActiveFault(events)].some((pod) => !brokers.has(pod));
}

/** The partitions without a leader that should have one. */
function judged({ leaders, deletedTopics, events }: Observation): readonly LeaderlessPartition[] {
  const deleted = new Set(deletedTopics.map(({ name }) => name));
  const excused = excusedBrokers(events);
  return (leaders?.leaderless ?? []).filter((partition) => {
    const isExcused = candidatesOf(partition).every((id) => excused.has(id));
    return !deleted.has(partition.topic) && !isExcused;
  });
}

/** Only members of the ISR may lead, unless unclean elections are allowed. */
function candidatesOf({ isr, replicas }: LeaderlessPartition): readonly number[] {
  return isr.length > 0 ? isr : replicas;
}

/** Brokers that need not lead: a fault of the scenario lasts on them, or they are not up and have shown no error. */
function excusedBrokers(events: readonly JournalEvent[]): ReadonlySet<number> {
  const faulty = podsWithActiveFault(events);
  const up = new Set(runningNodes(events).flatMap(({ start, ready }) => (ready ? [start.pod] : [])));
  return new Set(
    [...brokerStarts(events).values()].flatMap(({ pod, nodeId }) =>
      faulty.has(pod) || (!up.has(pod) && lastError(pod, events) === undefined && !isForced(pod, events))
        ? [nodeId]
        : [],
    ),
  );
}

/** Whether the operator has restarted a node by force, or is about to start it again after that. */
function isForced(pod: string, events: readonly JournalEvent[]): boolean {
  const stop = events.findLast((event) => is(event, 'node-stopped') && event.pod === pod);
  return is(stop, 'node-stopped') && stop.reason === 'forced';
}

/** The last start of each broker, by its id. */
function brokerStarts(events: readonly JournalEvent[]): ReadonlyMap<number, NodeStarted> {
  const starts = new Map<number, NodeStarted>();
  for (const event of events) if (is(event, 'node-started') && event.role === 'broker') starts.set(event.nodeId, event);
  return starts;
}

function withoutLeader(found: readonly LeaderlessPartition[], { leaders, state, events }: Observation): Violation {
  const names = found.map(({ topic, partition }) => `${topic}-${partition}`);
  const ids = [...new Set(found.flatMap(candidatesOf))].sort((a, b) => a - b);
  const facts = [
    `${found.length} of ${leaders?.partitions} partitions ${found.length === 1 ? 'has' : 'have'} no leader` +
      `${state === undefined ? '' : ` in state ${state}`}: ${listNames(names)}`,
    ...ids.flatMap((id) => downText(id, events)),
  ];
  return { message: facts.join('; '), evidence: found.map(evidenceOf) };
}

/** `broker 2 is down: its volume was formatted in KRaft mode ...: ERROR ...`; empty if it runs. */
function downText(id: number, events: readonly JournalEvent[]): readonly string[] {
  const pod = brokerStarts(events).get(id)?.pod;
  if (pod === undefined) return [];
  if (runningNodes(events).some(({ start, ready }) => start.pod === pod && ready)) return [];
  const error = lastError(pod, events) ?? '';
  const cause = causeIn(error);
  const why = [...(cause === undefined ? [] : [cause]), ...(error === '' ? [] : [logMessage(error)])];
  return [`broker ${id} is down${why.map((text) => `: ${text}`).join('')}`];
}

/** The last error that explains why a node is down: that of its end, or one in its log with which nodes end. */
function lastError(pod: string, events: readonly JournalEvent[]): string | undefined {
  const end = ownEnds(events)
    .get(pod)
    ?.findLast(({ error }) => error !== undefined);
  if (end !== undefined) return end.error;
  let logged: string | undefined;
  for (const event of events) {
    if (is(event, 'node-started') || is(event, 'node-ready')) {
      if (event.pod === pod) logged = undefined;
    } else if (is(event, 'node-log') && event.pod === pod && signOf(event.sign)?.endsNode === true) {
      logged = `${event.level} ${event.text}`;
    }
  }
  return logged;
}

function evidenceOf({ topic, partition, leader, replicas, isr, live }: LeaderlessPartition): Evidence {
  return {
    subject: `partition ${topic}-${partition}`,
    expected: 'a live leader that is in the ISR',
    found:
      leader < 0 ? 'no leader' : live.includes(leader) ? 'a leader that is not in sync' : 'a leader that is not live',
    where: 'node',
    note:
      `${leader < 0 ? '' : `leader ${leader}, `}replicas [${replicas.join(',')}], ISR [${isr.join(',')}], ` +
      `live brokers [${live.join(',')}]`,
  };
}
