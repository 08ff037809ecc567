import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterOptions } from '../../src/cluster/environment.js';
import {
  KubernetesEnvironment,
  type KubernetesEnvironmentOptions,
} from '../../src/environments/kubernetes/kubernetes-environment.js';
import { RUN_LABEL } from '../../src/environments/kubernetes/manifests.js';
import { OperatorReleases } from '../../src/environments/kubernetes/operator-release.js';
import { Journal } from '../../src/journal/journal.js';
import type { KubeApi } from '../../src/kubernetes/kube-api.js';
import type { KubeObject } from '../../src/kubernetes/kube-object.js';
import { Watched } from '../../src/kubernetes/watched.js';
import { Listeners } from '../../src/waiting/listeners.js';
import { waitUntil } from '../../src/waiting/wait.js';
import { connectToCluster, IMAGE } from './api/real-cluster.js';
import { changedManifests } from './support/stand-in-manifests.js';

export const VERSION = '0.45.1';
const WAIT_MS = 90_000;
const { signal } = new AbortController();

/** A program that keeps running: Kubernetes considers its pod a ready operator. */
export const IDLE = 'sleep 1 while 1';

/** What one test needs: its own folder, connection and namespace. */
export class Bench {
  readonly api: KubeApi;
  readonly folder: string;
  /** The value of the label of the bench's run, and the name of its namespace. */
  readonly run = `remigrate-${randomBytes(6).toString('hex')}`;
  readonly failures: Error[] = [];
  readonly #listeners = new Listeners();

  private constructor(api: KubeApi, folder: string) {
    this.api = api;
    this.folder = folder;
  }

  static async create(): Promise<Bench> {
    return new Bench(await connectToCluster(), await mkdtemp(join(tmpdir(), 'test-install-')));
  }

  async close(): Promise<void> {
    this.api.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Manifests of the stand-in with another program and other fields in its container and pod. @returns the folder. */
  async manifests(program: string, container: object = {}, pod: object = {}): Promise<string> {
    const command = ['perl', '-e', `$| = 1; $SIG{TERM} = sub { exit 0 }; ${program}`];
    return changedManifests(join(this.folder, 'manifests'), VERSION, (spec) => {
      const [{ name, env } = { name: '', env: [] }] = spec.containers;
      const main = { name, env, image: IMAGE, imagePullPolicy: 'IfNotPresent', command, ...container };
      return { ...spec, ...pod, containers: [main] };
    });
  }

  /** @param manifests the operator's. */
  open(manifests: string, options: Partial<KubernetesEnvironmentOptions> = {}): Promise<KubernetesEnvironment> {
    return KubernetesEnvironment.open(
      {
        api: this.api,
        releases: new OperatorReleases(manifests),
        operatorImages: new Map(),
        useInstalledDefinitions: false,
        useInstalledOperator: false,
        reconciliationIntervalMs: 5_000,
        progress: () => undefined,
        release: async () => undefined,
        ...options,
      },
      [VERSION],
      signal,
    );
  }

  async cluster(options: Partial<ClusterOptions> = {}): Promise<ClusterOptions> {
    const results = join(this.folder, 'results');
    await mkdir(results, { recursive: true });
    return {
      run: 'test',
      workspace: { folder: this.folder, results, mark: this.run },
      operatorVersion: VERSION,
      kafkaVersion: '3.9.0',
      topology: { brokers: 1, controllers: 1, zookeepers: 1 },
      journal: new Journal(),
      signal,
      stateTimeoutMs: 60_000,
      failed: (error) => {
        this.failures.push(error);
        this.#listeners.notify();
      },
      ...options,
    };
  }

  /** The first failure that the cluster reports. */
  failure(): Promise<Error> {
    return waitUntil(
      { what: 'a failure of the cluster', timeoutMs: WAIT_MS, signal },
      (wake) => this.#listeners.add(wake),
      () => this.failures[0],
    );
  }

  /** Objects with the run's label or its namespace's name. */
  async left(): Promise<readonly string[]> {
    const kinds = [
      { apiVersion: 'v1', kind: 'Namespace' },
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' },
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding' },
      { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
    ];
    const lists = await Promise.all(kinds.map((kind) => this.api.list(kind, { signal })));
    return lists
      .flatMap(({ items }) => items)
      .filter(({ metadata }) => metadata.labels?.[RUN_LABEL] === this.run || metadata.name === this.run)
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  }

  /** Waits until `probe` matches an object of the kind. */
  async seen<T extends KubeObject>(
    kind: { readonly apiVersion: string; readonly kind: string; readonly namespace?: string },
    what: string,
    probe: (object: T) => boolean,
  ): Promise<T> {
    const watched = await Watched.start<T>(this.api, kind, { signal });
    try {
      return await watched.waitFor(what, (objects) => [...objects.values()].find(probe), WAIT_MS, signal);
    } finally {
      await watched.close();
    }
  }
}

/** A claim of the cluster's first broker like the operator's: without a StorageClass, unless `more` has one. */
export function claimOfBroker(namespace: string, more: object = {}): KubeObject & { readonly spec: object } {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data-0-my-cluster-broker-0', namespace, labels: { 'strimzi.io/cluster': 'my-cluster' } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more },
  };
}

/** A pod in place of the cluster's first broker. */
export function podOfBroker(namespace: string, container: object): KubeObject & { readonly spec: object } {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'my-cluster-broker-0',
      namespace,
      labels: {
        'strimzi.io/cluster': 'my-cluster',
        'strimzi.io/component-type': 'kafka',
        'strimzi.io/broker-role': 'true',
        'strimzi.io/controller-role': 'false',
      },
    },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 2,
      containers: [{ name: 'kafka', imagePullPolicy: 'IfNotPresent', ...container }],
    },
  };
}
