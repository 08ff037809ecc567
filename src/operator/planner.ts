import { type ConfigurationState, type KafkaMetadataState, readKraftAnnotation } from '../strimzi/migration-state.js';
import type { StateTransition } from '../strimzi/transition-table.js';
import { isUncovered, stateAtStart, transitionFor } from '../strimzi/transitions.js';
import type { DeleteZnode, Fail, PassAction, PassPlan, SetState } from './actions.js';
import type { OperatorProfile, ZnodeDeletionRule } from './profile.js';
import { rollRule } from './profile.js';
import { rollOrder, zooKeeperRollOrder } from './roll-order.js';

export type * from './actions.js';
export { type RollCandidate, rollOrder, zooKeeperRollOrder } from './roll-order.js';

/** What the user's resources say. */
export interface DesiredCluster {
  /** `strimzi.io/kraft` on the Kafka resource, as the user set it. */
  readonly annotation: string;
  /** `strimzi.io/pause-reconciliation`. */
  readonly paused?: boolean;
  readonly zookeeperIds: readonly number[];
  readonly brokerIds: readonly number[];
  /** undefined: there is no KafkaNodePool with the role controller. */
  readonly controllerIds: readonly number[] | undefined;
  /** `deleteClaim` of the controllers' storage, also after their pool was deleted: the claims record it. */
  readonly deleteClaim: boolean;
}

/** A ZooKeeper node that exists. */
export interface ObservedZooKeeper {
  readonly nodeId: number;
  /** In which it runs. */
  readonly image: string;
  readonly ready: boolean;
}

/** A broker or controller that exists. */
export interface ObservedNode {
  readonly nodeId: number;
  /** The configuration state of its last start. */
  readonly configurationState: ConfigurationState;
  /** In which it runs. */
  readonly image: string;
  readonly ready: boolean;
  /** Whether a dynamic update has succeeded since its last start. Brokers only. */
  readonly updatedSinceStart: boolean;
}

/** The nodes that exist. */
export interface ObservedCluster {
  readonly zookeepers: readonly ObservedZooKeeper[];
  readonly brokers: readonly ObservedNode[];
  readonly controllers: readonly ObservedNode[];
}

export interface PassInput {
  readonly profile: OperatorProfile;
  /** In which this operator runs the nodes: another version of the operator has another image of the same Kafka. */
  readonly image: string;
  /** `status.kafkaMetadataState`; undefined before the first successful pass. */
  readonly status: KafkaMetadataState | undefined;
  readonly desired: DesiredCluster;
  readonly observed: ObservedCluster;
}

interface Pass extends PassInput {
  readonly state: KafkaMetadataState;
  /** As Strimzi reads it. */
  readonly annotation: string;
  readonly transition: StateTransition;
}

/**
 * Plans one reconciliation of the operator.
 *
 * The order is Strimzi's (0.45.1 `KafkaAssemblyOperator.java:276-289`): ZooKeeper with the deletion of znodes as its
 * last step (`ZooKeeperReconciler.java:195-221`), the eraser, then Kafka, which begins with the validation of the pools
 * and goes on as in `KafkaReconciler.java:256-291`. Configuration and actions follow from the state before the pass;
 * only the last action changes the state.
 */
export function planPass(input: PassInput): PassPlan {
  const { image, desired } = input;
  const annotation = readKraftAnnotation(desired.annotation);
  const state = stateAtStart(input.status, annotation);
  const transition = transitionFor(input.status, annotation);
  if (isUncovered(transition)) {
    const end: Fail = { type: 'fail', ...transition.throws };
    return { state, annotation, configurationState: undefined, image, actions: [end], end };
  }

  const pass: Pass = { ...input, state, annotation, transition };
  const { configurationState } = transition;
  const before = [...reconcileZooKeeper(pass), ...eraseZooKeeper(pass)];
  const invalid = validatePools(pass);
  if (invalid !== undefined) {
    return { state, annotation, configurationState, image, actions: [...before, invalid], end: invalid };
  }
  const end = setState(pass);
  return { state, annotation, configurationState, image, actions: [...before, ...reconcileKafka(pass), end], end };
}

/**
 * What Kubernetes does when the KafkaNodePool of the controllers is deleted: the pool owns the PodSet and the pods,
 * which are deleted, and it owns the claims only with `deleteClaim` (Strimzi 0.45.1 `NodePoolUtils.java:106`,
 * `StrimziPodSetController.java:369`, `PersistentVolumeClaimUtils.java:143,157-159`).
 */
