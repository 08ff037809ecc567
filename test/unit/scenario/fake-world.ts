import type { Cluster, SilentNode } from '../../../src/cluster/cluster.js';
import type { ClusterOptions, Environment } from '../../../src/cluster/environment.js';
import type { FaultName } from '../../../src/cluster/faults/index.js';
import { UsageError } from '../../../src/errors.js';
import type { Observation } from '../../../src/invariants/invariant.js';
import type { Gesture, JournalEventBody, Parts } from '../../../src/journal/events.js';
import { History } from '../../../src/journal/history.js';
import { Journal } from '../../../src/journal/journal.js';
import type { MetadataSnapshot, TopicMetadata } from '../../../src/metadata/model.js';
import type { TopicSet, TopicSpec } from '../../../src/metadata/topic-sets.js';
import type { KnownIssue } from '../../../src/scenario/known-issues.js';
import type { RunTopics } from '../../../src/scenario/run-topics.js';
import { type Instruments, type RunOutcome, type RunRequest, runScenario } from '../../../src/scenario/runner.js';
import type { Check, Step } from '../../../src/scenario/scenario.js';
import { scenario } from '../../../src/scenario/scenario.js';
import type { KafkaMetadataState } from '../../../src/strimzi/migration-state.js';
import { ONE_OF_EACH } from '../../../src/strimzi/topology.js';
import { Listeners } from '../../../src/waiting/listeners.js';
import { waitUntil } from '../../../src/waiting/wait.js';
import { topic } from '../invariants/story.js';

function spec(name: string, records = 10): TopicSpec {
  return { name, partitions: 2, replicationFactor: 1, configs: {}, records };
}

export const TOPICS: TopicSet = {
  before: [spec('orders'), spec('payments', 0)],
  during: [spec('short-lived')],
  'after-rollback': [],
  'in-kraft': [],
};

/** A fake cluster, its metadata and its observer, which the test controls. The runner above it is the real one. */
export class FakeWorld implements Environment, Instruments {
  readonly parts: Parts = { environment: 'local', operator: 'replayed', kafka: 'real' };
  readonly sideBySide = true;
  readonly journal: Journal;
  readonly #history: History;
  readonly interrupt = new AbortController();
  /** The calls, in order, with the arguments that matter. */
  readonly calls: string[] = [];
  /** What was judged, in order. */
  readonly judged: Observation[] = [];
  /** ZooKeeper's topics. */
  readonly held = new Map<string, TopicMetadata>();
  state: KafkaMetadataState | undefined = 'ZooKeeper';
  /** Whether there is a ZooKeeper to read. */
  deployed = true;
  znodes: Observation['znodes'] = {};
  /** What the brokers say of leaders. */
  leaders: Observation['leaders'];
  /** What happens or fails during the call. */
  onCreate: () => void = () => undefined;
  onObserve: (step: string, moment: Observation['moment']) => void = () => undefined;
  onGlance: () => void = () => undefined;
  onObserverClose: () => void = () => undefined;
  onFault: (what: string) => void = () => undefined;
  /** The nodes that do not respond. */
  onAsk: () => readonly SilentNode[] = () => [];
  /** The faults that the scenario declares. */
  faults: readonly FaultName[] = [];
  /** How long a wait for a state lasts, in milliseconds. */
  stateTimeoutMs = 60_000;
  #options: ClusterOptions | undefined;
  readonly #reached = new Listeners();

  constructor(journal = new Journal()) {
    this.journal = journal;
    this.#history = new History(journal);
  }

  namesOf() {
    return { name: 'my-cluster', namespace: 'remigrate', clusterDomain: 'cluster.local' };
  }

  async create(options: ClusterOptions): Promise<Cluster> {
    this.onCreate();
    this.#options = options;
    return new FakeCluster(this);
  }

  async close(): Promise<void> {
    this.calls.push('environment closed');
  }

