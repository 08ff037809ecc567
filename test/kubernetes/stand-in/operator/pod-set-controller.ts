import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../../../src/errors.js';
import type { ClusterApi } from './cluster-api.js';
import { log } from './operator-log.js';
import { isReady, POD_KIND, POD_SET, type Stored, type StrimziPodSet } from './resources.js';
import type { WatchedKind } from './watched.js';

type StoredPod = Stored & StrimziPodSet['spec']['pods'][number];

const AGAIN_AFTER_MS = 500;

/**
 * Strimzi's StrimziPodSetController (0.45.1 `StrimziPodSetController.java`): creates the missing pods of a set, deletes
 * those that it does not list and those that have terminated, and counts them in its status. It never deletes a pod
 * because its revision is old: that is the roller's task.
 */
export class PodSetController {
  readonly #api: ClusterApi;
  readonly #podSets: WatchedKind<StrimziPodSet>;
  readonly #pods: WatchedKind<StoredPod>;
  readonly #signal: AbortSignal;
  /** Queued sets, and those being reconciled; a set is never reconciled twice concurrently. */
  readonly #due = new Set<string>();
  readonly #working = new Set<string>();

  constructor(api: ClusterApi, podSets: WatchedKind<StrimziPodSet>, pods: WatchedKind<StoredPod>, signal: AbortSignal) {
    this.#api = api;
    this.#podSets = podSets;
    this.#pods = pods;
    this.#signal = signal;
  }

  start(): void {
    const key = (object: Stored, name: string): string => `${object.metadata.namespace}/${name}`;
    this.#podSets.subscribe((change, podSet) => {
      if (change !== 'deleted') this.#enqueue(key(podSet, podSet.metadata.name));
    });
    this.#pods.subscribe((_change, pod) => {
      const name = pod.metadata.labels?.['strimzi.io/controller-name'];
      if (name !== undefined) this.#enqueue(key(pod, name));
    });
    for (const podSet of this.#podSets.list()) this.#enqueue(key(podSet, podSet.metadata.name));
  }

  #enqueue(key: string): void {
    this.#due.add(key);
    if (this.#working.has(key)) return;
    this.#working.add(key);
    this.#work(key)
      .catch((error: unknown) => {
        if (!this.#signal.aborted) log('ERROR', 'StrimziPodSetController', messageOf(error));
      })
      .finally(() => this.#working.delete(key));
  }

  async #work(key: string): Promise<void> {
    while (this.#due.delete(key) && !this.#signal.aborted) {
      try {
        await this.#reconcile(key);
      } catch (error) {
        log('WARN', 'StrimziPodSetController', `StrimziPodSet ${key} will be retried: ${messageOf(error)}`);
        await pause(AGAIN_AFTER_MS, undefined, { signal: this.#signal });
        this.#due.add(key);
      }
    }
  }

  async #reconcile(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    const podSet = this.#podSets.get(namespace, name);
    if (podSet === undefined || podSet.metadata.deletionTimestamp !== undefined) return;
    const existing = this.#pods
      .list()
      .filter(
        ({ metadata }) => metadata.namespace === namespace && metadata.labels?.['strimzi.io/controller-name'] === name,
      );
    const wanted = new Set(podSet.spec.pods.map((pod) => pod.metadata.name));
    for (const pod of podSet.spec.pods) {
      const found = existing.find((candidate) => candidate.metadata.name === pod.metadata.name);
      if (found === undefined) await this.#create(podSet, pod);
      else if (
        found.metadata.deletionTimestamp === undefined &&
        /^(Failed|Succeeded)$/.test(found.status?.phase ?? '')
      ) {
        await this.#api.delete(POD_KIND, namespace, found.metadata.name, found.metadata.uid);
      }
    }
    for (const pod of existing) {
      if (!wanted.has(pod.metadata.name))
        await this.#api.delete(POD_KIND, namespace, pod.metadata.name, pod.metadata.uid);
    }
    await this.#count(podSet, existing);
  }

  async #create(podSet: StrimziPodSet, pod: StrimziPodSet['spec']['pods'][number]): Promise<void> {
    const { name, uid } = podSet.metadata;
    await this.#api.create({
      ...pod,
      metadata: {
        ...pod.metadata,
        ownerReferences: [
          {
            apiVersion: POD_SET.apiVersion,
            kind: POD_SET.kind,
            name,
            uid,
            controller: true,
            blockOwnerDeletion: false,
          },
        ],
      },
    });
  }

  async #count(podSet: StrimziPodSet, existing: readonly StoredPod[]): Promise<void> {
    const { namespace, name } = podSet.metadata;
    const revisions = new Map(podSet.spec.pods.map((pod) => [pod.metadata.name, revisionOf(pod)]));
    const listed = existing.filter((pod) => revisions.has(pod.metadata.name));
    const status = {
      observedGeneration: podSet.metadata.generation ?? 0,
      pods: podSet.spec.pods.length,
      readyPods: listed.filter(isReady).length,
      currentPods: listed.filter((pod) => revisionOf(pod) === revisions.get(pod.metadata.name)).length,
    };
    const same = (Object.keys(status) as (keyof typeof status)[]).every(
      (field) => podSet.status?.[field] === status[field],
    );
    if (same) return;
    await this.#api.writeStatus<StrimziPodSet>(POD_SET, namespace, name, () => status);
  }
}

function revisionOf(pod: { readonly metadata: { readonly annotations?: Record<string, string> } }): string | undefined {
  return pod.metadata.annotations?.['strimzi.io/revision'];
}
