import { join } from 'node:path';
import type { Environment } from '../cluster/environment.js';
import { KubernetesEnvironment } from '../environments/kubernetes/kubernetes-environment.js';
import { OperatorReleases } from '../environments/kubernetes/operator-release.js';
import { OwnKindCluster } from '../environments/kubernetes/own-kind-cluster.js';
import { KubeApi } from '../kubernetes/kube-api.js';
import { packageRoot } from '../package-root.js';
import type { KindChoice, KubernetesChoice, OpenOptions, UserClusterChoice } from './environment-choice.js';

/** The same as in the recordings. Strimzi's default is 120 s, and its system tests use 30 s. */
const RECONCILIATION_INTERVAL_MS = 10_000;

/**
 * Provides the chosen cluster and connects to it.
 * @throws UsageError when the context, manifests or rights are missing, or `kind` or Docker if they are needed.
 */
export async function openKubernetes(choice: KubernetesChoice, options: OpenOptions): Promise<Environment> {
  const { operatorManifests, operatorImages, imageRegistry, useInstalledDefinitions, useInstalledOperator } = choice;
  const { interrupt, operatorVersions, progress } = options;
  // Read the manifests first, so that an error is reported before a cluster is created, which takes a minute.
  const releases = new OperatorReleases(operatorManifests);
  for (const version of useInstalledOperator ? [] : operatorVersions) {
    progress(`Reading the manifests of Strimzi ${version} from ${releases.placeOf(version)}`);
    await releases.get(version, interrupt);
  }
  const cluster = await provideCluster(choice.cluster, options);
  try {
    const api = await KubeApi.connect({ ...cluster.access, signal: interrupt });
    try {
      return await KubernetesEnvironment.open(
        {
          api,
          releases,
          operatorImages,
          imageRegistry,
          useInstalledDefinitions,
          useInstalledOperator,
          reconciliationIntervalMs: RECONCILIATION_INTERVAL_MS,
          progress,
          release: cluster.release,
        },
        operatorVersions,
        interrupt,
      );
    } catch (error) {
      api.close();
      throw error;
    }
  } catch (error) {
    await cluster.release();
    throw error;
  }
}

/** A cluster to run in, and how to release it. */
interface ProvidedCluster {
  readonly access: { readonly context: string; readonly kubeconfig?: string };
  readonly release: () => Promise<void>;
}

async function provideCluster(choice: UserClusterChoice | KindChoice, options: OpenOptions): Promise<ProvidedCluster> {
  if ('context' in choice) {
    const { context, kubeconfig } = choice;
    return { access: { context, ...(kubeconfig === undefined ? {} : { kubeconfig }) }, release: async () => undefined };
  }
  const { env, progress, interrupt } = options;
  const cluster = await OwnKindCluster.create({
    configFile: choice.kindConfig ?? join(packageRoot(), 'fixtures/kind/cluster.yaml'),
    ...(choice.kindImage === undefined ? {} : { image: choice.kindImage }),
    loadImages: choice.loadImages,
    env,
    signal: interrupt,
    progress,
  });
  // Keep it now, so that it is kept even if the command is killed.
  const kept = choice.keep ? cluster.keep() : undefined;
  const release = async (): Promise<void> => {
    await cluster.close({ keep: choice.keep });
    if (kept !== undefined) progress(kept);
  };
  return { access: { context: cluster.context, kubeconfig: cluster.kubeconfig }, release };
}
