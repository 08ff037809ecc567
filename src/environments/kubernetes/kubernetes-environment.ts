import type { Cluster } from '../../cluster/cluster.js';
import type { ClusterOptions, Environment, RunWorkspace } from '../../cluster/environment.js';
import { UsageError } from '../../errors.js';
import type { Parts } from '../../journal/events.js';
import { NAMESPACE, type Pod } from '../../kubernetes/core-objects.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';
import {
  describeOperator,
  type InstalledOperator,
  installedOperators,
  isStandIn,
  operatorPodOf,
  rejectRivals,
  restartRefused,
  upgradeRefused,
  usableOperator,
} from './installed-operator.js';
import { KubernetesCluster } from './kubernetes-cluster.js';
import { RUN_LABEL, type RunObjects } from './manifests.js';
import { OperatorInstallation } from './operator-installation.js';
import { isDefinition, operatorObjects } from './operator-manifests.js';
import type { OperatorRelease, OperatorReleases } from './operator-release.js';
import { removeRun } from './removal.js';
import { describeMissingRights, RIGHTS_OF_A_RUN, RIGHTS_TO_INSTALL } from './rights.js';
import { RunLease } from './run-lease.js';
import { checkDefinitions } from './shared-definitions.js';

export interface KubernetesEnvironmentOptions {
  /** A connected client, which is closed with the environment. */
  readonly api: KubeApi;
  readonly releases: OperatorReleases;
  /** The operator's images, instead of the release's, by operator version. */
  readonly operatorImages: ReadonlyMap<string, string>;
  readonly imageRegistry?: string | undefined;
  readonly useInstalledDefinitions: boolean;
  /** Install nothing: the runs use the installed operator, which must watch all namespaces. */
  readonly useInstalledOperator: boolean;
  /** `STRIMZI_FULL_RECONCILIATION_INTERVAL_MS`. */
  readonly reconciliationIntervalMs: number;
  /** Called with a line for each step that takes time. */
  readonly progress: (step: string) => void;
  /** Releases the cluster when the environment is closed: deletes the kind cluster, for example. */
  readonly release: () => Promise<void>;
}

const REMOVED_MS = 300_000;

/** Provides a run's operator. Each function returns the pod of the operator that runs from then on. */
interface OperatorOfRun {
  readonly start: () => Promise<Pod>;
  readonly upgrade: (version: string) => Promise<Pod>;
  readonly restart: () => Promise<Pod>;
}

/** Runs scenarios on a real Strimzi operator in Kubernetes: one namespace, one operator and one cluster per run. */
export class KubernetesEnvironment implements Environment {
  readonly parts: Parts;
  readonly sideBySide = false;
  readonly #options: KubernetesEnvironmentOptions;
  /** The installed operator that the runs use; undefined: each run installs its own. */
  readonly #installed: InstalledOperator | undefined;

  private constructor(
    options: KubernetesEnvironmentOptions,
    operator: Parts['operator'],
    installed: InstalledOperator | undefined,
  ) {
    this.#options = options;
    this.#installed = installed;
    // The cluster is observed through watches and the operator's log, whose times are in whole seconds.
    this.parts = { environment: 'kubernetes', operator, kafka: 'real', observedWithinSeconds: 2 };
  }

  /**
   * Checks the rights that a run needs and the installed operators, and reads the manifests of every version.
   * @throws UsageError when a right is missing, when an installed operator would reconcile the runs' clusters or cannot
   * be used, when another live run uses CustomResourceDefinitions of another version, or when the manifests of a version cannot be read.
   */
  static async open(
    options: KubernetesEnvironmentOptions,
    versions: readonly string[],
    signal: AbortSignal,
  ): Promise<KubernetesEnvironment> {
    const { api, useInstalledOperator, progress } = options;
    const { context, server } = api.server;
    progress(`Checking the cluster of context ${context} (${server}): rights, storage, installed operators`);
    const rights = useInstalledOperator ? RIGHTS_OF_A_RUN : [...RIGHTS_OF_A_RUN, ...RIGHTS_TO_INSTALL];
    const missing = await api.missingRights(rights, { signal });
    if (missing.length > 0) throw new UsageError(describeMissingRights(context, missing));
    await checkDefaultStorage(api, signal);
    const operators = await installedOperators(api, signal);
    if (useInstalledOperator) {
      const installed = usableOperator(operators, versions, context);
      progress(`Using ${describeOperator(installed)}, which is installed in the cluster`);
      return new KubernetesEnvironment(options, installed.standIn ? 'stand-in' : 'real', installed);
    }
    rejectRivals(operators, context);
    const releases: OperatorRelease[] = [];
    for (const version of versions) releases.push(await options.releases.get(version, signal));
    for (const { objects } of releases) {
      await checkDefinitions(api, objects.filter(isDefinition), {
        run: undefined,
        useInstalled: options.useInstalledDefinitions,
        signal,
      });
    }
    const standIns = releases.filter(({ objects }) => objects.some(isStandIn));
    if (standIns.length > 0 && standIns.length < releases.length) {
      throw new UsageError(
        'Some of the operator versions are the real Strimzi and others are a stand-in: run them separately.',
      );
    }
    return new KubernetesEnvironment(options, standIns.length > 0 ? 'stand-in' : 'real', undefined);
  }

