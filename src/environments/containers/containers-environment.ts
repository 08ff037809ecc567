import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.js';
import type { ClusterNames, ClusterOptions, Environment } from '../../cluster/environment.js';
import { messageOf, UsageError } from '../../errors.js';
import type { Parts } from '../../journal/events.js';
import type { OperatorProfiles } from '../../operator/profile.js';
import { packageRoot } from '../../package-root.js';
import { Guard } from '../guardian/guard.js';
import type { Timings } from '../replayed/overlay.js';
import { createReplayedCluster, REPLAYED_NAMES } from '../replayed/replayed-environment.js';
import { ContainersRuntime } from './containers-runtime.js';
import { Engine } from './engine.js';
import { checkImage, type KafkaImage, PROBE } from './kafka-image.js';
import { labelOfCall, labelsOfCall } from './labels.js';

export interface ContainersEnvironmentOptions {
  readonly env: NodeJS.ProcessEnv;
  /** `{operator}` and `{kafka}` stand for the versions. */
  readonly image: string;
  readonly kafkaVersion: string;
  readonly operatorVersions: readonly string[];
  readonly profiles: OperatorProfiles;
  readonly timings: Timings;
  /** Whether volumes are kept. */
  readonly keep: boolean;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Kafka, ZooKeeper and the replayed operator in Docker: a container for every node, a network for every run. */
export class ContainersEnvironment implements Environment {
  readonly parts: Parts = { environment: 'containers', operator: 'replayed', kafka: 'real', observedWithinSeconds: 0 };
  readonly sideBySide = true;
  readonly #options: ContainersEnvironmentOptions;
  readonly #engine: Engine;
  /** The label of everything that the call creates in Docker. */
  readonly #call: string;
  readonly #guard: Guard;
  readonly #images = new Map<string, KafkaImage>();

  private constructor(options: ContainersEnvironmentOptions, engine: Engine, call: string, guard: Guard) {
    this.#options = options;
    this.#engine = engine;
    this.#call = call;
    this.#guard = guard;
  }

  /**
   * Finds the engine, and finds or pulls the image of every operator version. From then on a guardian removes what the
   * call creates in Docker, however it ends.
   * @throws UsageError without a usable engine or image.
   */
  static async open(options: ContainersEnvironmentOptions): Promise<ContainersEnvironment> {
    const engine = await Engine.connect(options.env);
    const call = `remigrate-containers-${randomBytes(8).toString('hex')}`;
    // The guardian kills every process with its mark. A user's `docker` command that filters by the label must survive.
    const guard = await Guard.start(`${call}-guardian`, options.progress);
    guard.runAtEnd(removal(call, options.keep));
    const environment = new ContainersEnvironment(options, engine, call, guard);
    try {
      for (const version of options.operatorVersions) await environment.#prepareImage(version);
      return environment;
    } catch (error) {
      await environment.close();
      throw error;
    }
  }

  async #prepareImage(operatorVersion: string): Promise<void> {
    const { kafkaVersion, progress, signal } = this.#options;
    const name = this.#imageOf(operatorVersion);
    if (this.#images.has(name)) return;
    signal.throwIfAborted();
    if (!(await this.#engine.hasImage(name))) {
      progress(`Pulling ${name}`);
      try {
        await this.#engine.pull(name, signal);
      } catch (error) {
        signal.throwIfAborted();
        throw new UsageError(
          `The image ${name} is not available locally and cannot be pulled: ${messageOf(error)}. ` +
            `If the registry requires a login, run "docker pull ${name}" first. Or choose another image with --image.`,
          { cause: error },
        );
      }
    }
    signal.throwIfAborted();
    this.#images.set(name, checkImage(name, await this.#probe(name), kafkaVersion));
  }

  async #probe(image: string): Promise<readonly string[]> {
    try {
      return await this.#engine.output(image, PROBE, labelsOfCall(this.#call));
    } catch (error) {
      if (!/executable file not found|no such file or directory/.test(messageOf(error))) throw error;
      throw new UsageError(
        `Nodes cannot be started in the image ${image}, because it has no shell (sh). Choose another with --image.`,
        {
          cause: error,
        },
      );
    }
  }

  #imageOf(operatorVersion: string): string {
    const { image, kafkaVersion } = this.#options;
    return image.replaceAll('{operator}', operatorVersion).replaceAll('{kafka}', kafkaVersion);
  }

  namesOf(): ClusterNames {
    return REPLAYED_NAMES;
  }

  async create(options: ClusterOptions): Promise<Cluster> {
    const { profiles, timings, keep } = this.#options;
    const image = this.#images.get(this.#imageOf(options.operatorVersion));
    if (image === undefined) throw new Error(`no image was prepared for ${options.operatorVersion}`);
    return createReplayedCluster(options, { profiles, timings }, (nodes, listener) =>
      ContainersRuntime.create(
        { engine: this.#engine, image, call: this.#call, workspace: options.workspace, timings, listener, keep },
        nodes,
      ),
    );
  }

  async close(): Promise<void> {
    const { keep, progress } = this.#options;
    try {
      await this.#engine.removeLabelled(labelOfCall(this.#call), { volumes: keep ? 'kept' : 'removed' });
      this.#guard.forgetCommand();
      if (keep) {
        const volumes = `docker volume ls --quiet --filter label=${labelOfCall(this.#call)}`;
        progress(`The nodes' volumes are kept. To delete them: docker volume rm $(${volumes})`);
      }
    } finally {
      await this.#guard.close();
    }
  }
}

/** The command that removes everything that the call created in Docker: program and arguments. */
function removal(call: string, keep: boolean): readonly string[] {
  const main = join(packageRoot(), 'dist/src/environments/containers/remove.js');
  return [process.execPath, main, labelOfCall(call), keep ? 'kept' : 'removed'];
}
