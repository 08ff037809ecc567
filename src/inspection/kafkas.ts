import { UsageError } from '../errors.js';
import { NAMESPACE } from '../kubernetes/core-objects.js';
import type { KubeReads } from '../kubernetes/kube-reads.js';
import { UnknownKind } from '../kubernetes/objects.js';
import { KAFKA, type KafkaResource } from '../strimzi/resources.js';
import { tryToRead } from './known.js';

export interface ClusterSelection {
  /** undefined: all namespaces. */
  readonly namespace: string | undefined;
  /** undefined: every cluster there. */
  readonly cluster: string | undefined;
  readonly signal: AbortSignal;
}

export interface FoundKafkas {
  /** Those that are selected; at least one. */
  readonly wanted: readonly KafkaResource[];
  /** All Kafka resources of the namespaces that were read. */
  readonly all: readonly KafkaResource[];
}

/**
 * Finds Kafka resources.
 * @throws UsageError where none is selected. @throws RequestFailed when they cannot be listed.
 */
export async function findKafkas(
  api: KubeReads,
  { namespace, cluster, signal }: ClusterSelection,
): Promise<FoundKafkas> {
  const { context } = api.server;
  const where = namespace === undefined ? 'any namespace' : `namespace ${namespace}`;
  try {
    const selection = { ...KAFKA, ...(namespace === undefined ? {} : { namespace }) };
    const { items: all } = await api.list<KafkaResource>(selection, { signal });
    const wanted = all.filter(({ metadata }) => cluster === undefined || metadata.name === cluster);
    if (wanted.length > 0) return { wanted, all };
  } catch (error) {
    if (!(error instanceof UnknownKind)) throw error;
    throw new UsageError(
      `${context} has no Kafka resources: Strimzi's CustomResourceDefinitions are not installed there.`,
      {
        cause: error,
      },
    );
  }
  if (namespace !== undefined && (await isMissing(api, namespace, signal))) {
    throw new UsageError(`There is no namespace ${namespace} in ${context}.`);
  }
  throw new UsageError(
    `There is no Kafka resource${cluster === undefined ? '' : ` ${cluster}`} in ${where} of ${context}.`,
  );
}

/** False, too, for a user without the right to read namespaces: the message then names only the Kafka resource. */
async function isMissing(api: KubeReads, namespace: string, signal: AbortSignal): Promise<boolean> {
  const found = await tryToRead(() => api.get({ ...NAMESPACE, name: namespace }, { signal }), signal);
  return 'known' in found && found.known === undefined;
}
