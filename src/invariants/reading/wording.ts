import type { Writer } from '../../journal/events.js';
import type { TopicMetadata } from '../../metadata/model.js';

/** How many names a sentence bears; the evidence has them all. */
const NAMED = 12;

/** `13.9 s` */
export function seconds(t: number): string {
  return `${t.toFixed(1)} s`;
}

/** `1 topic`, `10 topics` */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** `a, b, c`; from the thirteenth on `and N more`. */
export function named(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(', ');
  return names.length > NAMED ? `${shown} and ${names.length - NAMED} more` : shown;
}

/** `, by session 0x1000123abcd0001, controller 1`; nothing where the writer is unknown. */
export function byWriter(writer: Writer | undefined): string {
  if (writer === undefined) return '';
  return `, by session ${writer.session}${writer.who === undefined ? '' : `, ${writer.who}`}`;
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