  namesOf({ mark }: Pick<RunWorkspace, 'mark'>) {
    return { name: 'my-cluster', namespace: mark.slice(0, NAMESPACE_LENGTH), clusterDomain: 'cluster.local' };
  }

  async create(options: ClusterOptions): Promise<Cluster> {
    const { api } = this.#options;
    const { name, namespace } = this.namesOf(options.workspace);
    const objects: RunObjects = { name, namespace, run: namespace };
    const { signal } = options;
    await this.#createNamespace(objects, signal);
    let lease: RunLease | undefined;
    // The run's signal may be aborted by then: the removal has a deadline of its own.
    const tearDown = async (): Promise<void> => {
      await lease?.release();
      await removeRun(api, objects.run, AbortSignal.timeout(REMOVED_MS));
    };
    try {
      lease = await RunLease.take(
        api,
        { namespace, run: objects.run, title: options.run, failed: options.failed },
        signal,
      );
      const operator = this.#operatorOf(objects, options);
      const pod = await operator.start();
      const { progress } = this.#options;
      const { upgrade, restart: restartOperator } = operator;
      const parts = { api, objects, progress, upgrade, restartOperator, tearDown };
      return await KubernetesCluster.start({ ...options, ...parts }, pod);
    } catch (error) {
      await tearDown();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#options.api.close();
    await this.#options.release();
  }

  async #createNamespace({ namespace, run }: RunObjects, signal: AbortSignal): Promise<void> {
    const { api } = this.#options;
    if ((await api.get({ ...NAMESPACE, name: namespace }, { signal })) !== undefined) {
      throw new UsageError(
        `The namespace ${namespace} already exists; a run only uses a namespace that it has created.`,
      );
    }
    await api.create({ ...NAMESPACE, metadata: { name: namespace, labels: { [RUN_LABEL]: run } } }, { signal });
  }

  #operatorOf(objects: RunObjects, { operatorVersion, stateTimeoutMs, signal }: ClusterOptions): OperatorOfRun {
    const { api, useInstalledDefinitions, progress } = this.#options;
    const installed = this.#installed;
    if (installed !== undefined) {
      return {
        start: () => operatorPodOf(installed, api, signal),
        upgrade: () => Promise.reject(upgradeRefused(installed)),
        restart: () => Promise.reject(restartRefused(installed)),
      };
    }
    const installation = new OperatorInstallation(api, {
      namespace: objects.namespace,
      run: objects.run,
      useInstalledDefinitions,
      readyTimeoutMs: stateTimeoutMs,
      signal,
      progress,
    });
    const upgrade = (version: string): Promise<Pod> => this.#install(installation, objects, version, signal);
    return { start: () => upgrade(operatorVersion), upgrade, restart: () => installation.restart() };
  }

  async #install(
    installation: OperatorInstallation,
    { namespace, run }: RunObjects,
    version: string,
    signal: AbortSignal,
  ): Promise<Pod> {
    const { api, releases, operatorImages, imageRegistry, reconciliationIntervalMs } = this.#options;
    const release = await releases.get(version, signal);
    const kubernetes = await api.serverVersion({ signal });
    return installation.apply(
      version,
      operatorObjects(release, {
        namespace,
        run,
        version,
        kubernetes,
        reconciliationIntervalMs,
        operatorImage: operatorImages.get(version),
        imageRegistry,
      }),
    );
  }
}

/** `remigrate-` and 12 of the mark's hexadecimal digits. */
const NAMESPACE_LENGTH = 'remigrate-'.length + 12;

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
/**
 * The older name of the same annotation, which Kubernetes still accepts (`component-helpers/storage/.../helpers.go`).
 */
const DEFAULT_CLASS_BETA = 'storageclass.beta.kubernetes.io/is-default-class';

/** The claims of a run do not set a class: without a default class they would stay Pending. */
async function checkDefaultStorage(api: KubeApi, signal: AbortSignal): Promise<void> {
  const { items } = await api.list({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }, { signal });
  const isDefault = ({ metadata: { annotations } }: KubeObject): boolean =>
    annotations?.[DEFAULT_CLASS] === 'true' || annotations?.[DEFAULT_CLASS_BETA] === 'true';
  if (items.some(isDefault)) return;
  const names = items.map(({ metadata }) => metadata.name).join(', ');
  throw new UsageError(
    `The cluster of context ${api.server.context} has no default StorageClass (${names === '' ? 'it has no StorageClass' : `it has ${names}`}): ` +
      `set the annotation ${DEFAULT_CLASS}=true on a StorageClass.`,
  );
}
