import { withContext } from '../kubernetes/with-context.js';
import type { SnapshotOptions } from '../metadata/normalise.js';
import { withSharedSignal } from '../waiting/shared-signal.js';
import type { ClusterFacts } from './facts.js';
import type { StrimziSnapshot } from './strimzi-snapshot.js';

/** Which Strimzi clusters of a context of the kubeconfig to read. */
export interface ContextSelection {
  /** The name of the context. There is no default. */
  readonly context: string;
  /** The kubeconfig file. If omitted: the files of `KUBECONFIG`, or else `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  /** If omitted: all namespaces. */
  readonly namespace?: string | undefined;
  /** The name of a Kafka resource. If omitted: all of them. */
  readonly cluster?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads what a forecast needs of the Kafka clusters of one context: it lists objects, and reads a few znodes through
 * port-forwards to ZooKeeper's pods. It writes nothing and reads no Secret. What cannot be read of a cluster is
 * `unknown` in its facts, with the reason.
 * @throws UsageError for a context that is not in the kubeconfig, and where no Kafka resource is selected.
 * @throws EnvironmentError when the API server does not answer, or the user may not list Kafka resources.
 * @throws WaitAborted when the signal is aborted.
 */
export async function inspectContext(selection: ContextSelection): Promise<readonly ClusterFacts[]> {
  const { inspectClusters } = await import('./kubernetes.js');
  const { namespace, cluster } = selection;
  return withSharedSignal(selection.signal ?? neverAborted(), (signal) =>
    withContext(selection, signal, (api) => inspectClusters(api, { namespace, cluster, signal })),
  );
}

/**
 * Reads the topic metadata of the one Strimzi cluster that is selected, where it is in charge: in ZooKeeper, or in
 * KRaft once the brokers run in KRaft mode. It goes through port-forwards and writes nothing.
 * @param options `deadlineMs` is for the brokers' answers, in milliseconds.
 * @throws UsageError where no cluster is selected, or several are.
 * @throws EnvironmentError where the cluster cannot be reached or ZooKeeper has no controller.
 */
export async function readStrimziSnapshot(
  selection: ContextSelection,
  options: SnapshotOptions & { readonly deadlineMs: number },
): Promise<StrimziSnapshot> {
  const { readClusterSnapshot } = await import('./strimzi-snapshot.js');
  const { namespace, cluster } = selection;
  return withSharedSignal(selection.signal ?? neverAborted(), (signal) =>
    withContext(selection, signal, (api) => readClusterSnapshot(api, { namespace, cluster, signal }, options)),
  );
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
