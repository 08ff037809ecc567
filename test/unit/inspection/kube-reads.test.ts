import { expect, it } from '@jest/globals';
import type { throughBrokers, throughZooKeeper } from '../../../src/inspection/access.js';
import type { findKafkas } from '../../../src/inspection/kafkas.js';
import type { inspectClusters } from '../../../src/inspection/kubernetes.js';
import type { readClusterSnapshot } from '../../../src/inspection/strimzi-snapshot.js';
import type { PortForward } from '../../../src/kubernetes/forward.js';
import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import type { KubeReads } from '../../../src/kubernetes/kube-reads.js';
import type { ClusterAccess } from '../../../src/strimzi/cluster-access.js';

/**
 * The type checker checks this file: each line here, and each `@ts-expect-error` below, makes the check fail if it is
 * wrong.
 */
type CannotWrite<Takes extends (client: never, ...rest: never[]) => unknown> =
  Extract<keyof Parameters<Takes>[0], 'create' | 'mergePatch' | 'apply' | 'delete'> extends never ? true : false;

const CANNOT_WRITE: readonly true[] = [
  true satisfies CannotWrite<typeof inspectClusters>,
  true satisfies CannotWrite<typeof findKafkas>,
  true satisfies CannotWrite<typeof readClusterSnapshot>,
  true satisfies CannotWrite<typeof throughZooKeeper>,
  true satisfies CannotWrite<typeof throughBrokers>,
  true satisfies CannotWrite<typeof ClusterAccess.open>,
  true satisfies CannotWrite<typeof PortForward.open>,
  // @ts-expect-error The full client can write: this check can fail.
  true satisfies CannotWrite<(client: KubeApi) => void>,
];

const NAME = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kafka', name: 'any' };
const OBJECT = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'any', namespace: 'kafka' } };

/** What an inspection cannot do. Never called. */
function writes(client: KubeReads, options: { readonly signal: AbortSignal }): readonly unknown[] {
  return [
    // @ts-expect-error
    client.create(OBJECT, options),
    // @ts-expect-error
    client.mergePatch(NAME, {}, options),
    // @ts-expect-error
    client.apply(OBJECT, options),
    // @ts-expect-error
    client.delete(NAME, options),
    client.get(NAME, options),
  ];
}

it('gives an inspection, and a port-forward, clients that cannot write', () => {
  expect(CANNOT_WRITE).not.toContain(false);
  expect(writes).toBeInstanceOf(Function);
});
