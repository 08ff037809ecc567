import type { Writer } from '../../journal/events.js';
import { count, writerText } from '../../journal/text.js';
import type { TopicMetadata } from '../../metadata/model.js';

/** `, by session 0x1000123abcd0001, controller 1`; nothing where the writer is unknown. */
export function byWriter(writer: Writer | undefined): string {
  return writer === undefined ? '' : `, by ${writerText(writer)}`;
}

/** `id q1Sh..., 2 partitions on brokers [0,1] [1,2], configs retention.ms=1000` */
export function describeTopic(topic: TopicMetadata): string {
  const replicas = topic.partitions.map((partition) => `[${partition.replicas.join(',')}]`).join(' ');
  return `id ${topic.id}, ${count(topic.partitions.length, 'partition')} on brokers ${replicas}, ${describeConfigs(topic.configs)}`;
}

/** `configs a=1 b=2`, `no configs` */
export function describeConfigs(configs: Readonly<Record<string, string>>): string {
  const overrides = Object.entries(configs).map(([key, value]) => `${key}=${value}`);
  return overrides.length === 0 ? 'no configs' : `configs ${overrides.sort().join(' ')}`;
}
