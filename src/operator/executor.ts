import { WaitTimedOut } from '../errors.js';
import type { Journal } from '../journal/journal.js';
import type { KafkaMetadataState, ZkMigrationState } from '../strimzi/migration-state.js';
import type { PassAction, PassPlan } from './actions.js';
import type { PodRevision, ReplayTarget } from './replay-target.js';
import { rollOrder, zooKeeperRollOrder } from './roll-order.js';

/** What a pass acts on, and for how long. */
interface Execution {
  readonly plan: PassPlan;
  readonly target: ReplayTarget;
  readonly journal: Journal;
  readonly signal: AbortSignal;
}

/** A pass failed: the state stays, and the operator tries again. */
export class PassFailed extends Error {
  /** The condition's reason, `InvalidResourceException`. */
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.name = 'PassFailed';
    this.reason = reason;
  }
}

/** What a pass has read so far. */
interface PassResults {
  migrationState: ZkMigrationState | undefined;
}

/**
 * Carries out the actions of a plan one after another.
 *
 * @param signal abandons the pass before its next action or restart of a node, and while it waits for a node: the run
 *   is over, or the operator's process has ended.
 * @returns the state that the pass ends in, `status.kafkaMetadataState`.
 * @throws PassFailed when the pass fails as Strimzi's would. What the target throws (a wait that timed out, the end
 * of the run) is passed on.
 */
export async function executePass(
  plan: PassPlan,
  target: ReplayTarget,
  journal: Journal,
  signal: AbortSignal,
): Promise<KafkaMetadataState> {
  const results: PassResults = { migrationState: undefined };
  const execution: Execution = { plan, target, journal, signal };
  for (const action of plan.actions) {
    signal.throwIfAborted();
    if (action.type === 'set-state') {
      const done = action.onlyIf === undefined || results.migrationState === action.onlyIf;
      return done ? action.to : plan.state;
    }
    await execute(action, execution, results);
  }
  throw new Error(`a plan without an end: its last action is ${plan.actions.at(-1)?.type}`);
}

/** Carries out one action. @throws as {@link executePass}. */
async function execute(action: PassAction, execution: Execution, results: PassResults): Promise<void> {
  const { plan, target } = execution;
  switch (action.type) {
    case 'create-zookeeper':
      await createAll(execution, action.nodeIds, 'zookeeper', { configurationState: null, image: plan.image });
      return;
    case 'create-nodes':
      await createAll(execution, action.nodeIds, action.role, {
        configurationState: action.configurationState,
        image: plan.image,
      });
      return;
    case 'await-nodes':
      await awaitNodes(action, execution);
      return;
    case 'roll-zookeeper':
      await rollZooKeeper(action, execution);
      return;
    case 'delete-znode':
      await deleteZnode(action, execution);
      return;
    case 'erase-zookeeper':
      await Promise.all(
        action.nodeIds.map(async (nodeId) => {
          await target.remove('zookeeper', nodeId);
          await target.wipe('zookeeper', nodeId, 'wiped');
        }),
      );
      return;
    case 'delete-controllers':
    case 'delete-volumes':
      await executeDeletion(action, target);
      return;
    case 'roll':
      await roll(action, execution);
      return;
    case 'update-dynamically':
      await updateDynamically(action, execution);
      return;
    case 'read-migration-state':
      results.migrationState = target.migrationState(action.controllerIds);
      if (results.migrationState === undefined)
        throw new PassFailed(action.onNoAnswer.reason, action.onNoAnswer.message);
      return;
    case 'fail':
      throw new PassFailed(action.reason, action.message);
    case 'set-state':
      throw new Error('set-state is the end of a pass, not an action in it');
  }
}

/** The deletions that follow from a pool's deletion, by Kubernetes or by the operator. */
export async function executeDeletion(
  action: Extract<PassAction, { type: 'delete-controllers' | 'delete-volumes' }>,
  target: ReplayTarget,
): Promise<void> {
  await Promise.all(
    action.nodeIds.map((nodeId) =>
      action.type === 'delete-controllers'
        ? target.remove('controller', nodeId)
        : target.wipe('controller', nodeId, action.data),
    ),
  );
}

async function createAll(
  { target, signal }: Execution,
  nodeIds: readonly number[],
  role: 'zookeeper' | 'broker' | 'controller',
  revision: PodRevision,
): Promise<void> {
  // Kubernetes starts the pods of a PodSet together.
  await Promise.all(nodeIds.map((nodeId) => target.create(role, nodeId, revision)));
  await Promise.all(nodeIds.map((nodeId) => target.waitUntilReady(role, nodeId, signal)));
}

