import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { EnvironmentError, messageOf, UsageError } from '../../errors.js';
import type { Volume } from '../../kubernetes/core-objects.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';
import type { KafkaResource } from '../../strimzi/resources.js';
import type { ClusterFacts } from '../facts.js';
import { kafkaFacts } from '../kafka-facts.js';
import { type Known, lookAt } from '../known.js';
import { leftoversOf } from '../leftovers.js';
import { znodesFrom } from '../zookeeper.js';
import { type FileHeader, markOfCluster, type ObjectSection, readMark, type SectionName } from './sections.js';
import { readGet, readList } from './zookeeper-shell.js';

/** What any object has; its other fields are as the API server wrote them, here as everywhere. */
const METADATA = z.object({ name: z.string(), namespace: z.string().optional() });
const OBJECT = z.custom<KubeObject>((value) => {
  return z.object({ apiVersion: z.string(), kind: z.string(), metadata: METADATA }).safeParse(value).success;
});
const LIST = z.object({ items: z.array(OBJECT) });

/**
 * Reads a file that the commands of `printCommands` have written, as `readInspectionFile` does.
 * @throws UsageError for a file that cannot be read, and for one that these commands have not written.
 */
export async function inspectFile(file: string): Promise<readonly ClusterFacts[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
  return readInspectionFile(file, text);
}

/**
 * Reads what the commands of `inspect --print-commands` have written: one cluster or, where files were joined, several. What a
 * command could not read is said of its cluster, the others are read all the same.
 * @param file its name, for messages. @throws UsageError for text that these commands have not written.
 */
export async function readInspectionFile(file: string, text: string): Promise<readonly ClusterFacts[]> {
  const clusters: ClusterSections[] = [];
  let current: string[] | undefined;
  for (const line of text.split('\n')) {
    const mark = readMark(line);
    if (mark === undefined) {
      current?.push(line);
    } else if ('section' in mark) {
      current = [];
      clusters.at(-1)?.sections.set(mark.section, current);
    } else {
      clusters.push({ header: mark, sections: new Map() });
      current = undefined;
    }
  }
  if (clusters.length === 0) {
    const first = markOfCluster({ context: undefined, namespace: 'NAMESPACE', cluster: 'CLUSTER' });
    throw new UsageError(
      `${file} is not what the commands of remigrate inspect --print-commands write: there is no line "${first}" in it.`,
    );
  }
  return Promise.all(clusters.map((cluster) => factsOf(file, cluster)));
}

interface ClusterSections {
  readonly header: FileHeader;
  /** Their lines, by name. */
  readonly sections: Map<string, readonly string[]>;
}

async function factsOf(file: string, { header, sections }: ClusterSections): Promise<ClusterFacts> {
  const section = (name: SectionName): string => {
    const lines = sections.get(name);
    if (lines === undefined) throw new EnvironmentError(`${file} has no part "${name}": is it cut off?`);
    return lines.join('\n');
  };
  const objects = <T extends KubeObject>(name: ObjectSection) => objectsIn<T>(section(name), name);
  const { context, namespace, cluster } = header;
  const name = `${context === undefined ? '' : `${context}/`}${namespace}/${cluster}`;
  const kafka = await lookAt(() => theKafka(objects<KafkaResource>('kafka'), header));
  const volumes = await lookAt(() => objects<Volume>('persistentvolumes'));
  return {
    ...{ name, context, namespace, cluster, readBy: 'kubectl' },
    kafka: knownFrom(kafka, kafkaFacts),
    znodes: await lookAt(() =>
      znodesFrom({
        migration: readGet(section('/migration'), '/migration'),
        controller: readGet(section('/controller'), '/controller'),
        controllerEpoch: readGet(section('/controller_epoch'), '/controller_epoch'),
        topics: readList(section('/brokers/topics'), '/brokers/topics'),
      }),
    ),
    leftovers: await lookAt(() => {
      if ('unknown' in kafka) throw new EnvironmentError(kafka.unknown);
      return leftoversOf(kafka.known, {
        clusters: [cluster],
        pools: objects('kafkanodepools'),
        pods: objects('pods'),
        claims: objects('persistentvolumeclaims'),
        volumes,
      });
    }),
  };
}

function theKafka([kafka]: readonly KafkaResource[], { namespace, cluster }: FileHeader): KafkaResource {
  if (kafka?.kind === 'Kafka' && kafka.metadata.name === cluster && kafka.metadata.namespace === namespace)
    return kafka;
  throw new EnvironmentError(`the part "kafka" is not about the Kafka resource ${namespace}/${cluster}`);
}

/** The JSON may stand between warnings of kubectl's. */
function objectsIn<T extends KubeObject>(text: string, section: string): readonly T[] {
  const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (error) {
    const said = text.trim().split('\n').at(-1) ?? '';
    throw new EnvironmentError(
      `kubectl has written no JSON for "${section}"${said === '' ? '' : `: ${said.slice(0, 300)}`}`,
      { cause: error instanceof SyntaxError && json !== '' ? error : undefined },
    );
  }
  const list = LIST.safeParse(content);
  if (list.success) return list.data.items as T[];
  const one = OBJECT.safeParse(content);
  if (one.success) return [one.data as T];
  throw new EnvironmentError(`what kubectl has written for "${section}" is no object of Kubernetes`);
}

function knownFrom<T, R>(known: Known<T>, of: (value: T) => R): Known<R> {
  return 'known' in known ? { known: of(known.known) } : known;
}
