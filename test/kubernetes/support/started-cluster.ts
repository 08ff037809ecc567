import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { KubernetesEnvironment } from '../../../src/environments/kubernetes/kubernetes-environment.js';
import { OperatorReleases } from '../../../src/environments/kubernetes/operator-release.js';
import { WaitAborted } from '../../../src/errors.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { Journal } from '../../../src/journal/journal.js';
import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import { connectToCluster } from '../api/real-cluster.js';

export interface StartOptions {
  readonly operatorVersion: string;
  /** Like `--operator-manifests`. */
  readonly manifests: string;
  /** The versions that the operator may be upgraded to. */
  readonly upgrades?: readonly string[];
  readonly kafkaVersion?: string;
  readonly stateTimeoutMs?: number;
}

const RECONCILIATION_INTERVAL_MS = 5_000;
/**
 * A wait in one of these tests takes less than a minute on two idle cores. But if a claim is bound while the scheduler
 * works on its pod, the scheduler may miss it, and retries the pod after five minutes (Kubernetes 1.33
 * `scheduling_queue.go`, DefaultPodMaxInUnschedulablePodsDuration): observed twice in a few thousand pods, with
 * the claim Bound and the pod unschedulable because of "unbound immediate PersistentVolumeClaims".
 */
export const STATE_TIMEOUT_MS = 420_000;

/** A cluster of the Kubernetes environment without scenario and runner: the tests perform the gestures. */
export class StartedCluster {
  readonly cluster: Cluster;
  readonly journal: Journal;
  readonly namespace: string;
  /** The test's own client. */
  readonly api: KubeApi;
  /** The failures that the cluster has reported; normally none. */
  readonly failures: readonly Error[];
  readonly #environment: KubernetesEnvironment;
  readonly #folder: string;
  readonly #run: AbortController;
  /** How many events `journalled` has returned. */
  #seen = 0;

  private constructor(parts: {
    readonly cluster: Cluster;
    readonly journal: Journal;
    readonly namespace: string;
    readonly api: KubeApi;
    readonly failures: readonly Error[];
    readonly environment: KubernetesEnvironment;
    readonly folder: string;
    readonly run: AbortController;
  }) {
    this.cluster = parts.cluster;
    this.journal = parts.journal;
    this.namespace = parts.namespace;
    this.api = parts.api;
    this.failures = parts.failures;
    this.#environment = parts.environment;
    this.#folder = parts.folder;
    this.#run = parts.run;
  }

  /** The events since the last call, up to what the cluster has shown by now. */
  async journalled(): Promise<readonly JournalEvent[]> {
    await this.cluster.observed();
    const recent = this.journal.events().slice(this.#seen);
    this.#seen += recent.length;
    return recent;
  }

  static async start(options: StartOptions): Promise<StartedCluster> {
    const { operatorVersion, manifests, upgrades = [], kafkaVersion = '3.9.0' } = options;
    const run = new AbortController();
    const { signal } = run;
    const folder = await mkdtemp(join(tmpdir(), 'test-cluster-'));
    const environment = await KubernetesEnvironment.open(
      {
        api: await connectToCluster(),
        releases: new OperatorReleases(manifests),
        operatorImages: new Map(),
        useInstalledDefinitions: false,
        useInstalledOperator: false,
        reconciliationIntervalMs: RECONCILIATION_INTERVAL_MS,
        progress: () => undefined,
        release: async () => undefined,
      },
      [operatorVersion, ...upgrades],
      signal,
    );
    const workspace = {
      folder,
      results: join(folder, 'results'),
      mark: `remigrate-${randomBytes(12).toString('hex')}`,
    };
    const journal = new Journal();
    const failures: Error[] = [];
    const cluster = await environment.create({
      run: 'test',
      workspace,
      operatorVersion,
      kafkaVersion,
      topology: { brokers: 1, controllers: 1, zookeepers: 1 },
      journal,
      signal,
      stateTimeoutMs: options.stateTimeoutMs ?? STATE_TIMEOUT_MS,
      failed: (error) => failures.push(error),
    });
    const { namespace } = environment.namesOf(workspace);
    const api = await connectToCluster();
    return new StartedCluster({ cluster, journal, namespace, api, failures, environment, folder, run });
  }

  /** The folder of the run's results. */
  get results(): string {
    return join(this.#folder, 'results');
  }

  /** The log of a pod, as written by the run. */
  log(pod: string): Promise<string> {
    return readFile(join(this.results, 'logs', `${pod}.log`), 'utf8');
  }

  /** Ends the run as the runner does; its folder is kept. */
  async end(): Promise<void> {
    this.#run.abort(new WaitAborted('the test is over'));
    await this.cluster.close({ hurry: false });
    await this.#environment.close();
  }

  /** Ends the run, if that was not done, and removes its folder. */
  async close(): Promise<void> {
    await this.end();
    this.api.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
