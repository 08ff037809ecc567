import { EnvironmentError, messageOf } from '../../errors.js';
import { EVENT, isBeingDeleted, isReady, POD, type Pod } from '../../kubernetes/core-objects.js';
import { untilEstablished } from '../../kubernetes/definitions.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';
import { linesOf } from '../../kubernetes/lines.js';
import { Watched } from '../../kubernetes/watched.js';
import { KIND_LABEL } from '../../strimzi/resources.js';
import { Phases } from '../../waiting/phases.js';
import type { OperatorObjects } from './operator-manifests.js';
import { createPendingReporter, imageProblem, type KubeEvent, lastWarning, podProblemsOf } from './pod-problems.js';
import { installDefinitions } from './shared-definitions.js';

export interface InstallOptions {
  readonly namespace: string;
  /** The value of the run's label. The run has a lease already. */
  readonly run: string;
  /** Use CustomResourceDefinitions that are already installed, even if they differ. */
  readonly useInstalledDefinitions: boolean;
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Called with a line for each part of the installation, before it begins. */
  readonly progress: (step: string) => void;
}

/** The pods of Strimzi's Deployment (0.45.1 `060-Deployment-strimzi-cluster-operator.yaml`). */
export const OPERATOR_POD_LABELS = `name=strimzi-cluster-operator,${KIND_LABEL}=cluster-operator`;

/** An operator that starts before its roles take effect crashes once or twice, and then works. */
const MOST_RESTARTS = 3;
const SHOWN_LINES = 10;

/** The Cluster Operator of one run, in the run's namespace. */
export class OperatorInstallation {
  readonly #api: KubeApi;
  readonly #options: InstallOptions;

  constructor(api: KubeApi, options: InstallOptions) {
    this.#api = api;
    this.#options = options;
  }

  /**
   * Applies the objects, replacing those of another version, and waits until the new operator's pod is ready.
   * @param version of Strimzi, for the progress messages.
   * @returns the pod.
   * @throws UsageError when other definitions are installed. @throws EnvironmentError when the operator does not start:
   * its image cannot be pulled, or it crashes. @throws WaitTimedOut.
   */
  async apply(version: string, { definitions, own }: OperatorObjects): Promise<Pod> {
    const { namespace, run, useInstalledDefinitions, readyTimeoutMs, signal, progress } = this.#options;
    progress(
      `Installing Strimzi ${version} in namespace ${namespace} ` +
        `(CustomResourceDefinitions: ${definitions.length}, other objects: ${own.length})`,
    );
    const phases = new Phases();
    await phases.measure('CustomResourceDefinitions', async () => {
      await installDefinitions(this.#api, definitions, { run, useInstalled: useInstalledDefinitions, signal });
      // An operator that starts before that crashes (measured).
      await Promise.all(
        definitions.map(({ metadata }) =>
          untilEstablished(this.#api, metadata.name, { timeoutMs: readyTimeoutMs, signal }),
        ),
      );
    });
    await phases.measure('other objects', async () => {
      for (const object of own) await this.#api.apply(object, { signal, force: true });
    });
    progress(`Waiting for the Cluster Operator ${version} to be ready`);
    // The Deployment's pods with this image; pods of another version are being replaced.
    const image = imageOf(own);
    const isNew = (pod: Pod): boolean => image === undefined || podImage(pod) === image;
    const pod = await phases.measure('its pod', () => this.#ready(isNew, []));
    progress(`The Cluster Operator ${version} is ready (time spent: ${phases.text()})`);
    return pod;
  }

  /**
   * Deletes the operator's pod, and waits until it is gone and its replacement is ready: then nothing of the old
   * process is left to be logged.
   * @returns the new pod. @throws EnvironmentError when the operator does not start. @throws WaitTimedOut.
   */
  async restart(): Promise<Pod> {
    const { namespace, signal } = this.#options;
    const { items } = await this.#api.list<Pod>({ ...POD, namespace, labelSelector: OPERATOR_POD_LABELS }, { signal });
    for (const { metadata } of items) {
      const uid = metadata.uid === undefined ? {} : { uid: metadata.uid };
      await this.#api.delete({ ...POD, namespace, name: metadata.name }, { signal, ...uid });
    }
    const old = items.map(({ metadata }) => metadata.uid);
    return this.#ready(({ metadata }) => !old.includes(metadata.uid), old);
  }

  /**
   * @param isCandidate whether a pod is one of the operator that is awaited.
   * @param gone the uids of pods that must be gone, too.
   */
  async #ready(isCandidate: (pod: Pod) => boolean, gone: readonly (string | undefined)[]): Promise<Pod> {
    const { namespace, signal, readyTimeoutMs, progress } = this.#options;
    const reportPending = createPendingReporter(progress);
    const reportStage = createStageReporter(progress);
    const isNew = (pod: Pod): boolean => !isBeingDeleted(pod) && isCandidate(pod);
    const isLeft = ({ metadata }: Pod): boolean => gone.includes(metadata.uid);
    const events = await Watched.start<KubeEvent>(this.#api, { ...EVENT, namespace }, { signal });
    const pods = await Watched.start<Pod>(
      this.#api,
      { ...POD, namespace, labelSelector: OPERATOR_POD_LABELS },
      { signal },
    ).catch(async (error: unknown) => {
      await events.close();
      throw error;
    });
    const describeProgress = (): string => {
      const present = [...pods.objects.values()].filter(isNew);
      const left = [...pods.objects.values()].filter(isLeft).map((pod) => `pod ${pod.metadata.name} still exists`);
      if (present.length > 0) return [...podProblemsOf(present, [], events.objects.values()), ...left].join('; ');
      return `it has no pod yet; last warning in the namespace: ${lastWarning(events.objects.values()) ?? 'none'}`;
    };
    try {
      return await pods.waitFor(
        () => `the Cluster Operator in namespace ${namespace} to be ready (${describeProgress()})`,
        (objects) => {
          for (const pod of [...objects.values()].filter(isNew)) {
            if (isReady(pod)) return [...objects.values()].some(isLeft) ? undefined : pod;
            reportPending(pod);
            reportStage(pod);
            const problem = problemOf(pod);
            if (problem !== undefined) throw new OperatorFailed(pod, problem);
          }
          return undefined;
        },
        readyTimeoutMs,
        signal,
      );
    } catch (error) {
      if (!(error instanceof OperatorFailed)) throw error;
      // A container that has never run has no log.
      const lines = hasRun(error.pod) ? await this.#lastLines(error.pod) : '';
      throw new EnvironmentError(`${error.message}${lines}`, { cause: error });
    } finally {
      await Promise.all([pods.close(), events.close()]);
    }
  }

  /** The end of the log of the container that terminated last; empty if there is none. */
  async #lastLines({ metadata, spec }: Pod): Promise<string> {
    const { namespace, signal } = this.#options;
    const container = spec?.containers[0]?.name;
    if (container === undefined) return '';
    const lines: string[] = [];
    try {
      const log = await this.#api.podLog(
        { namespace, name: metadata.name },
        { container, previous: true, tailLines: SHOWN_LINES },
        { signal },
      );
      for await (const { text } of linesOf(log)) lines.push(`    ${text}`);
    } catch (error) {
      signal.throwIfAborted();
      return ` Its log cannot be read: ${messageOf(error)}`;
    }
    return lines.length === 0 ? '' : ` The last lines of its log:\n${lines.join('\n')}`;
  }
}

/** The operator's pod will not become ready. */
class OperatorFailed extends Error {
  override readonly name = 'OperatorFailed';
  readonly pod: Pod;

