import type { Cluster } from '../../cluster/cluster.js';
import type { ClusterNames, ClusterOptions, Environment } from '../../cluster/environment.js';
import type { ClassDataArchives } from '../../distribution/class-data.js';
import type { Java } from '../../distribution/java.js';
import type { KafkaDistribution } from '../../distribution/kafka.js';
import type { Parts } from '../../journal/events.js';
import type { OperatorProfiles } from '../../operator/profile.js';
import type { Timings } from '../replayed/overlay.js';
import { createReplayedCluster, REPLAYED_NAMES } from '../replayed/replayed-environment.js';
import { LocalRuntime } from './local-runtime.js';
import { Ports } from './ports.js';

export interface LocalEnvironmentOptions {
  readonly java: Java;
  readonly kafka: KafkaDistribution;
  /** Archives of the classes, one object for each run. */
  readonly classData: () => ClassDataArchives;
  readonly profiles: OperatorProfiles;
  readonly timings: Timings;
}

/** Kafka, ZooKeeper and the replayed operator on this machine: a JVM for every node, a folder for every run. */
export class LocalEnvironment implements Environment {
  readonly parts: Parts = { environment: 'local', operator: 'replayed', kafka: 'real', observedWithinSeconds: 0 };
  readonly sideBySide = true;
  readonly #options: LocalEnvironmentOptions;
  readonly #ports = new Ports();

  constructor(options: LocalEnvironmentOptions) {
    this.#options = options;
  }

  namesOf(): ClusterNames {
    return REPLAYED_NAMES;
  }

  async create(options: ClusterOptions): Promise<Cluster> {
    const { java, kafka, classData, profiles, timings } = this.#options;
    if (kafka.version !== options.kafkaVersion) {
      throw new Error(`this environment has Kafka ${kafka.version}, but the run needs ${options.kafkaVersion}`);
    }
    return createReplayedCluster(options, { profiles, timings }, (nodes, listener) =>
      LocalRuntime.create(
        { java, kafka, classData: classData(), ports: this.#ports, workspace: options.workspace, timings, listener },
        nodes,
      ),
    );
  }

  async close(): Promise<void> {
    // Every run closes its own resources, and this environment has none besides the ports.
  }
}
