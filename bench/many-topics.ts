/** A znode to create. */
export interface NewZnode {
  readonly path: string;
  readonly data: string;
}

/** What a snapshot reads besides the topics, and the parents of their znodes. */
export const PARENTS: readonly NewZnode[] = [
  ...['/brokers', '/brokers/ids', '/brokers/topics', '/cluster', '/config', '/config/topics'].map((path) => ({
    path,
    data: '',
  })),
  { path: '/cluster/id', data: JSON.stringify({ version: '1', id: 'AAAAAAAAAAAAAAAAAAAAAQ' }) },
  // Without a controller the command refuses to take a snapshot.
  { path: '/controller', data: JSON.stringify({ version: 2, brokerid: 0 }) },
];

const BROKERS = 3;

/** `team-7.orders-00047` */
export function topicName(index: number): string {
  return `team-${index % 40}.orders-${String(index).padStart(5, '0')}`;
}

/**
 * The znodes of one of many topics on three brokers, every second topic with overrides, parents before children. Their
 * contents are those that Kafka 3.9.0 writes (`ZkData.scala`; read from a real ZooKeeper 3.8.4).
 */
export function topicZnodes(index: number, partitions: number): readonly NewZnode[] {
  const name = topicName(index);
  const topic = `/brokers/topics/${name}`;
  const config = `/config/topics/${name}`;
  const numbers = Array.from({ length: partitions }, (_, partition) => partition);
  const replicas = (partition: number) => Array.from({ length: BROKERS }, (_, i) => (index + partition + i) % BROKERS);
  const overrides = index % 2 === 0 ? { 'retention.ms': String(60_000 + index), 'cleanup.policy': 'compact' } : {};
  const states = numbers.map((partition) => ({
    path: `${topic}/partitions/${partition}/state`,
    data: JSON.stringify({
      controller_epoch: 1,
      leader: replicas(partition)[0],
      version: 1,
      leader_epoch: 0,
      isr: replicas(partition),
    }),
  }));
  return [
    { path: config, data: JSON.stringify({ version: 1, config: overrides }) },
    {
      path: topic,
      data: JSON.stringify({
        removing_replicas: {},
        partitions: Object.fromEntries(numbers.map((partition) => [partition, replicas(partition)])),
        topic_id: topicId(index),
        adding_replicas: {},
        version: 3,
      }),
    },
    { path: `${topic}/partitions`, data: '' },
    ...numbers.map((partition) => ({ path: `${topic}/partitions/${partition}`, data: '' })),
    ...states,
  ];
}

/** 16 bytes in base64url without padding, as Kafka prints an id. */
function topicId(index: number): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(index, 0);
  bytes.writeUInt32BE(index + 1, 12);
  return bytes.toString('base64url');
}
