import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { messageOf, UsageError } from '../../errors.js';
import { Guard } from '../guardian/guard.js';
import { KindCluster, type KindOptions } from './kind-cluster.js';

export type OwnKindOptions = Omit<KindOptions, 'name' | 'kubeconfig' | 'env'> & {
  readonly env: NodeJS.ProcessEnv;
};

/**
 * A kind cluster for one command, with a kubeconfig in a folder of its own, under a guardian: both are deleted when the
 * command ends, however it ends, even if the cluster is still being created.
 */
export class OwnKindCluster {
  readonly #cluster: KindCluster;
  readonly #folder: string;
  readonly #guard: Guard;

  private constructor(cluster: KindCluster, folder: string, guard: Guard) {
    this.#cluster = cluster;
    this.#folder = folder;
    this.#guard = guard;
  }

  /** @throws as KindCluster.create does; nothing is left behind then. */
  static async create(options: OwnKindOptions): Promise<OwnKindCluster> {
    // The mark is in the command line of kind, in the kubeconfig's path, but not in those of the nodes' processes.
    const mark = `remigrate-kind-${randomBytes(8).toString('hex')}`;
    const name = `remigrate-${randomBytes(4).toString('hex')}`;
    const deletion = await KindCluster.deletion(name, options.env);
    const folder = join(resolve(tmpdir()), mark);
    const guard = await Guard.start(mark, options.progress);
    try {
      guard.watchFolder(folder);
      guard.runAtEnd(deletion);
      await makeKubeconfigFolder(folder).catch((error: unknown) => {
        // What has this name is not ours.
        guard.releaseFolder(folder);
        throw error;
      });
      const cluster = await KindCluster.create({ ...options, name, kubeconfig: join(folder, 'kubeconfig') });
      return new OwnKindCluster(cluster, folder, guard);
    } catch (error) {
      // After a UsageError nothing was created. After any other failure the guardian deletes what may be left.
      if (error instanceof UsageError) guard.forgetCommand();
      await guard.close();
      throw error;
    }
  }

  /** The cluster's context in the kubeconfig. */
  get context(): string {
    return this.#cluster.context;
  }

  get kubeconfig(): string {
    return this.#cluster.kubeconfig;
  }

  /** Keeps the cluster for the user, however this command ends. @returns how to use it and how to delete it. */
  keep(): string {
    this.#guard.forgetCommand();
    this.#guard.releaseFolder(this.#folder);
    const { name, kubeconfig, context } = this.#cluster;
    return (
      `The kind cluster ${name} is kept. Its kubeconfig is ${kubeconfig}, its context is ${context}. ` +
      `To delete both: kind delete cluster --name ${name} && rm -r ${this.#folder}`
    );
  }

  /** Deletes the cluster and its folder, unless they are kept. */
  async close(options: { readonly keep: boolean }): Promise<void> {
    try {
      if (options.keep) return;
      await this.#cluster.delete();
      this.#guard.forgetCommand();
      await rm(this.#folder, { recursive: true, force: true });
    } finally {
      await this.#guard.close();
    }
  }
}

async function makeKubeconfigFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    throw new UsageError(
      `The folder for the kubeconfig cannot be created in ${tmpdir()}: ${messageOf(error)}. Set TMPDIR to a folder that you can write to.`,
      { cause: error },
    );
  }
}
