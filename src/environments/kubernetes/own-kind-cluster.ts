import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, UsageError } from '../../errors.js';
import { Guard } from '../guardian/guard.js';
import { KindCluster, type KindOptions } from './kind-cluster.js';

export type OwnKindOptions = Omit<KindOptions, 'name' | 'kubeconfig' | 'env'> & {
  readonly env: NodeJS.ProcessEnv;
};

/**
 * A kind cluster for one call, with a kubeconfig in a folder of its own, under a guardian: both are gone when the call is
 * over, whatever ends it, also while the cluster is being created.
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

  /** @throws as KindCluster.create does; nothing is left then. */
  static async create(options: OwnKindOptions): Promise<OwnKindCluster> {
    // In the command line of kind, by the kubeconfig's path, and not in those of the nodes' processes, which have the name.
    const mark = `remigrate-kind-${randomBytes(8).toString('hex')}`;
    const name = `remigrate-${randomBytes(4).toString('hex')}`;
    const deletion = await KindCluster.deletion(name, options.env);
    const folder = join(tmpdir(), mark);
    const guard = await Guard.start(mark);
    try {
      guard.watchFolder(folder);
      guard.runAtEnd(deletion);
      await makeFolder(folder);
      const cluster = await KindCluster.create({ ...options, name, kubeconfig: join(folder, 'kubeconfig') });
      return new OwnKindCluster(cluster, folder, guard);
    } catch (error) {
      // Nothing was begun. After another failure the guardian looks once more for what there may be.
      if (error instanceof UsageError) guard.forgetCommand();
      await guard.close();
      throw error;
    }
  }

  /** Of the kubeconfig. */
  get context(): string {
    return this.#cluster.context;
  }

  get kubeconfig(): string {
    return this.#cluster.kubeconfig;
  }

  /** Gives the cluster to the user, whatever becomes of this call. @returns how to use and how to delete it. */
  keep(): string {
    this.#guard.forgetCommand();
    this.#guard.releaseFolder(this.#folder);
    const { name, kubeconfig, context } = this.#cluster;
    return (
      `The kind cluster ${name} is kept. Its kubeconfig is ${kubeconfig}, its context ${context}. ` +
      `To delete both: kind delete cluster --name ${name} && rm -r ${this.#folder}`
    );
  }

  /** Deletes the cluster and its folder, unless it is kept. */
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

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    throw new UsageError(
      `The kubeconfig's folder can't be made in ${tmpdir()}: ${messageOf(error)}. Let TMPDIR name a folder that you may write.`,
      { cause: error },
    );
  }
}