  constructor(pod: Pod, message: string) {
    super(message);
    this.pod = pod;
  }
}

/** Why the operator's pod will never become ready; undefined: no such reason is known. */
export function problemOf(pod: Pod): string | undefined {
  const image = imageProblem(pod);
  if (image !== undefined) return image;
  for (const { state, lastState, restartCount } of pod.status?.containerStatuses ?? []) {
    if (state?.waiting?.reason === 'CrashLoopBackOff' && restartCount >= MOST_RESTARTS) {
      const { exitCode, reason: ended } = lastState?.terminated ?? {};
      return `Pod ${pod.metadata.name} keeps crashing (${restartCount} restarts, exit code ${exitCode ?? 'unknown'}${ended === undefined ? '' : `, ${ended}`}).`;
    }
  }
  return undefined;
}

/**
 * Reports how far a pod has come, each stage once: an image may have to be pulled, and a JVM has to start.
 * @returns call it with every change of a pod.
 */
function createStageReporter(progress: (step: string) => void): (pod: Pod) => void {
  const reported = new Set<string>();
  return ({ metadata, spec, status }) => {
    const { name, uid = '' } = metadata;
    const container = status?.containerStatuses?.[0];
    const image = spec?.containers[0]?.image;
    const stage =
      container?.state?.running !== undefined
        ? `Pod ${name} has started its container, which is not ready yet`
        : container?.state?.waiting?.reason === 'ContainerCreating'
          ? `Pod ${name} is on a node, which pulls ${image} if it does not have it`
          : undefined;
    if (stage === undefined || reported.has(`${uid} ${stage}`)) return;
    reported.add(`${uid} ${stage}`);
    progress(stage);
  };
}

function hasRun({ status }: Pod): boolean {
  return (status?.containerStatuses ?? []).some(({ restartCount }) => restartCount > 0);
}

function podImage(pod: Pod): string | undefined {
  return pod.spec?.containers[0]?.image;
}

function imageOf(objects: readonly KubeObject[]): string | undefined {
  const deployment = objects.find(({ kind }) => kind === 'Deployment') as
    | { spec?: { template?: { spec?: { containers?: readonly { image?: string }[] } } } }
    | undefined;
  return deployment?.spec?.template?.spec?.containers?.[0]?.image;
}
