import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import { loadTopicSet, parseTopicSet, TOPIC_GROUPS } from '../../../src/metadata/topic-sets.js';

const parse = (text: string) => parseTopicSet(text, 1, 'my.yaml');

describe('the default topic set', () => {
  it('has the topics of the recordings, one to delete, and what a migration may lose', async () => {
    const set = await loadTopicSet('default', 1);
    const names = (group: (typeof TOPIC_GROUPS)[number]) => set[group].map(({ name }) => name);
    expect(names('before')).toEqual(expect.arrayContaining(['before-1', 'before-2', 'short-lived']));
    expect(names('during')).toContain('during');
    expect(names('after-rollback')).toContain('after-rollback');
    const all = TOPIC_GROUPS.flatMap((group) => set[group]);
    expect(all.some(({ partitions }) => partitions === 1)).toBe(true);
    expect(all.some(({ partitions }) => partitions > 1)).toBe(true);
    expect(all.some(({ records }) => records === 0)).toBe(true);
    expect(new Set(all.flatMap(({ configs }) => Object.keys(configs))).size).toBeGreaterThan(4);
    for (const group of TOPIC_GROUPS) expect(set[group].some(({ records }) => records > 0)).toBe(true);
  });

  it('has no topic whose records Kafka may delete', async () => {
    const set = await loadTopicSet('default', 1);
    const aDay = 86_400_000;
    for (const { configs, records } of TOPIC_GROUPS.flatMap((group) => set[group])) {
      const retention = Number(configs['retention.ms'] ?? aDay);
      if (records > 0) expect(retention === -1 || retention >= aDay).toBe(true);
    }
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [5, 3],
  ])('with %d brokers has %d replicas', async (brokers, replicas) => {
    const set = await loadTopicSet('default', brokers);
    for (const topic of TOPIC_GROUPS.flatMap((group) => set[group])) expect(topic.replicationFactor).toBe(replicas);
  });

  it('lists the available sets when another is requested', async () => {
    const loading = loadTopicSet('defualt', 1);
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toThrow(/The topic set "defualt" does not exist\. Choose one of .*default/);
  });
});

describe('parseTopicSet', () => {
  const text = (topic: string) => `before: [${topic}]\nduring: []\nafter-rollback: []\nin-kraft: []\n`;

  it('sets neither records nor overrides by default', () => {
    expect(parse(text('{name: a, partitions: 2}')).before).toEqual([
      { name: 'a', partitions: 2, replicationFactor: 1, records: 0, configs: {} },
    ]);
  });

  it.each([
    ['a missing group', 'before: []\n', 'during'],
    ['no partitions', text('{name: a, partitions: 0}'), 'partitions'],
    ['a name that Kafka rejects', text('{name: "a b", partitions: 1}'), 'name'],
    ['an unknown key', text('{name: a, partitions: 1, replicas: 3}'), 'replicas'],
    ['a value that is not a string', text('{name: a, partitions: 1, configs: {retention.ms: 1}}'), 'retention.ms'],
    [
      'a name that occurs twice',
      text('{name: a, partitions: 1}, {name: a, partitions: 1}'),
      'a topic name occurs twice',
    ],
    ['invalid YAML', 'before: [', 'my.yaml is not valid YAML'],
  ])('rejects %s', (_, content, message) => {
    expect(() => parse(content)).toThrow(UsageError);
    expect(() => parse(content)).toThrow(message);
    expect(() => parse(content)).toThrow('my.yaml');
  });
});
