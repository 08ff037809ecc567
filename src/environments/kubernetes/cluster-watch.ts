import { asError, EnvironmentError } from '../../errors.js';
import type { Journal } from '../../journal/journal.js';
import {
  CLAIM,
  type Claim,
  CONFIG_MAP,
  type ConfigMap,
  EVENT,
  isBeingDeleted,
  POD,
  type Pod,
} from '../../kubernetes/core-objects.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import { linesOf } from '../../kubernetes/lines.js';
import { RequestFailed } from '../../kubernetes/request-failed.js';
import { Watched } from '../../kubernetes/watched.js';
import type { KafkaMetadataState } from '../../strimzi/migration-state.js';
import {
  CLUSTER_LABEL,
  claimsOfPod,
  KAFKA,
  type KafkaResource,
  kafkaFailure,
  kafkaIsReady,
  kraftAnnotation,
  stateWarnings,
} from '../../strimzi/resources.js';
import type { Topology } from '../../strimzi/topology.js';
import { Listeners } from '../../waiting/listeners.js';
import { fatalLine } from '../../witness/fatal-line.js';
import type { OperatorEvents } from './operator-events.js';
import type { PassFailure } from './operator-log.js';
import type { PhaseView } from './phases.js';
import { PodEvents } from './pod-events.js';
import { type KubeEvent, podProblemsOf, provisioningProblem } from './pod-problems.js';

export interface ClusterWatchOptions {
  readonly namespace: string;
  readonly name: string;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  /** Called for every pod of the cluster that appears or changes. */
  readonly pod: (pod: Pod) => void;
  readonly failed: (error: Error) => void;
}

/** Follows the objects of one Strimzi cluster: the Kafka resource, pods, claims, and their events. */
export class ClusterWatch {
  readonly podEvents: PodEvents;
  readonly #options: ClusterWatchOptions;
  readonly #listeners = new Listeners();
  readonly #watches: { close(): Promise<void> }[] = [];
  #claims: ReadonlyMap<string, Claim> = new Map();
  #pods: ReadonlyMap<string, Pod> = new Map();
  #events: ReadonlyMap<string, KubeEvent> = new Map();
  #kafka: KafkaResource | undefined;
  /** Whether the first state was journalled: the operator's log shows only transitions. */
  #reportedState = false;