/** @throws PassFailed when a node does not become ready: the operator tries again. */
async function awaitNodes(
  { role, nodeIds }: Extract<PassAction, { type: 'await-nodes' }>,
  { target, signal }: Execution,
): Promise<void> {
  for (const nodeId of nodeIds) {
    await target.waitUntilReady(role, nodeId, signal).catch((error: unknown) => {
      if (!(error instanceof WaitTimedOut)) throw error;
      throw new PassFailed('FatalProblem', `Error while waiting for non-restarted ${role} ${nodeId} to become ready`);
    });
  }
}

async function deleteZnode(
  action: Extract<PassAction, { type: 'delete-znode' }>,
  { plan, target, journal, signal }: Execution,
): Promise<void> {
  const outcome = await target.deleteZnode(action.path);
  journal.write({ type: 'operator-deleted-znode', path: action.path, outcome });
  if (outcome === 'absent' && action.onAbsent === 'fails') {
    throw new PassFailed('KeeperException', `Failed to delete '${action.path}' znode: it does not exist`);
  }
  const znodesLeft = plan.actions
    .slice(plan.actions.indexOf(action) + 1)
    .some((later) => later.type === 'delete-znode');
  // A broker in migration mode claims /controller within 0.1-0.7 s (recorded). Until then its shutdown hangs.
  if (!znodesLeft && plan.actions.some((other) => other.type === 'delete-znode' && other.path === '/controller')) {
    await target.waitForZooKeeperController(signal);
  }
}

/** The leader is looked up once, before the first restart (Strimzi 0.45.1 `ZooKeeperRoller.java:106-141`). */
async function rollZooKeeper(
  action: Extract<PassAction, { type: 'roll-zookeeper' }>,
  { plan, target, journal, signal }: Execution,
): Promise<void> {
  const nodes = target.nodes().filter(({ role, nodeId }) => role === 'zookeeper' && action.nodeIds.includes(nodeId));
  for (const nodeId of zooKeeperRollOrder(nodes, target.zooKeeperLeader())) {
    log(journal, 'INFO', 'ZooKeeperRoller', `Rolling zookeeper ${nodeId} due to [${action.reason}]`);
    signal.throwIfAborted();
    await target.restart('zookeeper', nodeId, { configurationState: null, image: plan.image }, 'rolled', signal);
  }
}

async function roll(
  action: Extract<PassAction, { type: 'roll' }>,
  { plan, target, journal, signal }: Execution,
): Promise<void> {
  const remaining = new Set(action.nodeIds);
  while (remaining.size > 0) {
    signal.throwIfAborted();
    // The controller changes while the brokers roll, so the order is decided again for each of them.
    const ready = new Map(target.nodes().map((node) => [`${node.role} ${node.nodeId}`, node.ready]));
    const candidates = [...remaining].map((nodeId) => ({
      nodeId,
      ready: ready.get(`${action.role} ${nodeId}`) ?? false,
    }));
    const [next] = rollOrder(candidates, await target.reportedController());
    if (next === undefined) break;
    remaining.delete(next);
    log(journal, 'INFO', 'KafkaRoller', `Rolling ${action.role} ${next} due to [${action.reason}]`);
    const { configurationState } = action;
    await target.restart(action.role, next, { configurationState, image: plan.image }, 'rolled', signal);
  }
}

async function updateDynamically(
  action: Extract<PassAction, { type: 'update-dynamically' }>,
  { plan, target, journal, signal }: Execution,
): Promise<void> {
  for (const nodeId of action.nodeIds) {
    signal.throwIfAborted();
    const answer = await target.updateDynamically(nodeId, signal);
    if (answer === 'updated') continue;
    log(journal, 'ERROR', 'KafkaRoller', `Error updating broker configuration for broker ${nodeId}: ${answer.refused}`);
    if (action.onRefused === 'fails' || plan.configurationState === undefined) {
      throw new PassFailed('ForceableProblem', `Error updating broker configuration for broker ${nodeId}`);
    }
    log(journal, 'INFO', 'KafkaRoller', `Rolling broker ${nodeId} due to []`);
    const { configurationState, image } = plan;
    await target.restart('broker', nodeId, { configurationState, image }, 'forced', signal);
  }
}

function log(journal: Journal, level: string, logger: string, text: string): void {
  journal.write({ type: 'operator-log', level, logger, text });
}
