import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { EnvironmentError, messageOf, UsageError } from '../../errors.js';
import type { Volume } from '../../kubernetes/core-objects.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';
import type { KafkaResource } from '../../strimzi/resources.js';
import type { ClusterFacts } from '../facts.js';
import { kafkaFacts } from '../kafka-facts.js';
import { type Known, tryToRead } from '../known.js';
import { leftoversOf } from '../leftovers.js';
import { znodesFrom } from '../zookeeper.js';
import { type FileHeader, markOfCluster, type ObjectSection, readMark, type SectionName } from './sections.js';
import { readGet, readList } from './zookeeper-shell.js';

/** What every object has. Its other fields are not checked: they come from the API server. */
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
 * Reads what the commands of `inspect --print-commands` have written: one cluster or, if files were joined, several.
 * What a command could not read is `unknown` in the facts of its cluster.
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
      `${file} was not written by the commands of remigrate inspect --print-commands: it has no line "${first}".`,
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
    if (lines === undefined) throw new EnvironmentError(`${file} has no section "${name}": is it truncated?`);
    return lines.join('\n');
  };
  const objects = <T extends KubeObject>(name: ObjectSection) => objectsIn<T>(section(name), name);
  const { context, namespace, cluster } = header;
  const name = `${context === undefined ? '' : `${context}/`}${namespace}/${cluster}`;
  const kafka = await tryToRead(() => kafkaOf(objects<KafkaResource>('kafka'), header));
  const volumes = await tryToRead(() => objects<Volume>('persistentvolumes'));
  return {
    ...{ name, context, namespace, cluster, readBy: 'kubectl' },
    kafka: knownFrom(kafka, kafkaFacts),
    znodes: await tryToRead(() =>
      znodesFrom({
        migration: readGet(section('/migration'), '/migration'),
        controller: readGet(section('/controller'), '/controller'),
        controllerEpoch: readGet(section('/controller_epoch'), '/controller_epoch'),
        topics: readList(section('/brokers/topics'), '/brokers/topics'),
      }),
    ),
    leftovers: await tryToRead(() => {
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

function kafkaOf([kafka]: readonly KafkaResource[], { namespace, cluster }: FileHeader): KafkaResource {
  if (kafka?.kind === 'Kafka' && kafka.metadata.name === cluster && kafka.metadata.namespace === namespace)
    return kafka;
  throw new EnvironmentError(`the section "kafka" does not hold the Kafka resource ${namespace}/${cluster}`);
}

/** kubectl may print warnings before and after the JSON. */
function objectsIn<T extends KubeObject>(text: string, section: string): readonly T[] {
  const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (error) {
    const lastLine = text.trim().split('\n').at(-1) ?? '';
    throw new EnvironmentError(
      `kubectl wrote no JSON for "${section}"${lastLine === '' ? '' : `: ${lastLine.slice(0, 300)}`}`,
      { cause: error instanceof SyntaxError && json !== '' ? error : undefined },
    );
  }
  const list = LIST.safeParse(content);
  if (list.success) return list.data.items as T[];
  const one = OBJECT.safeParse(content);
  if (one.success) return [one.data as T];
  throw new EnvironmentError(`what kubectl wrote for "${section}" is not a Kubernetes object`);
}

function knownFrom<T, R>(known: Known<T>, of: (value: T) => R): Known<R> {
  return 'known' in known ? { known: of(known.known) } : known;
}
