import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ControllerPoolOptions } from '../../cluster/controller-pool.js';
import type { KubeObject, ObjectMeta } from '../../kubernetes/kube-object.js';
import { userConfiguration } from '../../operator/configuration.js';
import { packageRoot } from '../../package-root.js';
import { CLUSTER_LABEL } from '../../strimzi/resources.js';
import type { Topology } from '../../strimzi/topology.js';

/** The label of every object that a run creates, and of its namespace: `remigrate cleanup` finds leftovers by it. */
export const RUN_LABEL = 'remigrate.io/run';

/** What the objects of one run have in common. */
export interface RunObjects {
  /** The Kafka resource's name, `my-cluster`. */
  readonly name: string;
  readonly namespace: string;
  /** The value of the run's label. */
  readonly run: string;
}

const metadata = z.strictObject({
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
});
const kafka = z.looseObject({
  apiVersion: z.string(),
  kind: z.literal('Kafka'),
  metadata,
  spec: z.looseObject({ kafka: z.looseObject({}), zookeeper: z.looseObject({}) }),
});
const nodePool = z.looseObject({
  apiVersion: z.string(),
  kind: z.literal('KafkaNodePool'),
  metadata,
  spec: z.looseObject({
    storage: z.looseObject({
      volumes: z.array(z.looseObject({ id: z.number(), kraftMetadata: z.string() })),
    }),
  }),
});

function fixture(name: string): unknown {
  return parse(readFileSync(join(packageRoot(), 'fixtures/kubernetes', `${name}.yaml`), 'utf8'));
}

/** Objects of a run, or, with a name only, of a user: without a namespace and the run's label. */
export type ManifestOwner = RunObjects | Pick<RunObjects, 'name'>;

function metadataOf(owner: ManifestOwner, name: string, given: z.infer<typeof metadata>): ObjectMeta {
  if (!('run' in owner)) return { name, ...given };
  return {
    ...given,
    name,
    namespace: owner.namespace,
    labels: { ...given.labels, [RUN_LABEL]: owner.run },
  };
}

/** The Kafka resource, `strimzi.io/kraft: disabled`. */
export function kafkaManifest(
  run: ManifestOwner,
  topology: Topology,
  kafkaVersion: string,
): KubeObject & { readonly spec: object } {
  const manifest = kafka.parse(fixture('kafka'));
  return {
    ...manifest,
    metadata: metadataOf(run, run.name, manifest.metadata),
    spec: {
      ...manifest.spec,
      kafka: { ...manifest.spec.kafka, version: kafkaVersion, config: userConfiguration(topology, kafkaVersion) },
      zookeeper: { ...manifest.spec.zookeeper, replicas: topology.zookeepers },
    },
  };
}

/**
 * The KafkaNodePool of the brokers or controllers; it has the role's name. An ephemeral volume has an id and
 * `kraftMetadata`, like any volume of JBOD storage, but no size (Strimzi 0.45.1 `EphemeralStorage.java`).
 */
export function nodePoolManifest(
  run: ManifestOwner,
  role: 'broker' | 'controller',
  { replicas, ...pool }: { readonly replicas: number } & ControllerPoolOptions,
): KubeObject & { readonly spec: object } {
  const manifest = nodePool.parse(fixture('node-pool'));
  const { storage } = manifest.spec;
  const own = metadataOf(run, role, manifest.metadata);
  return {
    ...manifest,
    metadata: { ...own, labels: { ...own.labels, [CLUSTER_LABEL]: run.name } },
    spec: {
      ...manifest.spec,
      replicas,
      roles: [role],
      storage: {
        ...storage,
        volumes: storage.volumes.map(({ id, kraftMetadata, ...claim }) =>
          pool.storage === undefined
            ? { id, ...claim, kraftMetadata, deleteClaim: pool.deleteClaim }
            : { id, type: pool.storage, kraftMetadata },
        ),
      },
    },
  };
}