export function planPoolDeletion(
  profile: OperatorProfile,
  pool: { readonly nodeIds: readonly number[]; readonly deleteClaim: boolean },
): readonly PassAction[] {
  if (pool.nodeIds.length === 0) return [];
  const deletion: PassAction = { type: 'delete-controllers', nodeIds: pool.nodeIds };
  return pool.deleteClaim ? [deletion, ...planClaimDeletion(profile, pool.nodeIds)] : [deletion];
}

/** What happens to the controllers' volumes when their claims are deleted, by the user or the operator. */
export function planClaimDeletion(profile: OperatorProfile, nodeIds: readonly number[]): readonly PassAction[] {
  return nodeIds.length === 0 ? [] : [{ type: 'delete-volumes', nodeIds, data: profile.rules.deletedClaims.data }];
}

/** Skipped once the configuration is KRAFT (`KafkaAssemblyOperator.java:283`). */
function reconcileZooKeeper(pass: Pass): readonly PassAction[] {
  if (pass.transition.configurationState === 'KRAFT') return [];
  const existing = new Set(pass.observed.zookeepers.map((node) => node.nodeId));
  const missing = pass.desired.zookeeperIds.filter((id) => !existing.has(id));
  return [
    ...(missing.length === 0 ? [] : [{ type: 'create-zookeeper', nodeIds: missing } as const]),
    ...rollZooKeeper(pass),
    ...deleteZnodes(pass, 'before-brokers-roll'),
  ];
}

/**
 * The image is part of a pod's revision (`WorkloadUtils.java:287`), and ZooKeeper runs in that of Kafka
 * (`ZookeeperCluster.java:205-211`). The rolls come before the deletion of znodes (`ZooKeeperReconciler.java:213-220`).
 */
function rollZooKeeper({ desired, observed, image }: Pass): readonly PassAction[] {
  const old = observed.zookeepers.filter((node) => desired.zookeeperIds.includes(node.nodeId) && node.image !== image);
  const nodeIds = zooKeeperRollOrder(old, undefined);
  return nodeIds.length === 0 ? [] : [{ type: 'roll-zookeeper', nodeIds, reason: 'Pod has old revision' }];
}

function deleteZnodes(pass: Pass, position: ZnodeDeletionRule['position']): readonly DeleteZnode[] {
  return pass.profile.rules.znodeDeletions
    .filter((rule) => rule.position === position)
    .filter((rule) => rule.at.state === pass.state && rule.at.annotation === pass.annotation)
    .map((rule) => ({ type: 'delete-znode', path: rule.path, onAbsent: rule.onAbsent }));
}

function eraseZooKeeper(pass: Pass): readonly PassAction[] {
  if (!pass.transition.erasesZooKeeper || pass.observed.zookeepers.length === 0) return [];
  return [{ type: 'erase-zookeeper', nodeIds: pass.observed.zookeepers.map((node) => node.nodeId) }];
}

/** Strimzi 0.45.1 `NodePoolUtils.java:133-149,161-218`. The messages are recorded (0.45.1-disabled-first). */
function validatePools(pass: Pass): Fail | undefined {
  const brokers = pass.desired.brokerIds.length;
  const controllers = pass.desired.controllerIds?.length ?? 0;
  const errors: string[] = [];
  if (pass.transition.configurationState === 'ZK') {
    if (pass.desired.controllerIds !== undefined) {
      errors.push(
        'KafkaNodePool controller contains invalid roles configuration. In a ZooKeeper-based Kafka cluster, the ' +
          "KafkaNodePool role has to be always set only to the 'broker' role.",
      );
    }
  } else {
    for (const [role, count] of [
      ['broker', brokers],
      ['controller', controllers],
    ] as const) {
      if (count > 0) continue;
      errors.push(
        `At least one KafkaNodePool with the ${role} role and at least one replica is required when KRaft mode is enabled`,
      );
    }
  }
  if (errors.length === 0) return undefined;
  return { type: 'fail', reason: 'InvalidResourceException', message: errors.join(', ') };
}

function reconcileKafka(pass: Pass): readonly PassAction[] {
  const { profile, desired, observed } = pass;
  const wanted = new Set(desired.controllerIds ?? []);
  const leftover =
    profile.rules.leftoverControllers.treatment === 'deleted'
      ? observed.controllers.map((node) => node.nodeId).filter((id) => !wanted.has(id))
      : [];
  return [
    ...planPoolDeletion(profile, { nodeIds: leftover, deleteClaim: false }),
    ...createNodes(pass, 'controller'),
    ...createNodes(pass, 'broker'),
    ...awaitNodes(pass, 'controller'),
    ...roll(pass, 'controller'),
    ...awaitNodes(pass, 'broker'),
    ...roll(pass, 'broker'),
    ...updateDynamically(pass),
    ...deleteZnodes(pass, 'after-brokers-roll'),
    ...(desired.deleteClaim ? planClaimDeletion(profile, leftover) : []),
    ...readMigrationState(pass),
  ];
}

