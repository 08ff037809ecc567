import type { ConfigurationState, KafkaMetadataState, KraftAnnotation } from '../../strimzi/migration-state.js';
import type { Topology } from '../../strimzi/topology.js';
import { STATE_WARNINGS, type StateWarning, TRANSITIONS } from '../../strimzi/transition-table.js';
import type { StateReached } from './operator-events.js';
import type { NodeStatus } from './pod-events.js';

/** What is known of the cluster while a run waits for a state. */
export interface PhaseView {
  readonly state: KafkaMetadataState | undefined;
  readonly topology: Topology;
  readonly nodes: readonly NodeStatus[];
  /** Messages of KafkaMetadataStateWarning in the status. */
  readonly warnings: readonly string[];
  /** The Ready condition of the status. */
  readonly ready: boolean;
  /** The last transition in the operator's log; undefined before its first. The log may lag behind the status. */
  readonly reachedIn: StateReached | undefined;
  /** How many passes began in the state and succeeded. */
  readonly wholePasses: number;
}

/**
 * The pass that writes a phase's warning changes the status, which triggers another pass. After that one nothing runs.
 */
const PASSES_WITH_WARNING = 2;

interface Phase {
  readonly brokers: ConfigurationState;
  /** `none`: no controller pod is left. */
  readonly controllers: ConfigurationState | 'none';
  readonly zookeepers: 'all' | 'none';
  /** The warning that the first whole pass in this state writes, if it writes one. */
  readonly warning: StateWarning | undefined;
}

/** Controllers start in this configuration, and are not rolled before the migration is finalised. */
const FIRST_CONTROLLER_STATE = 'PRE_MIGRATION';

/**
 * The phase in which a cluster stays while its annotation does not change: passes do not leave the state, so the nodes
 * run with the configuration of such a pass, and the status has its warning (the transition table).
 */
function restingPhase(
  state: KafkaMetadataState,
  annotation: KraftAnnotation,
  { controllers, zookeepers }: Pick<Phase, 'zookeepers'> & { readonly controllers: 'all' | 'none' },
): Phase {
  const transition = TRANSITIONS[state][annotation];
  if ('throws' in transition || transition.next !== state)
    throw new TypeError(`a cluster does not rest in ${state} with ${annotation}`);
  const { configurationState, warning } = transition;
  return {
    brokers: configurationState,
    controllers: controllers === 'none' ? 'none' : configurationState === 'KRAFT' ? 'KRAFT' : FIRST_CONTROLLER_STATE,
    zookeepers,
    warning: warning === undefined ? undefined : STATE_WARNINGS[warning],
  };
}

/**
 * What must be observed in addition to the state's name before the phase counts as reached. The annotation is the one
 * with which the documented procedure leaves the cluster in the state. KRaftDualWriting is the state during a rollback:
 * during a migration it cannot be waited for, because the next pass follows immediately. KRaftMigration and PreKRaft
 * are transient: a whole pass in them changes the state.
 *
 * Source: Strimzi 0.45.1, the transition table, and the rolls in fixtures/recordings.
 */
const PHASES: Readonly<Partial<Record<KafkaMetadataState, Phase>>> = {
  ZooKeeper: restingPhase('ZooKeeper', 'disabled', { controllers: 'none', zookeepers: 'all' }),
  KRaftDualWriting: restingPhase('KRaftDualWriting', 'rollback', { controllers: 'all', zookeepers: 'all' }),
  KRaftPostMigration: restingPhase('KRaftPostMigration', 'migration', { controllers: 'all', zookeepers: 'all' }),
  KRaft: restingPhase('KRaft', 'enabled', { controllers: 'all', zookeepers: 'none' }),
};

/**
 * Checks that the cluster is in the phase of a state: pods, configurations and a whole pass, not only the state's name.
 * @returns undefined if it is. Otherwise what is missing, worded to complete "timed out ... waiting for the state X
 * (...)".
 */
export function missingForPhase(wanted: KafkaMetadataState, view: PhaseView): string | undefined {
  if (view.state !== wanted) return `the state is ${view.state ?? 'not set yet'}`;
  const phase = PHASES[wanted];
  if (phase === undefined) return undefined;
  const { topology, nodes } = view;
  const of = (role: NodeStatus['role']): readonly NodeStatus[] => nodes.filter((node) => node.role === role);
  return (
    missingNodes('broker', of('broker'), topology.brokers, phase.brokers) ??
    (phase.controllers === 'none'
      ? noneLeft('controller', of('controller'))
      : missingNodes('controller', of('controller'), topology.controllers, phase.controllers)) ??
    (phase.zookeepers === 'none'
      ? noneLeft('zookeeper', of('zookeeper'))
      : missingNodes('zookeeper', of('zookeeper'), topology.zookeepers, null)) ??
    missingPass(view, phase)
  );
}

/** A controller that restarts before the migration is finalised reads the configuration of that time. */
function runsWith(node: NodeStatus, wanted: ConfigurationState | null): boolean {
  if (wanted === null) return true;
  if (node.role === 'controller' && wanted === FIRST_CONTROLLER_STATE) {
    return node.configurationState !== undefined && node.configurationState !== 'KRAFT';
  }
  return node.configurationState === wanted;
}

function missingNodes(
  role: NodeStatus['role'],
  nodes: readonly NodeStatus[],
  count: number,
  wanted: ConfigurationState | null,
): string | undefined {
  if (nodes.length !== count) return `there are ${nodes.length} of ${count} ${role} pods`;
  const other = nodes.find((node) => !runsWith(node, wanted));
  if (other !== undefined)
    return `${other.pod} runs with the configuration of ${other.configurationState ?? 'an unknown phase'}, not ${wanted}`;
  const down = nodes.find((node) => !node.ready || node.deleting);
  return down === undefined ? undefined : `${down.pod} is not ready`;
}

function noneLeft(role: NodeStatus['role'], nodes: readonly NodeStatus[]): string | undefined {
  return nodes.length === 0 ? undefined : `${role} pod ${nodes[0]?.pod} still exists`;
}

/** A pass gets its number when it is triggered: one with a higher number began after the state was written. */
function missingPass(view: PhaseView, phase: Phase): string | undefined {
  const { reachedIn, wholePasses, warnings, ready } = view;
  if (reachedIn !== undefined && reachedIn.state !== view.state) {
    return `the operator's log does not show it yet (its last transition was to ${reachedIn.state})`;
  }
  if (wholePasses === 0) {
    // An operator that has just taken over, or restarted, has not looked at the cluster yet.
    return reachedIn === undefined
      ? 'no pass of this operator has succeeded yet'
      : `no whole pass has succeeded since the one that reached it (#${reachedIn.pass})`;
  }
  const { warning } = phase;
  if (warning !== undefined && !warnings.some((message) => message.includes(warning.fragment))) {
    return `its warning ("... ${warning.fragment}") is not in the status`;
  }
  if (warning !== undefined && reachedIn !== undefined && wholePasses < PASSES_WITH_WARNING) {
    return 'the pass that its warning has triggered has not ended yet';
  }
  return ready ? undefined : 'the Kafka resource is not Ready';
}
