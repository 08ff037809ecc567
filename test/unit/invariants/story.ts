import type { Invariant, Observation, Violation } from '../../../src/invariants/invariant.js';
import type {
  Gesture,
  JournalEvent,
  JournalEventBody,
  NodeLog,
  NodeStarted,
  NodeStopped,
  Writer,
} from '../../../src/journal/events.js';
import type { MetadataSnapshot, TopicMetadata } from '../../../src/metadata/model.js';
import type { ConfigurationState, KafkaMetadataState } from '../../../src/strimzi/migration-state.js';
import type { Topology } from '../../../src/strimzi/topology.js';

/** Sessions as ZooKeeper's audit log names them. */
export const CONTROLLER: Writer = { session: '0x1000000000a0003', who: 'controller 1' };
export const BROKER: Writer = { session: '0x1000000000a0001', who: 'broker 0' };
export const OPERATOR: Writer = { session: '0x1000000000a0009', who: 'operator' };

const KRAFT_MODE: ReadonlySet<ConfigurationState> = new Set(['POST_MIGRATION', 'KRAFT']);

export function migrationValue(offset: number, metadataEpoch = 1, controllerEpoch = 1): string {
  return JSON.stringify({
    version: 0,
    kraft_metadata_offset: offset,
    kraft_controller_id: 1,
    kraft_metadata_epoch: metadataEpoch,
    kraft_controller_epoch: controllerEpoch,
  });
}

export function controllerValue(nodeId: number, kraftControllerEpoch: number): string {
  return JSON.stringify({ version: 2, brokerid: nodeId, timestamp: '1795519874230', kraftControllerEpoch });
}

export function topic(name: string, changes: Partial<TopicMetadata> = {}): TopicMetadata {
  return {
    name,
    id: name.padEnd(22, '_'),
    partitions: [
      { partition: 0, replicas: [0] },
      { partition: 1, replicas: [0] },
    ],
    configs: { 'retention.ms': '60000' },
    ...changes,
  };
}

export function topics(count: number): readonly TopicMetadata[] {
  return Array.from({ length: count }, (_, i) => topic(`t${String(i + 1).padStart(2, '0')}`));
}

export function snapshot(source: MetadataSnapshot['source'], ...held: readonly TopicMetadata[]): MetadataSnapshot {
  return { source, topics: held, operational: { partitions: {}, liveBrokers: [0] } };
}

/** The controller's log says that it does not elect a leader, as Kafka 3.9.0 writes it. */
export function refusal(epoch: number, changes: Partial<NodeLog> = {}): NodeLog {
  return {
    type: 'node-log',
    pod: 'my-cluster-broker-0',
    level: 'ERROR',
    text: `kafka.common.StateChangeFailedException: Aborted leader election for partition orders-0 since the LeaderAndIsr path was already written by another controller. This probably means that the current controller 0 went through a soft failure and another controller was elected with epoch ${epoch}.`,
    sign: 'election-refused',
    ...changes,
  };
}

/** The events of a run, half a second apart unless said otherwise; one broker, one controller, one ZooKeeper. */
export class Story {
  readonly events: JournalEvent[] = [];
  #t = 0;
  #state: KafkaMetadataState | null = null;
  #annotation = 'disabled';

  /** Seconds of the last event. */
  get now(): number {
    return this.#t;
  }

  get state(): KafkaMetadataState | undefined {
    return this.#state ?? undefined;
  }