  private constructor(api: KubeApi, options: ClusterWatchOptions) {
    this.#options = options;
    const { journal, namespace, signal, failed } = options;
    this.podEvents = new PodEvents(journal, {
      configMap: async (name) => (await api.get<ConfigMap>({ ...CONFIG_MAP, namespace, name }, { signal }))?.data,
      claimUid: async (pod) => {
        for (const name of claimsOfPod(pod)) {
          const claim = await api.get<Claim>({ ...CLAIM, namespace, name }, { signal });
          if (claim !== undefined) return isBeingDeleted(claim) ? undefined : claim.metadata.uid;
        }
        return undefined;
      },
      fatalLine: async (pod) => fatalLine(await previousLog(api, { namespace, pod: this.#pods.get(pod) }, signal)),
      failed: (error) => {
        if (!signal.aborted) failed(error);
      },
    });
    this.podEvents.subscribe(() => this.#listeners.notify());
  }

  /** @throws RequestFailed when the objects cannot be watched. */
  static async start(api: KubeApi, options: ClusterWatchOptions): Promise<ClusterWatch> {
    const watch = new ClusterWatch(api, options);
    const { namespace, name, signal, failed } = options;
    const labelSelector = `${CLUSTER_LABEL}=${name}`;
    const onFailure = (failure: unknown): void => {
      if (!signal.aborted) failed(asError(failure));
    };
    try {
      // Claims first: they show whether a pod's volume is new.
      const claims = await Watched.start<Claim>(
        api,
        { ...CLAIM, namespace, labelSelector },
        {
          signal,
          onFailure,
          listener: ({ change, object }) => {
            watch.podEvents.claim(change, object);
            watch.#checkClaims();
          },
        },
      );
      watch.#watches.push(claims);
      watch.#claims = claims.objects;
      const pods = await Watched.start<Pod>(
        api,
        { ...POD, namespace, labelSelector },
        {
          signal,
          onFailure,
          listener: ({ change, object }) => {
            watch.podEvents.pod(change, object);
            if (change !== 'deleted') options.pod(object);
          },
        },
      );
      watch.#watches.push(pods);
      watch.#pods = pods.objects;
      const events = await Watched.start<KubeEvent>(
        api,
        { ...EVENT, namespace },
        { signal, onFailure, listener: () => watch.#checkClaims() },
      );
      watch.#watches.push(events);
      watch.#events = events.objects;
      watch.#watches.push(
        await Watched.start<KafkaResource>(
          api,
          { ...KAFKA, namespace, fieldSelector: `metadata.name=${name}` },
          {
            signal,
            onFailure,
            listener: ({ change, object }) => watch.#kafkaChanged(change === 'deleted' ? undefined : object),
          },
        ),
      );
    } catch (error) {
      await watch.close();
      throw error;
    }
    return watch;
  }

  /** The status has lost its state: the next one is journalled although the operator's log does not show it. */
  stateRemoved(): void {
    this.#reportedState = false;
  }

  /** `status.kafkaMetadataState`. */
  state(): KafkaMetadataState | undefined {
    return this.#kafka?.status?.kafkaMetadataState;
  }

  /** The input of phases.ts. @param topology how many nodes the user's resources ask for now. */
  phase(operator: Pick<OperatorEvents, 'reachedIn' | 'wholePasses'>, topology: Topology): PhaseView {
    return {
      state: this.state(),
      topology,
      nodes: this.podEvents.nodes(),
      warnings: this.#kafka === undefined ? [] : stateWarnings(this.#kafka),
      ready: this.#kafka !== undefined && kafkaIsReady(this.#kafka),
      reachedIn: operator.reachedIn,
      wholePasses: operator.wholePasses,
    };
  }

  /** Why the last pass failed, from the status; undefined: it did not fail, or the status does not show it yet. */
  failure(): PassFailure | undefined {
    return this.#kafka === undefined ? undefined : kafkaFailure(this.#kafka);
  }

  /** Why the cluster's pods and claims are not ready, from their status and events. */
  problems(): readonly string[] {
    return podProblemsOf(this.#pods.values(), this.#claims.values(), this.#events.values());
  }

  /** Calls back after every change. @returns removes the callback. */
  subscribe(changed: () => void): () => void {
    return this.#listeners.add(changed);
  }

  async close(): Promise<void> {
    await Promise.all(this.#watches.map((one) => one.close()));
    await this.podEvents.settled();
  }

  #checkClaims(): void {
    const problem = provisioningProblem(this.#claims.values(), this.#events.values());
    if (problem !== undefined) this.#options.failed(new EnvironmentError(problem));
  }

  #kafkaChanged(kafka: KafkaResource | undefined): void {
    this.#kafka = kafka;
    const state = this.state();
    if (!this.#reportedState && kafka !== undefined && state !== undefined) {
      this.#reportedState = true;
      this.#options.journal.write({ type: 'state-changed', from: null, to: state, annotation: kraftAnnotation(kafka) });
    }
    this.#listeners.notify();
  }
}

/** The end of a log that is read to find out why a container ended. */
const READ_LOG_LINES = 200;

/** The last lines of the previous run of a pod's first container; none if the kubelet no longer has them. */
async function previousLog(
  api: KubeApi,
  { namespace, pod }: { readonly namespace: string; readonly pod: Pod | undefined },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const container = pod?.spec?.containers[0]?.name;
  if (pod === undefined || container === undefined) return [];
  const lines: string[] = [];
  try {
    const log = await api.podLog(
      { namespace, name: pod.metadata.name },
      { container, previous: true, tailLines: READ_LOG_LINES },
      { signal },
    );
    for await (const { text } of linesOf(log)) lines.push(text);
  } catch (error) {
    // It was deleted with its pod, or the container was restarted again meanwhile: the journal says how it ended.
    if (!(error instanceof RequestFailed)) throw error;
  }
  return lines;
}
