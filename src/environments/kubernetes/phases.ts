import type { ConfigurationState, KafkaMetadataState } from '../../strimzi/migration-state.js';
import type { Topology } from '../../strimzi/topology.js';
import type { StateReached } from './operator-events.js';
import type { NodeNow } from './pod-events.js';

/** What is known of the cluster when somebody waits for a state. */
export interface PhaseView {
  readonly state: KafkaMetadataState | undefined;
  readonly topology: Topology;
  readonly nodes: readonly NodeNow[];
  /** Messages of KafkaMetadataStateWarning in the status. */
  readonly warnings: readonly string[];
  /** The Ready condition of the status. */
  readonly ready: boolean;
  /** The last transition in the operator's log; undefined before its first. The log may lag behind the status. */
  readonly reachedIn: StateReached | undefined;
  /** How many passes have begun in the state and ended well. */
  readonly wholePasses: number;
}

/** The pass that writes a phase's warning changes the status, and so wakes another one: when that has ended nothing runs. */
const PASSES_WITH_WARNING = 2;

interface Phase {
  readonly brokers: ConfigurationState;
  /** `none`: no controller pod is left. */
  readonly controllers: ConfigurationState | 'none';
  readonly zookeepers: 'all' | 'none';
  /**
   * A part of the warning that the first whole pass in this state writes, where there is one: it is a fact about a pass
   * that began in the state (Strimzi 0.45.1 `KafkaMetadataStateManager.java:261,283`).
   */
  readonly warning?: string;
}

/**
 * What must be seen beside the state's name before the phase counts as reached. KRaftDualWriting is the one on the way
 * back: on the way up nobody can wait for it, since the next pass follows at once. The migration's own states
 * (KRaftMigration, PreKRaft) are transient: a whole pass in them moves on.
 *
 * Source: Strimzi 0.45.1, the configuration of each state (docs/behaviour.md#migration-states) and what rolled where
 * (fixtures/recordings).
 */
const PHASES: Readonly<Partial<Record<KafkaMetadataState, Phase>>> = {
  ZooKeeper: { brokers: 'ZK', controllers: 'none', zookeepers: 'all' },
  KRaftDualWriting: {
    brokers: 'MIGRATION',
    controllers: 'PRE_MIGRATION',
    zookeepers: 'all',
    warning: "can't be set to 'rollback' during dual writing",
  },
  KRaftPostMigration: {
    brokers: 'POST_MIGRATION',
    controllers: 'PRE_MIGRATION',
    zookeepers: 'all',
    warning: 'in the post-migration',
  },
  KRaft: { brokers: 'KRAFT', controllers: 'KRAFT', zookeepers: 'none' },
};

/**
 * Whether the phase behind a state is proved: pods, configurations and a whole pass, not the state's name alone.
 * @returns undefined: it is. Otherwise what is still missing, as it completes "waited for the state X: ...".
 */
export function missingForPhase(wanted: KafkaMetadataState, view: PhaseView): string | undefined {
  if (view.state !== wanted) return `the state is ${view.state ?? 'not there yet'}`;
  const phase = PHASES[wanted];
  if (phase === undefined) return undefined;
  const { topology, nodes } = view;
  const of = (role: NodeNow['role']): readonly NodeNow[] => nodes.filter((node) => node.role === role);
  return (
    missingNodes('broker', of('broker'), topology.brokers, phase.brokers) ??
    (phase.controllers === 'none'
      ? left('controller', of('controller'))
      : missingNodes('controller', of('controller'), topology.controllers, phase.controllers)) ??
    (phase.zookeepers === 'none'
      ? left('zookeeper', of('zookeeper'))
      : missingNodes('zookeeper', of('zookeeper'), topology.zookeepers, null)) ??
    missingPass(view, phase)
  );
}

/** Controllers start in PRE_MIGRATION and are not rolled before the migration is finalised; a later start reads a later state. */
function fits(node: NodeNow, wanted: ConfigurationState | null): boolean {
  if (wanted === null) return true;
  if (node.role === 'controller' && wanted === 'PRE_MIGRATION') {
    return node.configurationState !== undefined && node.configurationState !== 'KRAFT';
  }
  return node.configurationState === wanted;
}

function missingNodes(
  role: NodeNow['role'],
  nodes: readonly NodeNow[],
  count: number,
  wanted: ConfigurationState | null,
): string | undefined {
  if (nodes.length !== count) return `there are ${nodes.length} of ${count} ${role} pods`;
  const other = nodes.find((node) => !fits(node, wanted));
  if (other !== undefined)
    return `${other.pod} runs with metadata.state of ${other.configurationState ?? 'an unknown phase'}, not ${wanted}`;
  const down = nodes.find((node) => !node.ready || node.deleting);
  return down === undefined ? undefined : `${down.pod} is not ready`;
}

function left(role: NodeNow['role'], nodes: readonly NodeNow[]): string | undefined {
  return nodes.length === 0 ? undefined : `${role} pod ${nodes[0]?.pod} is still there`;
}

/** A pass takes its number when it is triggered: one with a higher number has begun after the state was written. */
function missingPass(view: PhaseView, phase: Phase): string | undefined {
  const { reachedIn, wholePasses, warnings, ready } = view;
  if (reachedIn !== undefined && reachedIn.state !== view.state) {
    return `the operator's log has not told of it yet (its last transition was to ${reachedIn.state})`;
  }
  if (wholePasses === 0) {
    // An operator that has just taken over, or was started again, has not looked at the cluster yet.
    return reachedIn === undefined
      ? 'no pass of this operator has ended well yet'
      : `no whole pass has ended since the one that reached it (#${reachedIn.pass})`;
  }
  const { warning } = phase;
  if (warning !== undefined && !warnings.some((message) => message.includes(warning))) {
    return `its warning ("... ${warning}") is not in the status`;
  }
  if (warning !== undefined && reachedIn !== undefined && wholePasses < PASSES_WITH_WARNING) {
    return 'the pass that its warning has woken has not ended yet';
  }
  return ready ? undefined : 'the Kafka resource is not Ready';
}