  add(body: JournalEventBody, after = 0.5): this {
    this.#t = Math.round((this.#t + after) * 1000) / 1000;
    this.events.push({ t: this.#t, ...body });
    return this;
  }

  gesture(gesture: Gesture): this {
    if (gesture.gesture === 'annotate') this.#annotation = gesture.value;
    return this.add({ type: 'gesture', ...gesture });
  }

  reach(to: KafkaMetadataState, from: KafkaMetadataState | null = this.#state): this {
    this.#state = to;
    return this.add({ type: 'state-changed', from, to, annotation: this.#annotation });
  }

  broker(configurationState: ConfigurationState, nodeId = 0, changes: Partial<NodeStarted> = {}): this {
    return this.#start('broker', nodeId, configurationState, changes);
  }

  controller(
    configurationState: ConfigurationState = 'PRE_MIGRATION',
    changes: Partial<NodeStarted> = { volume: 'empty' },
    nodeId = 1,
  ): this {
    return this.#start('controller', nodeId, configurationState, changes);
  }

  #start(
    role: 'broker' | 'controller',
    nodeId: number,
    configurationState: ConfigurationState,
    changes: Partial<NodeStarted>,
  ): this {
    const mode = role === 'controller' || KRAFT_MODE.has(configurationState) ? 'kraft' : 'zookeeper-based';
    return this.add({
      type: 'node-started',
      role,
      nodeId,
      pod: `my-cluster-${role}-${nodeId}`,
      configurationState,
      mode,
      configuration: {},
      configMap: {},
      ...changes,
    });
  }

  ready(pod: string): this {
    return this.add({ type: 'node-ready', pod });
  }

  stop(pod: string, reason: NodeStopped['reason'] = 'rolled'): this {
    return this.add({ type: 'node-stopped', pod, reason });
  }

  /** A node ends by itself, and the kubelet starts it again. */
  crash(error?: string, pod = 'my-cluster-broker-0', how = 'exit code 1'): this {
    return this.add({
      type: 'container-restarted',
      pod,
      how,
      backOff: 0,
      ...(error === undefined ? {} : { error }),
    });
  }

  gone(pod: string): this {
    return this.add({ type: 'node-gone', pod });
  }

  rollBroker(configurationState: ConfigurationState, nodeId = 0): this {
    const pod = `my-cluster-broker-${nodeId}`;
    return this.stop(pod).broker(configurationState, nodeId).ready(pod);
  }

  migrationZnode(offset: number, writer = CONTROLLER, epochs: readonly [number, number] = [1, 1]): this {
    return this.add({
      type: 'znode-changed',
      path: '/migration',
      change: 'changed',
      ephemeral: false,
      value: migrationValue(offset, ...epochs),
      phase: offset > 0 ? 'copied' : 'initial',
      writer,
    });
  }

  deleteZnode(path: string, writer = OPERATOR): this {
    return this.add({ type: 'znode-changed', path, change: 'deleted', writer });
  }

  controllerZnode(value: string, ephemeral: boolean, writer = ephemeral ? BROKER : CONTROLLER): this {
    return this.add({ type: 'znode-changed', path: '/controller', change: 'created', ephemeral, value, writer });
  }

  operatorDeletes(path: string): this {
    return this.deleteZnode(path).add({ type: 'operator-deleted-znode', path, outcome: 'deleted' });
  }

  log(text: string, changes: { driverState?: string; level?: string } = {}, pod = 'my-cluster-controller-1'): this {
    return this.add({ type: 'controller-log', pod, level: 'INFO', text, ...changes });
  }

  driver(driverState: string): this {
    return this.log(`1 transitioning to ${driverState} state`, { driverState });
  }

  zkMigrationState(zkMigrationState: 'PRE_MIGRATION' | 'MIGRATION'): this {
    return this.add({
      type: 'controller-log',
      pod: 'my-cluster-controller-1',
      level: 'INFO',
      text: `Replayed a ZkMigrationStateRecord changing the migration state to ${zkMigrationState}.`,
      zkMigrationState,
    });
  }

  /** The invariants were evaluated in this step: what came before has been judged. */
  evaluated(step: string): this {
    return this.add({
      type: 'invariant-evaluated',
      step,
      invariant: 'zookeeper-metadata-survives',
      about: 'loss',
      holds: true,
    });
  }

  deployed(): this {
    return this.gesture({ gesture: 'deploy' })
      .add({
        type: 'node-started',
        role: 'zookeeper',
        nodeId: 0,
        pod: 'my-cluster-zookeeper-0',
        configurationState: null,
        mode: 'zookeeper',
        configuration: {},
        configMap: {},
      })
      .ready('my-cluster-zookeeper-0')
      .broker('ZK')
      .ready('my-cluster-broker-0')
      .controllerZnode(controllerValue(0, -1), true)
      .reach('ZooKeeper');
  }

  /** Pool and annotation, up to state KRaftMigration: the broker is rolled, the driver waits for brokers. */
  migrationBegun(volume: 'empty' | 'used' = 'empty'): this {
    return this.gesture({ gesture: 'create-controller-pool', deleteClaim: volume === 'empty' })
      .gesture({ gesture: 'annotate', value: 'migration' })
      .controller('PRE_MIGRATION', { volume })
      .zkMigrationState('PRE_MIGRATION')
      .driver('WAIT_FOR_BROKERS')
      .ready('my-cluster-controller-1')
      .reach('KRaftMigration')
      .rollBroker('MIGRATION');
  }

  /** A migration as documented, up to KRaftPostMigration. */
  migrated(): this {
    return this.migrationBegun()
      .migrationZnode(-1)
      .driver('BECOME_CONTROLLER')
      .controllerZnode(controllerValue(1, 1), false)
      .driver('ZK_MIGRATION')
      .zkMigrationState('MIGRATION')
      .migrationZnode(42)
      .driver('DUAL_WRITE')
      .reach('KRaftDualWriting')
      .rollBroker('POST_MIGRATION')
      .reach('KRaftPostMigration');
  }

  /** Up to the deleted controllers and the annotation `disabled`. */
  rollbackBegun(): this {
    return this.gesture({ gesture: 'annotate', value: 'rollback' })
      .rollBroker('MIGRATION')
      .reach('KRaftDualWriting')
      .gesture({ gesture: 'delete-controller-pool', deleteClaim: true })
      .stop('my-cluster-controller-1', 'deleted')
      .gone('my-cluster-controller-1')
      .gesture({ gesture: 'annotate', value: 'disabled' });
  }

  /** The whole rollback, with the znodes that the operator deletes at its end. */
  rolledBack(deleted: readonly string[] = ['/controller', '/migration']): this {
    this.rollbackBegun();
    for (const path of deleted) this.operatorDeletes(path);
    return this.controllerZnode(controllerValue(0, -1), true).rollBroker('ZK').reach('ZooKeeper');
  }
}

/** Deployed, migrated, rolled back: as 0.45.1 does it, or with `['/controller']` as 0.45.0 does it. */
export function rolledBack(deleted?: readonly string[]): Story {
  return new Story().deployed().migrated().rolledBack(deleted);
}

const TOPOLOGY: Topology = { brokers: 1, controllers: 1, zookeepers: 1 };

/** What an invariant sees at the end of a story: one topic, which ZooKeeper has as expected, and nothing else. */
export function observe(story: Story, changes: Partial<Observation> = {}): Observation {
  const expectedTopics = changes.expectedTopics ?? [topic('orders')];
  return {
    step: 'a step',
    moment: 'ended',
    state: story.state,
    topology: TOPOLOGY,
    expectedTopics,
    deletedTopics: [],
    zookeeper: snapshot('zookeeper', ...expectedTopics),
    kraft: undefined,
    records: undefined,
    znodes: {},
    events: story.events,
    ...changes,
  };
}

/** What the runner would report. */
export function outcome(invariant: Invariant, observation: Observation): 'not applicable' | 'holds' | Violation {
  if (!invariant.applies(observation)) return 'not applicable';
  return invariant.evaluate(observation) ?? 'holds';
}

/** The violation; fails the test if there is none. */
export function violation(invariant: Invariant, observation: Observation): Violation {
  const found = outcome(invariant, observation);
  if (typeof found === 'string') throw new Error(`${invariant.name} is not violated: ${found}`);
  return found;
}