  get options(): ClusterOptions {
    if (this.#options === undefined) throw new Error('the runner has not created the cluster yet');
    return this.#options;
  }

  observer(..._args: Parameters<Instruments['observer']>): ReturnType<Instruments['observer']> {
    return {
      authoritative: async () => this.snapshot(),
      observe: async (step, moment, topics) => {
        this.calls.push(`observe ${step}: ${moment}`);
        const seen = {
          ...this.#recall(step, topics),
          moment,
          znodes: this.znodes,
          leaders: this.leaders,
          zookeeper: this.deployed ? this.snapshot() : undefined,
        };
        this.onObserve(step, moment);
        return seen;
      },
      glance: async (step, topics) => {
        this.calls.push(`glance ${step}`);
        this.onGlance();
        return { ...this.#recall(step, topics), znodes: this.znodes };
      },
      recall: (step, topics) => this.#recall(step, topics),
      close: async () => {
        this.calls.push('observer closed');
        this.onObserverClose();
      },
    };
  }

  /** Keeps what was judged, instead of writing it to files. */
  recorder(..._args: Parameters<Instruments['recorder']>): ReturnType<Instruments['recorder']> {
    return (observation) => this.judged.push(observation);
  }

  clients(..._args: Parameters<Instruments['clients']>): ReturnType<Instruments['clients']> {
    return {
      seed: async (specs) => {
        for (const { name } of specs) this.held.set(name, topic(name));
      },
      alterConfigs: async (name, configs) => {
        this.held.set(name, topic(name, { configs }));
      },
      deleteTopic: async (name) => this.vanish(name),
    };
  }

  snapshot(): MetadataSnapshot {
    return { source: 'zookeeper', topics: [...this.held.values()], operational: { partitions: {}, liveBrokers: [0] } };
  }

  /** A controller deletes topics from ZooKeeper, and its audit log shows it. */
  vanish(...deleted: readonly string[]): void {
    for (const name of deleted) this.held.delete(name);
    this.write({ type: 'topics-changed', deleted, writer: { session: '0x1', who: 'controller 1' } });
  }

  /** The audit log shows a deletion, but ZooKeeper still has the topics. */
  seemToVanish(...deleted: readonly string[]): void {
    this.write({ type: 'topics-changed', deleted });
  }

  /** Something is done to a node: `freeze my-cluster-broker-0`. */
  inject(what: string): void {
    this.calls.push(what);
    this.onFault(what);
  }

  write(body: JournalEventBody): void {
    this.journal.write(body);
  }

  driver(driverState: string): void {
    const text = `1 transitioning to ${driverState} state`;
    this.write({ type: 'controller-log', pod: 'my-cluster-controller-1', level: 'INFO', text, driverState });
  }

  reach(state: KafkaMetadataState): void {
    this.state = state;
    this.#reached.notify();
  }

  waitForState(state: KafkaMetadataState): Promise<void> {
    return waitUntil(
      { what: `the state ${state}`, timeoutMs: this.stateTimeoutMs, signal: this.options.signal },
      (wake) => this.#reached.add(wake),
      () => (this.state === state ? true : undefined),
    ).then(() => undefined);
  }

  /** Runs the steps as the scenario `five-steps` of operator 0.45.0. */
  run(steps: readonly (Step | Check)[], changes: Partial<RunRequest> = {}): Promise<RunOutcome> {
    return runScenario(
      {
        run: 'five-steps-0.45.0',
        scenario: scenario({
          name: 'five-steps',
          title: 'A title',
          expected: { survives: 'It must.' },
          faults: this.faults,
          steps,
        }),
        environment: this,
        operatorVersion: '0.45.0',
        kafkaVersion: '3.9.0',
        topology: ONE_OF_EACH,
        topicSet: TOPICS,
        knownIssues: [] satisfies readonly KnownIssue[],
        strict: false,
        journal: this.journal,
        interrupt: this.interrupt.signal,
        stateTimeoutMs: this.stateTimeoutMs,
        workspace: { folder: 'nowhere', results: 'nowhere', mark: 'no mark' },
        ...changes,
      },
      this,
    );
  }

  /** How the steps ended, in order. */
  steps(): readonly string[] {
    return this.journal
      .ofType('step-ended')
      .map(({ step, outcome, error }) => `${step}: ${outcome}${error === undefined ? '' : `, ${error}`}`);
  }

  #recall(step: string, topics: RunTopics): Observation {
    return {
      step,
      moment: 'aborted',
      state: this.state,
      topology: ONE_OF_EACH,
      expectedTopics: topics.expected(),
      deletedTopics: topics.deleted(),
      zookeeper: undefined,
      kraft: undefined,
      records: undefined,
      znodes: {},
      events: this.#history.events(),
    };
  }
}

/** Every gesture is accepted immediately; states are reached when the test says so. */
class FakeCluster implements Cluster {
  readonly topology = ONE_OF_EACH;
  readonly kafkaVersion = '3.9.0';
  readonly #world: FakeWorld;

