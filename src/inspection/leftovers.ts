import { EnvironmentError } from '../errors.js';
import type { Claim, Pod, Volume } from '../kubernetes/core-objects.js';
import type { KubeObject } from '../kubernetes/kube-object.js';
import {
  CLUSTER_LABEL,
  CONTROLLER_ROLE_LABEL,
  type KafkaNodePool,
  NAME_LABEL,
  NODE_POOLS_ANNOTATION,
  POOL_LABEL,
} from '../strimzi/resources.js';
import type { ControllerLeftovers, ControllerVolumeClaim, ControllerVolumes } from './facts.js';
import { type Known, knownValue } from './known.js';

/**
 * Objects of all clusters in one namespace. Volumes have no namespace: they are those of the whole Kubernetes cluster.
 */
export interface ClusterObjects {
  /** Names of the Kafka resources there. */
  readonly clusters: readonly string[];
  readonly pools: readonly KafkaNodePool[];
  readonly pods: readonly Pod[];
  readonly claims: readonly Claim[];
  readonly volumes: Known<readonly Volume[]>;
}

/** The only pool of a cluster without node pools (Strimzi 0.45.1 `VirtualNodePoolConverter.java`). */
const VIRTUAL_POOL = 'kafka';

/** The objects that belong to controllers of a Kafka resource's cluster. */
export function leftoversOf(kafka: KubeObject, objects: ClusterObjects): ControllerLeftovers {
  const { name: cluster, namespace = '', annotations = {} } = kafka.metadata;
  const isOfCluster = ({ metadata }: KubeObject) => metadata.labels?.[CLUSTER_LABEL] === cluster;
  const pools = objects.pools.filter(isOfCluster);
  const has = (role: string) => (pool: KafkaNodePool) => pool.spec?.roles?.includes(role) === true;
  const withController = pools.filter(has('controller'));
  const dualRolePools = withController.filter(has('broker'));
  const controllerPools = withController.filter((pool) => !dualRolePools.includes(pool));
  const others = new Set([
    ...pools.filter((pool) => !controllerPools.includes(pool)).map(nameOf),
    ...(annotations[NODE_POOLS_ANNOTATION] === 'enabled' ? [] : [VIRTUAL_POOL]),
  ]);
  const { volumes } = objects;
  const isOfController = (claim: ClaimName | undefined) => {
    const pool = claim?.namespace === namespace ? poolOfClaim(claim.name ?? '', cluster, objects.clusters) : undefined;
    return pool !== undefined && pool !== 'zookeeper' && !others.has(pool);
  };
  return {
    pools: controllerPools.map((pool) => ({ name: nameOf(pool), createdAt: createdAt(pool) })),
    dualRolePools: dualRolePools.map(nameOf),
    pods: objects.pods
      .filter((pod) => isOfCluster(pod) && pod.metadata.labels?.[CONTROLLER_ROLE_LABEL] === 'true')
      .map(nameOf),
    claims: objects.claims.filter(isOfCluster).flatMap((claim) => {
      const { [POOL_LABEL]: pool, [NAME_LABEL]: name } = claim.metadata.labels ?? {};
      if (pool === undefined || name === `${cluster}-zookeeper` || others.has(pool)) return [];
      return [{ name: nameOf(claim), pool, createdAt: createdAt(claim), earlierVolume: earlierVolume(claim) }];
    }),
    volumes:
      'unknown' in volumes
        ? volumes
        : { known: volumesOf(volumes.known, ({ spec }) => isOfController(spec?.claimRef)) },
  };
}

/**
 * Whether controllers start, or have started, on data of earlier ones: the claim, or its volume, is older than their
 * pool.
 */
export function isReused(
  { pool, createdAt, earlierVolume }: ControllerVolumeClaim,
  { pools }: ControllerLeftovers,
): boolean {
  const own = pools.find(({ name }) => name === pool);
  return own !== undefined && (earlierVolume !== undefined || createdAt < own.createdAt);
}

/**
 * What controllers of a migration that begins now would start on: `claim data-0-my-cluster-controller-1 still exists`.
 * A pool is not a leftover: users create it before they set the annotation. @returns '' for nothing.
 */
export function describeLeftovers(leftovers: ControllerLeftovers, annotation: string): string {
  const { pods, claims } = leftovers;
  const volumes = knownValue(leftovers.volumes)?.waiting ?? [];
  // With `migration` set, claims that are not older than their pool are those of the migration that begins.
  const isNew = (claim: ControllerVolumeClaim) =>
    annotation === 'migration' &&
    leftovers.pools.some(({ name }) => name === claim.pool) &&
    !isReused(claim, leftovers);
  const old = claims.filter((claim) => !isNew(claim)).map(({ name }) => name);
  const running = annotation === 'migration' ? [] : pods;
  const parts = [...named('controller pod', running), ...named('claim', old), ...named('volume', volumes)];
  if (parts.length === 0) return '';
  return `${parts.join(', ')} ${running.length + old.length + volumes.length === 1 ? 'still exists' : 'still exist'}`;
}

/**
 * Provisioners name a volume after the claim that they create it for, `pvc-` and its uid
 * (sig-storage-lib-external-provisioner `controller.go`, the default of CSI's external-provisioner): with another uid,
 * a user has bound the volume again.
 */
function earlierVolume({ metadata: { uid }, spec }: Claim): string | undefined {
  const [volume, first] = /^pvc-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(spec?.volumeName ?? '') ?? [];
  return first === uid ? undefined : volume;
}

function volumesOf(volumes: readonly Volume[], isOfControllers: (volume: Volume) => boolean): ControllerVolumes {
  const inPhase = (phase: string) =>
    volumes.filter((volume) => volume.status?.phase === phase && isOfControllers(volume)).map(nameOf);
  return { waiting: inPhase('Available'), released: inPhase('Released') };
}

interface ClaimName {
  readonly namespace?: string;
  readonly name?: string;
}

/**
 * By the name of a claim, `data-0-my-cluster-controller-3` or `data-my-cluster-controller-3` (Strimzi 0.45.1
 * `VolumeUtils.java`): `controller`. @returns undefined for a claim of another cluster, also of one whose name begins
 * with this one's.
 */
function poolOfClaim(claim: string, cluster: string, clusters: readonly string[]): string | undefined {
  const [, node = ''] = /^data-(?:\d+-)?(.+)$/.exec(claim) ?? [];
  const owners = [...clusters, cluster].filter((name) => node.startsWith(`${name}-`));
  if (owners.some((name) => name.length > cluster.length) || owners.length === 0) return undefined;
  return /^(.+)-\d+$/.exec(node.slice(cluster.length + 1))?.[1];
}

function named(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what}${names.length === 1 ? '' : 's'} ${names.join(', ')}`];
}

function nameOf({ metadata }: KubeObject): string {
  return metadata.name;
}

/** @throws EnvironmentError for an object without a creation time. */
function createdAt({ kind, metadata: { name, creationTimestamp } }: KubeObject): number {
  const time = Date.parse(creationTimestamp ?? '');
  if (Number.isNaN(time)) throw new EnvironmentError(`The ${kind} ${name} has no creationTimestamp`);
  return time;
}
