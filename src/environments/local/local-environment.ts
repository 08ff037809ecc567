import type { Cluster } from '../../cluster/cluster.js';
import type { ClusterNames, ClusterOptions, Environment } from '../../cluster/environment.js';
import type { ClassDataArchives } from '../../distribution/class-data.js';
import type { Java } from '../../distribution/java.js';
import type { KafkaDistribution } from '../../distribution/kafka.js';
import type { Parts } from '../../journal/events.js';
import type { OperatorProfiles } from '../../operator/profile.js';
import { NodeEvents } from '../replayed/node-events.js';
import { clusterNodes, ReplayedCluster } from '../replayed/replayed-cluster.js';
import { LocalRuntime } from './local-runtime.js';
import type { Timings } from './overlay.js';
import { Ports } from './ports.js';

export interface LocalEnvironmentOptions {
  readonly java: Java;
  readonly kafka: KafkaDistribution;
  /** Archives of the classes, one object for each run. */
  readonly classData: () => ClassDataArchives;
  readonly profiles: OperatorProfiles;
  readonly timings: Timings;
}

/**
 * STRIMZI_FULL_RECONCILIATION_INTERVAL_MS of the replay. 120 s by default, 10 s where it was recorded, 30 s in Strimzi's own
 * system tests (docs/behaviour.md): it only decides how often an operator that waits looks again.
 */
const RECONCILIATION_INTERVAL_MS = { fast: 2_000, 'kafka-defaults': 10_000 } as const;

/** Kafka, ZooKeeper and the replayed operator on this machine: every node a JVM process, every run a folder. */
export class LocalEnvironment implements Environment {
  readonly parts: Parts = { environment: 'local', operator: 'replayed', kafka: 'real' };
  readonly sideBySide = true;
  readonly #options: LocalEnvironmentOptions;
  readonly #ports = new Ports();

  constructor(options: LocalEnvironmentOptions) {
    this.#options = options;
  }

  /** The same in every run: a run's nodes know each other by port. */
  namesOf(): ClusterNames {
    return { name: 'my-cluster', namespace: 'remigrate', clusterDomain: 'cluster.local' };
  }

  async create(options: ClusterOptions): Promise<Cluster> {
    const { java, kafka, profiles, timings } = this.#options;
    if (kafka.version !== options.kafkaVersion) {
      throw new Error(`this environment has Kafka ${kafka.version}, the run asks for ${options.kafkaVersion}`);
    }
    const names = this.namesOf();
    const nodes = clusterNodes(names, options.topology);
    const events = new NodeEvents();
    const runtime = await LocalRuntime.create(
      {
        java,
        kafka,
        classData: this.#options.classData(),
        ports: this.#ports,
        workspace: options.workspace,
        timings,
        listener: events,
      },
      [...nodes.zookeepers, ...nodes.brokers, ...nodes.controllers],
    );
    return new ReplayedCluster({
      ...options,
      names,
      profiles,
      runtime,
      nodes,
      events,
      reconciliationIntervalMs: RECONCILIATION_INTERVAL_MS[timings],
      tearDown: ({ hurry }) => runtime.close({ graceful: !hurry }),
    });
  }

  async close(): Promise<void> {
    // Runs close what is theirs; the ports are this object's and go with it.
  }
}
