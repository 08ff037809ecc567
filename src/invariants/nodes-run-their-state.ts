import type { EventOf, JournalEvent } from '../journal/events.js';
import { count, listNames, seconds } from '../journal/text.js';
import type { ConfigurationState } from '../strimzi/migration-state.js';
import { isUncovered, transitionFor } from '../strimzi/transitions.js';
import type { Invariant, Observation } from './invariant.js';
import { annotationNow, firstUnjudged, is, type RunningNode, runningNodes } from './reading/history.js';

/** A state that was reached, and the nodes that ran when it was. */
interface Arrival {
  readonly event: EventOf<'state-changed'>;
  /** The configuration state of the pass that led there: it follows from the state before it. */
  readonly pass: ConfigurationState;
  readonly nodes: readonly NodeAtArrival[];
}

interface NodeAtArrival {
  readonly node: RunningNode;
  readonly runs: ConfigurationState;
  /** The configurations that it may run; empty: it must not run at all. */
  readonly allowed: readonly ConfigurationState[];
}

/**
 * When a state is reached, every node runs what the pass that led there configured. A broker that was not rolled keeps
 * its mode: in KRaftMigration it would never register with the quorum, in KRaftPostMigration it would keep using a
 * ZooKeeper that is no longer up to date.
 *
 * Which nodes a pass does not have to restart (Strimzi 0.45.1, docs/behaviour.md): brokers from ZK to PRE_MIGRATION,
 * and from POST_MIGRATION to KRAFT if the operator had written no version itself, because their configuration is the
 * same; controllers anywhere between PRE_MIGRATION and POST_MIGRATION (`KafkaConfiguration.java:59-172` has no
 * `zookeeper.*` key).
 */
export const nodesRunTheirState: Invariant = {
  name: 'nodes-run-their-state',
  about: 'conduct',
  title: 'When a state is reached, every node runs the configuration of the pass that led there',

  applies: (observation) => arrivals(observation).length > 0,

  evaluate(observation) {
    const wrong = arrivals(observation).flatMap((arrival) => {
      const nodes = arrival.nodes.filter((node) => !isRight(node));
      return nodes.length === 0 ? [] : [{ arrival, nodes }];
    });
    if (wrong.length === 0) return undefined;
    return {
      message: wrong
        .map(({ arrival: { event, pass, nodes: all }, nodes }) => {
          const found = nodes.map(({ node, runs }) => `${node.start.pod} ran ${runs} in mode ${node.start.mode}`);
          return `state ${event.to} was reached at ${seconds(event.t)} by a pass with configuration ${pass}, but ${nodes.length} of ${count(all.length, 'node')} did not match: ${listNames(found)}`;
        })
        .join('; '),
      evidence: wrong.flatMap(({ arrival, nodes }) =>
        nodes.map(({ node, runs, allowed }) => ({
          subject: node.start.pod,
          expected:
            allowed.length === 0
              ? `removed before state ${arrival.event.to}`
              : `${allowed.map((state) => `${state} in mode ${modeOf(node.start.role, state)}`).join(' or ')}, by the pass from ${arrival.event.from ?? 'no state'} with annotation ${arrival.event.annotation}`,
          found: `${runs} in mode ${node.start.mode}, since ${seconds(node.start.t)}`,
          where: 'node' as const,
          at: arrival.event.t,
        })),
      ),
    };
  },
};

function isRight({ node, runs, allowed }: NodeAtArrival): boolean {
  return allowed.includes(runs) && node.start.mode === modeOf(node.start.role, runs);
}

/** The states to judge, with the nodes that ran and whose configuration is known, if there are any. */
function arrivals(observation: Observation): readonly Arrival[] {
  const { events } = observation;
  const from = firstUnjudged(observation);
  return events.flatMap((event, index) => {
    if (index < from || !is(event, 'state-changed')) return [];
    const transition = transitionFor(event.from ?? undefined, event.annotation);
    if (isUncovered(transition)) return [];
    const nodes = nodesAt(events.slice(0, index), transition.configurationState);
    return nodes.length === 0 ? [] : [{ event, pass: transition.configurationState, nodes }];
  });
}

function nodesAt(events: readonly JournalEvent[], pass: ConfigurationState): readonly NodeAtArrival[] {
  const since = annotationNow(events).index;
  const running = runningNodes(events);
  const inKraft = running.filter(({ start }) => start.configurationState === 'KRAFT').map(({ start }) => start);
  return running.flatMap((node) => {
    const { role, configurationState: runs } = node.start;
    if (role === 'zookeeper' || runs === null) return [];
    const allowed = role === 'controller' ? allowedForController(pass) : allowedForBroker(pass, node, since, inKraft);
    return [{ node, runs, allowed }];
  });
}

function allowedForController(pass: ConfigurationState): readonly ConfigurationState[] {
  if (pass === 'ZK') return [];
  return pass === 'KRAFT' ? ['KRAFT'] : ['PRE_MIGRATION', 'MIGRATION', 'POST_MIGRATION'];
}

/**
 * @param annotated where the annotation was set that the pass acts on: a broker that was started before that with
 *   PRE_MIGRATION has the same configuration as in ZK and is not rolled, but one that is rolled must run ZK, because of
 *   its old log
 * @param inKraft the nodes that already run KRAFT
 */
function allowedForBroker(
  pass: ConfigurationState,
  { start, index }: RunningNode,
  annotated: number,
  inKraft: readonly EventOf<'node-started'>[],
): readonly ConfigurationState[] {
  switch (pass) {
    case 'ZK':
      return index < annotated ? ['ZK', 'PRE_MIGRATION'] : ['ZK'];
    case 'PRE_MIGRATION':
      return ['ZK', 'PRE_MIGRATION'];
    case 'KRAFT':
      return hasDerivedVersion(start, inKraft) ? ['KRAFT'] : ['POST_MIGRATION', 'KRAFT'];
    default:
      return [pass];
  }
}

/** The operator writes these up to POST_MIGRATION unless the user has set them, and drops them in KRAFT. */
const VERSION_KEYS = ['inter.broker.protocol.version', 'log.message.format.version'];

/**
 * Whether the operator wrote a version in the broker's configuration: then no node has it in KRAFT, and the broker must
 * be rolled (Strimzi 0.45.1 `KafkaReconciler.java:817-825`; recording 0.45.1-one-broker at 433.8 s).
 */
function hasDerivedVersion(broker: EventOf<'node-started'>, inKraft: readonly EventOf<'node-started'>[]): boolean {
  return VERSION_KEYS.some(
    (key) => key in broker.configuration && inKraft.some(({ configuration }) => !(key in configuration)),
  );
}

/**
 * Strimzi 0.45.1 `kraft_utils.sh:10-30`: a controller runs in KRaft mode in every configuration that it may have, a
 * broker from POST_MIGRATION on.
 */
function modeOf(role: EventOf<'node-started'>['role'], state: ConfigurationState): EventOf<'node-started'>['mode'] {
  return role === 'controller' || state === 'POST_MIGRATION' || state === 'KRAFT' ? 'kraft' : 'zookeeper-based';
}