  constructor(world: FakeWorld) {
    this.#world = world;
  }

  operatorVersion = (): string => '0.45.0';
  deploy = (): Promise<void> => this.#take({ gesture: 'deploy' });
  createControllerPool: Cluster['createControllerPool'] = (pool) =>
    this.#take({
      gesture: 'create-controller-pool',
      ...(pool.storage === undefined
        ? { deleteClaim: pool.deleteClaim }
        : { deleteClaim: true, storage: pool.storage }),
    });
  deleteControllerPool = (): Promise<void> => this.#take({ gesture: 'delete-controller-pool', deleteClaim: true });
  annotate: Cluster['annotate'] = (value) => this.#take({ gesture: 'annotate', value });
  deleteControllerVolumes = (): Promise<void> => this.#take({ gesture: 'delete-controller-volumes' });
  deleteZnode: Cluster['deleteZnode'] = async (path) => {
    await this.#take({ gesture: 'delete-znode', path });
    return 'deleted';
  };
  restartBroker = (nodeId: number): Promise<void> => this.#take({ gesture: 'restart-broker', nodeId });
  writeZnode: Cluster['writeZnode'] = (path, value) => this.#take({ gesture: 'write-znode', path, value });
  restartController = (nodeId: number): Promise<void> => this.#take({ gesture: 'restart-controller', nodeId });
  restartZooKeeper = (nodeId: number): Promise<void> => this.#take({ gesture: 'restart-zookeeper', nodeId });
  restartOperator = (): Promise<void> => this.#take({ gesture: 'restart-operator' });
  pauseReconciliation = (): Promise<void> => this.#take({ gesture: 'pause-reconciliation', paused: true });
  resumeReconciliation = (): Promise<void> => this.#take({ gesture: 'pause-reconciliation', paused: false });
  scaleBrokers = (replicas: number): Promise<void> => this.#take({ gesture: 'scale-broker-pool', replicas });
  replaceBrokerVolume = (nodeId: number): Promise<void> => this.#take({ gesture: 'replace-broker-volume', nodeId });
  rewriteMetaProperties = (nodeId: number): Promise<void> => this.#take({ gesture: 'rewrite-meta-properties', nodeId });
  upgradeOperator = async (version: string): Promise<void> => {
    throw new UsageError(`There is no profile for operator version ${version}.`);
  };
  waitForState: Cluster['waitForState'] = (state) => this.#world.waitForState(state);
  reached: Cluster['reached'] = (state) => this.#world.waitForState(state);
  reachedEpoch: Cluster['reachedEpoch'] = async () => undefined;
  crashed: Cluster['crashed'] = async () => undefined;
  state = (): KafkaMetadataState | undefined => this.#world.state;
  zookeeper = () => ({ connectString: 'nowhere:1' });
  kafka = () => ({ bootstrapServers: ['nowhere:1'] });
  nodes: Cluster['nodes'] = () => ['zookeeper-0', 'broker-0', 'controller-1'];
  nodeControl: Cluster['nodeControl'] = () => ({
    killOperator: async () => this.#world.inject('kill the operator'),
    kill: async (pod) => this.#world.inject(`kill ${pod}`),
    freeze: async (pod) => this.#world.inject(`freeze ${pod}`),
    thaw: async (pod) => this.#world.inject(`thaw ${pod}`),
  });
  unresponsiveNodes: Cluster['unresponsiveNodes'] = async () => {
    this.#world.calls.push('nodes asked');
    return this.#world.onAsk();
  };
  observed = async (): Promise<void> => undefined;
  close: Cluster['close'] = async ({ hurry }) => {
    const { aborted } = this.#world.options.signal;
    this.#world.calls.push(`cluster closed, run over: ${aborted}, hurry: ${hurry}`);
  };

  async #take(gesture: Gesture): Promise<void> {
    this.#world.options.signal.throwIfAborted();
    this.#world.write({ type: 'gesture', ...gesture });
  }
}
