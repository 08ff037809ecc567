import type {
  DesiredCluster,
  ObservedCluster,
  ObservedNode,
  PassAction,
  PassPlan,
} from '../../../src/operator/planner.js';
import { planPass } from '../../../src/operator/planner.js';
import { nodeImage, type OperatorProfile } from '../../../src/operator/profile.js';
import type { KafkaMetadataState, ZkMigrationState } from '../../../src/strimzi/migration-state.js';

/** A cluster in which every action of a plan succeeds immediately, for repeated calls of `planPass`. */
export interface SimulatedCluster {
  readonly status: KafkaMetadataState | undefined;
  readonly desired: DesiredCluster;
  readonly observed: ObservedCluster;
}

/** What the nodes respond during a pass. */
export interface Answers {
  readonly zkMigrationState: ZkMigrationState;
  readonly refusesUpdates?: boolean;
}

export const DONE: Answers = { zkMigrationState: 'MIGRATION' };
export const STUCK: Answers = { zkMigrationState: 'PRE_MIGRATION', refusesUpdates: true };

export function emptyCluster(desired: Partial<DesiredCluster> = {}): SimulatedCluster {
  return {
    status: undefined,
    desired: {
      annotation: 'disabled',
      zookeeperIds: [0],
      brokerIds: [0],
      controllerIds: undefined,
      deleteClaim: true,
      ...desired,
    },
    observed: { zookeepers: [], brokers: [], controllers: [] },
  };
}

export function wish(cluster: SimulatedCluster, desired: Partial<DesiredCluster>): SimulatedCluster {
  return { ...cluster, desired: { ...cluster.desired, ...desired } };
}

/** Removes the pool and, as Kubernetes does, its nodes. */
export function withoutControllerPool(cluster: SimulatedCluster): SimulatedCluster {
  return { ...wish(cluster, { controllerIds: undefined }), observed: { ...cluster.observed, controllers: [] } };
}

/** One pass: its plan, and the cluster after it. */
export function reconcile(
  cluster: SimulatedCluster,
  profile: OperatorProfile,
  answers: Answers = DONE,
): { readonly cluster: SimulatedCluster; readonly plan: PassPlan } {
  const plan = planPass({ profile, image: nodeImage(profile, '3.9.0'), ...cluster });
  let after = cluster;
  for (const action of plan.actions) after = apply(after, action, plan.image, answers);
  return { cluster: after, plan };
}

/** One line per action, for tests to compare. */
export function describePlan(plan: PassPlan): readonly string[] {
  return plan.actions.map(describeAction);
}

function describeAction(action: PassAction): string {
  switch (action.type) {
    case 'delete-znode':
      return `delete ${action.path}, absent: ${action.onAbsent}`;
    case 'create-nodes':
    case 'roll':
      return `${action.type} ${action.role} ${action.nodeIds.join(',')} ${action.configurationState}`;
    case 'update-dynamically':
      return `update ${action.nodeIds.join(',')}`;
    case 'read-migration-state':
      return `read ${action.controllerIds.join(',')}`;
    case 'delete-volumes':
      return `delete-volumes ${action.nodeIds.join(',')} ${action.data}`;
    case 'fail':
      return `fail ${action.reason}`;
    case 'set-state':
      return [`-> ${action.to}`, action.onlyIf && `if ${action.onlyIf}`, ...action.warnings].filter(Boolean).join(' ');
    default:
      return `${action.type} ${action.nodeIds.join(',')}`;
  }
}

function apply(cluster: SimulatedCluster, action: PassAction, image: string, answers: Answers): SimulatedCluster {
  const { observed } = cluster;
  const started = (nodeId: number, configurationState: ObservedNode['configurationState']): ObservedNode => ({
    nodeId,
    configurationState,
    image,
    ready: true,
    updatedSinceStart: false,
  });
  const see = (change: Partial<ObservedCluster>): SimulatedCluster => ({
    ...cluster,
    observed: { ...observed, ...change },
  });
  switch (action.type) {
    case 'create-zookeeper':
      return see({
        zookeepers: [...observed.zookeepers, ...action.nodeIds.map((nodeId) => ({ nodeId, image, ready: true }))],
      });
    case 'roll-zookeeper':
      return see({
        zookeepers: observed.zookeepers.map((node) =>
          action.nodeIds.includes(node.nodeId) ? { ...node, image } : node,
        ),
      });
    case 'erase-zookeeper':
      return see({ zookeepers: [] });
    case 'delete-controllers':
      return see({ controllers: observed.controllers.filter((node) => !action.nodeIds.includes(node.nodeId)) });
    case 'create-nodes': {
      const nodes = action.nodeIds.map((id) => started(id, action.configurationState));
      return action.role === 'broker'
        ? see({ brokers: [...observed.brokers, ...nodes] })
        : see({ controllers: [...observed.controllers, ...nodes] });
    }
    case 'roll': {
      const rolled = (node: ObservedNode) =>
        action.nodeIds.includes(node.nodeId) ? started(node.nodeId, action.configurationState) : node;
      return action.role === 'broker'
        ? see({ brokers: observed.brokers.map(rolled) })
        : see({ controllers: observed.controllers.map(rolled) });
    }
    case 'update-dynamically': {
      const updated = answers.refusesUpdates !== true;
      return see({
        brokers: observed.brokers.map((node) =>
          action.nodeIds.includes(node.nodeId) ? { ...node, updatedSinceStart: updated } : node,
        ),
      });
    }
    case 'set-state':
      return action.onlyIf === undefined || action.onlyIf === answers.zkMigrationState
        ? { ...cluster, status: action.to }
        : cluster;
    case 'delete-znode':
    case 'delete-volumes':
    case 'read-migration-state':
    case 'await-nodes':
    case 'fail':
      return cluster;
  }
}