function missingIds(pass: Pass, role: 'broker' | 'controller'): readonly number[] {
  const [wanted, existing] =
    role === 'broker'
      ? [pass.desired.brokerIds, pass.observed.brokers]
      : [pass.desired.controllerIds ?? [], pass.observed.controllers];
  const ids = new Set(existing.map((node) => node.nodeId));
  return wanted.filter((id) => !ids.has(id));
}

function createNodes(pass: Pass, role: 'broker' | 'controller'): readonly PassAction[] {
  const nodeIds = missingIds(pass, role);
  const { configurationState } = pass.transition;
  return nodeIds.length === 0 ? [] : [{ type: 'create-nodes', role, nodeIds, configurationState }];
}

/**
 * Nodes that another pass, the user or a crash has left starting: the roller takes those first that are not ready, and
 * the pass waits for every node (Strimzi 0.45.1 `KafkaRoller.java:240-275`, `KafkaReconciler.java:256-291`).
 */
function awaitNodes(pass: Pass, role: 'broker' | 'controller'): readonly PassAction[] {
  const wanted = new Set(role === 'broker' ? pass.desired.brokerIds : pass.desired.controllerIds);
  const rolled = new Set(nodesToRoll(pass, role).map((node) => node.nodeId));
  const nodeIds = (role === 'broker' ? pass.observed.brokers : pass.observed.controllers)
    .filter(({ nodeId, ready }) => !ready && wanted.has(nodeId) && !rolled.has(nodeId))
    .map(({ nodeId }) => nodeId);
  return nodeIds.length === 0 ? [] : [{ type: 'await-nodes', role, nodeIds }];
}

function nodesToRoll(pass: Pass, role: 'broker' | 'controller'): readonly ObservedNode[] {
  const wanted = new Set(role === 'broker' ? pass.desired.brokerIds : pass.desired.controllerIds);
  const nodes = role === 'broker' ? pass.observed.brokers : pass.observed.controllers;
  const to = pass.transition.configurationState;
  return nodes.filter((node) => {
    if (!wanted.has(node.nodeId)) return false;
    // The image is part of the pod's revision, too: an upgrade of the operator rolls every node.
    if (node.image !== pass.image) return true;
    if (node.configurationState === to) return false;
    const rule = rollRule(pass.profile, role, node.configurationState, to);
    return rule.rolls === 'all' && !(rule.forgets ?? []).includes(node.nodeId);
  });
}

function roll(pass: Pass, role: 'broker' | 'controller'): readonly PassAction[] {
  const nodeIds = rollOrder(nodesToRoll(pass, role), undefined);
  if (nodeIds.length === 0) return [];
  const { configurationState } = pass.transition;
  return [{ type: 'roll', role, nodeIds, configurationState, reason: 'Pod has old revision' }];
}

/**
 * Recorded: in the pass that creates a broker, or in the first one after its restart that does not restart it again.
 */
function updateDynamically(pass: Pass): readonly PassAction[] {
  const rolled = new Set(nodesToRoll(pass, 'broker').map((node) => node.nodeId));
  const updated = new Set(pass.observed.brokers.filter((node) => node.updatedSinceStart).map((node) => node.nodeId));
  const nodeIds = pass.desired.brokerIds.filter((id) => !rolled.has(id) && !updated.has(id));
  if (nodeIds.length === 0) return [];
  return [{ type: 'update-dynamically', nodeIds, onRefused: pass.profile.rules.dynamicUpdate.onRefused }];
}

/** Only in configuration MIGRATION, even if nothing depends on it (`KafkaReconciler.java:1193-1223`). */
function readMigrationState(pass: Pass): readonly PassAction[] {
  if (pass.transition.configurationState !== 'MIGRATION') return [];
  return [
    {
      type: 'read-migration-state',
      controllerIds: pass.desired.controllerIds ?? [],
      onNoAnswer: { type: 'fail', reason: 'Throwable', message: 'Failed to check ZooKeeper migration state' },
    },
  ];
}

function setState(pass: Pass): SetState {
  const { next, onlyIfMigrated, warning } = pass.transition;
  return {
    type: 'set-state',
    to: next,
    ...(onlyIfMigrated ? { onlyIf: pass.profile.rules.migrationDone.value } : {}),
    warnings: warning === undefined ? [] : [warning],
  };
}
