import { type Claim, isReady, type Pod } from '../../kubernetes/core-objects.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';

/** What Kubernetes itself tells of an object (core/v1 Event; the scheduler's have `series` and `eventTime`, others `count`). */
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

/** Reasons of a waiting container with which no time helps (kubelet `pkg/kubelet/images/types.go`). */
const IMAGE_PROBLEMS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
]);
/** A container waits for its turn. */
const ON_ITS_WAY: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

/** A provisioner tries again by itself, within seconds, after a request that its storage has not answered in time. */
const MOST_FAILED_PROVISIONINGS = 1;

/** An image that can't be had; undefined: none that is known of. */
export function imageProblem({ metadata, spec, status }: Pod): string | undefined {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  for (const { name, state } of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const { reason, message } = state?.waiting ?? {};
    if (reason === undefined || !IMAGE_PROBLEMS.has(reason)) continue;
    const image = containers.find((container) => container.name === name)?.image;
    return `The image ${image} of pod ${metadata.name} can't be had (${reason}${message === undefined ? '' : `: ${message}`}).`;
  }
  return undefined;
}

/** A claim for which no volume can be made, as its provisioner has said more than once; undefined: none. */
export function provisioningProblem(claims: Iterable<Claim>, events: Iterable<KubeEvent>): string | undefined {
  const all = [...events];
  for (const claim of claims) {
    if (claim.status?.phase !== 'Pending') continue;
    const failures = eventsOf(all, claim).filter(({ reason }) => reason === 'ProvisioningFailed');
    const times = failures.reduce((sum, event) => sum + timesOf(event), 0);
    const last = failures.at(-1);
    if (last === undefined || times <= MOST_FAILED_PROVISIONINGS) continue;
    return `The claim ${claim.metadata.name} gets no volume${classOf(claim)}: ${told(last)}.`;
  }
  return undefined;
}

/** What keeps these from coming up, each as it completes "waited for ... (...)". */
export function podProblemsOf(
  pods: Iterable<Pod>,
  claims: Iterable<Claim>,
  events: Iterable<KubeEvent>,
): readonly string[] {
  const all = [...events];
  const pending = [...claims].flatMap((claim) => obstacleOfClaim(claim, all));
  return [...pending, ...[...pods].flatMap((pod) => obstacleOfPod(pod, all))];
}

/** The last warning about anything that these events tell of, `ReplicaSet x: FailedCreate: exceeded quota`. */
export function lastWarning(events: Iterable<KubeEvent>): string | undefined {
  const last = inOrder([...events].filter(({ type }) => type === 'Warning')).at(-1);
  if (last === undefined) return undefined;
  const { kind, name } = last.involvedObject;
  return `${kind} ${name}: ${told(last)}`;
}

function obstacleOfClaim(claim: Claim, events: readonly KubeEvent[]): readonly string[] {
  if (claim.status?.phase === 'Bound' || claim.metadata.deletionTimestamp !== undefined) return [];
  const last = eventsOf(events, claim).at(-1);
  const phase = claim.status?.phase ?? 'new';
  return [`claim ${claim.metadata.name} is ${phase}${classOf(claim)}${last === undefined ? '' : `: ${told(last)}`}`];
}

function obstacleOfPod(pod: Pod, events: readonly KubeEvent[]): readonly string[] {
  const { metadata, status } = pod;
  if (isReady(pod) || metadata.deletionTimestamp !== undefined) return [];
  const unscheduled = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  if (unscheduled !== undefined)
    return [`pod ${metadata.name} can't be scheduled: ${withoutFullStop(unscheduled.message)}`];
  const image = imageProblem(pod);
  if (image !== undefined) return [withoutFullStop(image)];
  const facts = [...(status?.containerStatuses ?? [])].flatMap(({ restartCount, state, lastState }) => {
    const { reason, message } = state?.waiting ?? {};
    const waits = reason === undefined || ON_ITS_WAY.has(reason) ? [] : [sentence(reason, message)];
    if (restartCount === 0) return waits;
    return [...waits, `${restartCount} restarts, exit code ${lastState?.terminated?.exitCode ?? 'unknown'}`];
  });
  const of = eventsOf(events, pod);
  const last = of.filter(({ type }) => type === 'Warning').at(-1) ?? of.at(-1);
  if (last !== undefined) facts.push(`its last event: ${told(last)}`);
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

function told({ reason = 'no reason', message }: KubeEvent): string {
  return sentence(reason, message);
}

function sentence(reason: string, message: string | undefined): string {
  return message === undefined || message === '' ? reason : `${reason}: ${withoutFullStop(message)}`;
}

function withoutFullStop(message = 'no reason given'): string {
  return message.trim().replace(/\.$/, '');
}
