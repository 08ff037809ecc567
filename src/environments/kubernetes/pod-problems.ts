import { type Claim, isBeingDeleted, isReady, type Pod } from '../../kubernetes/core-objects.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';

/** An event about an object (core/v1 Event; the scheduler's have `series` and `eventTime`, others `count`). */
export interface KubeEvent extends KubeObject {
  readonly involvedObject: { readonly kind?: string; readonly name?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string } | null;
}

/** Reasons of a waiting container that will not start without a change (kubelet `pkg/kubelet/images/types.go`). */
const IMAGE_PROBLEMS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
]);
/** Reasons of a waiting container that is starting. */
const STARTING: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

/** The scheduler's messages while a pod's claims are created and bound (`pkg/scheduler/framework/plugins/volumebinding`). */
const WAITS_FOR_CLAIM = /persistentvolumeclaim|PersistentVolumeClaims/;

/** One failure is not enough: a provisioner retries within seconds if its storage did not answer in time. */
const MOST_FAILED_PROVISIONINGS = 1;

/** An image that cannot be pulled; undefined: no such image is known. */
export function imageProblem({ metadata, spec, status }: Pod): string | undefined {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  for (const { name, state } of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const { reason, message } = state?.waiting ?? {};
    if (reason === undefined || !IMAGE_PROBLEMS.has(reason)) continue;
    const image = containers.find((container) => container.name === name)?.image;
    return `The image ${image} of pod ${metadata.name} cannot be pulled (${reason}${message === undefined ? '' : `: ${message}`}).`;
  }
  return undefined;
}

/**
 * The scheduler's message about a pod that fits on no node; undefined: it has been scheduled, or was not tried yet. A
 * pod waits until its claims are bound: that is not reported, because a provisioner is at work.
 */
export function unschedulable({ status }: Pod): string | undefined {
  const scheduled = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  return scheduled === undefined ? undefined : withoutFullStop(scheduled.message);
}

/**
 * Reports each pod that fits on no node when the scheduler says so, not only when a wait has timed out. Nodes may
 * become free, or be added: nothing is ended.
 * @param report called with a sentence, once for each pod and reason.
 * @returns call it with every change of a pod.
 */
export function createPendingReporter(report: (sentence: string) => void): (pod: Pod) => void {
  const reported = new Map<string, string>();
  return (pod) => {
    const why = unschedulable(pod);
    const { name, uid = '' } = pod.metadata;
    if (why === undefined || isBeingDeleted(pod) || WAITS_FOR_CLAIM.test(why) || reported.get(uid) === why) return;
    reported.set(uid, why);
    report(`Pod ${name} cannot be scheduled, and the run waits for it: ${why}.`);
  };
}

/** A claim for which no volume can be provisioned, as its provisioner has reported more than once; undefined: none. */
export function provisioningProblem(claims: Iterable<Claim>, events: Iterable<KubeEvent>): string | undefined {
  const all = [...events];
  for (const claim of claims) {
    if (claim.status?.phase !== 'Pending') continue;
    const failures = eventsOf(all, claim).filter(({ reason }) => reason === 'ProvisioningFailed');
    const times = failures.reduce((sum, event) => sum + timesOf(event), 0);
    const last = failures.at(-1);
    if (last === undefined || times <= MOST_FAILED_PROVISIONINGS) continue;
    return `No volume is provisioned for claim ${claim.metadata.name}${classOf(claim)}: ${describeEvent(last)}.`;
  }
  return undefined;
}

/** Why these are not ready, each worded to complete "timed out ... waiting for ... (...)". */
export function podProblemsOf(
  pods: Iterable<Pod>,
  claims: Iterable<Claim>,
  events: Iterable<KubeEvent>,
): readonly string[] {
  const all = [...events];
  const pending = [...claims].flatMap((claim) => claimProblems(claim, all));
  return [...pending, ...[...pods].flatMap((pod) => podProblems(pod, all))];
}

/** The last warning of these events, about any object: `ReplicaSet x: FailedCreate: exceeded quota`. */
export function lastWarning(events: Iterable<KubeEvent>): string | undefined {
  const last = inOrder([...events].filter(({ type }) => type === 'Warning')).at(-1);
  if (last === undefined) return undefined;
  const { kind, name } = last.involvedObject;
  return `${kind} ${name}: ${describeEvent(last)}`;
}

function claimProblems(claim: Claim, events: readonly KubeEvent[]): readonly string[] {
  if (claim.status?.phase === 'Bound' || claim.metadata.deletionTimestamp !== undefined) return [];
  const last = eventsOf(events, claim).at(-1);
  const phase = claim.status?.phase ?? 'new';
  return [
    `claim ${claim.metadata.name} is ${phase}${classOf(claim)}${last === undefined ? '' : `: ${describeEvent(last)}`}`,
  ];
}

function podProblems(pod: Pod, events: readonly KubeEvent[]): readonly string[] {
  const { metadata, status } = pod;
  if (isReady(pod) || metadata.deletionTimestamp !== undefined) return [];
  const unscheduled = unschedulable(pod);
  if (unscheduled !== undefined) return [`pod ${metadata.name} cannot be scheduled: ${unscheduled}`];
  const image = imageProblem(pod);
  if (image !== undefined) return [withoutFullStop(image)];
  const facts = [...(status?.containerStatuses ?? [])].flatMap(({ restartCount, state, lastState }) => {
    const { reason, message } = state?.waiting ?? {};
    const waits = reason === undefined || STARTING.has(reason) ? [] : [sentence(reason, message)];
    if (restartCount === 0) return waits;
    return [...waits, `${restartCount} restarts, exit code ${lastState?.terminated?.exitCode ?? 'unknown'}`];
  });
  const of = eventsOf(events, pod);
  const last = of.filter(({ type }) => type === 'Warning').at(-1) ?? of.at(-1);
  if (last !== undefined) facts.push(`last event: ${describeEvent(last)}`);
  const phase = status?.phase ?? 'new';
  return [`pod ${metadata.name} is ${phase}, not ready${facts.length === 0 ? '' : ` (${facts.join('; ')})`}`];
}

function classOf({ spec }: Claim): string {
  return spec?.storageClassName === undefined ? '' : ` (StorageClass ${spec.storageClassName})`;
}

/** Oldest first. */
function eventsOf(events: readonly KubeEvent[], { kind, metadata }: KubeObject): readonly KubeEvent[] {
  return inOrder(
    events.filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === metadata.name),
  );
}

function inOrder(events: readonly KubeEvent[]): readonly KubeEvent[] {
  return events.toSorted((a, b) => lastSeen(a) - lastSeen(b));
}

function lastSeen({ series, lastTimestamp, eventTime, metadata }: KubeEvent): number {
  return Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '') || 0;
}

function timesOf({ count, series }: KubeEvent): number {
  return series?.count ?? count ?? 1;
}

function describeEvent({ reason = 'no reason', message }: KubeEvent): string {
  return sentence(reason, message);
}

function sentence(reason: string, message: string | undefined): string {
  return message === undefined || message === '' ? reason : `${reason}: ${withoutFullStop(message)}`;
}

function withoutFullStop(message = 'no reason given'): string {
  return message.trim().replace(/\.$/, '');
}
