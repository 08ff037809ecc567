import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WaitTimedOut } from '../../../src/errors.js';
import { updateBrokerDynamically } from '../../../src/metadata/kraft/dynamic-update.js';
import { readKRaftSnapshot } from '../../../src/metadata/kraft/reader.js';
import { API, altered, configs, FakeBroker, metadata } from './fake-broker.js';

const UUID = 'bf7dc681-daf4-4b88-8746-fb07ac69c9bc';
const ONE = { uuid: UUID, partitions: [{ partition: 0, leader: 1 }] };

const ONE_BROKER = [[1, 0]] as const;
const TOPIC_AUTHORIZATION_FAILED = 29;

let broker: FakeBroker;
beforeEach(async () => {
  broker = await FakeBroker.start();
});
afterEach(async () => {
  await broker.stop();
});

describe('readKRaftSnapshot', () => {
  const read = (options: { internalTopics?: boolean; deadlineMs?: number } = {}) =>
    readKRaftSnapshot({ bootstrapServers: [broker.address], deadlineMs: 60_000, ...options });

  it('reads ids, partitions, replicas, and only the overrides of configurations', async () => {
    broker.answers.set(
      API.METADATA,
      metadata(
        [[3, 1]],
        [
          { name: 'b', ...ONE },
          { name: 'a', ...ONE },
        ],
      ),
    );
    broker.answers.set(
      API.DESCRIBE_CONFIGS,
      configs({
        a: [
          ['cleanup.policy', 'compact', 1],
          ['retention.ms', '604800000', 5],
          ['segment.bytes', '1073741824', 4],
          ['min.insync.replicas', '2', 3],
        ],
        b: [],
      }),
    );
    const topic = { id: 'v33Ggdr0S4iHRvsHrGnJvA', partitions: [{ partition: 0, replicas: [1, 0] }] };
    await expect(read()).resolves.toEqual({
      source: 'kraft',
      clusterId: 'cluster',
      topics: [
        { name: 'a', ...topic, configs: { 'cleanup.policy': 'compact' } },
        { name: 'b', ...topic, configs: {} },
      ],
      operational: {
        liveBrokers: [3],
        partitions: { 'a-0': { leader: 1, leaderEpoch: 7, isr: [0] }, 'b-0': { leader: 1, leaderEpoch: 7, isr: [0] } },
      },
    });
    // Two Metadata requests: for all topics, and to find out whether any are hidden.
    expect(broker.requests).toEqual([API.METADATA, API.METADATA, API.DESCRIBE_CONFIGS]);
  });

  it('omits internal topics unless they are requested', async () => {
    broker.answers.set(API.METADATA, metadata(ONE_BROKER, [{ name: '__consumer_offsets', ...ONE }]));
    broker.answers.set(API.DESCRIBE_CONFIGS, configs({ __consumer_offsets: [] }));
    expect((await read()).topics).toEqual([]);
    expect((await read({ internalTopics: true })).topics.map(({ name }) => name)).toEqual(['__consumer_offsets']);
  });

  it('treats a topic that is deleted before its configuration is read as absent', async () => {
    broker.answers.set(
      API.METADATA,
      metadata(ONE_BROKER, [
        { name: 'a', ...ONE },
        { name: 'b', ...ONE },
      ]),
    );
    broker.answers.set(API.DESCRIBE_CONFIGS, configs({ a: 3, b: [] }));
    const { topics, operational } = await read();
    expect(topics.map(({ name }) => name)).toEqual(['b']);
    expect(Object.keys(operational.partitions)).toEqual(['b-0']);
  });

  it('asks for no configuration when there are no topics', async () => {
    broker.answers.set(API.METADATA, metadata(ONE_BROKER, []));
    expect((await read()).topics).toEqual([]);
    expect(broker.requests).toEqual([API.METADATA, API.METADATA]);
  });

  it('does not mistake a broker that does not know the cluster yet for one without topics', async () => {
    const answers = [metadata([], []), metadata(ONE_BROKER, [{ name: 'a', ...ONE }])];
    broker.answers.set(API.METADATA, (writer, count) => answers[Math.min(count, 1)]?.(writer, count));
    broker.answers.set(API.DESCRIBE_CONFIGS, configs({ a: [] }));
    expect((await read()).topics.map(({ name }) => name)).toEqual(['a']);
  });

  it('refuses a user who may not describe all topics', async () => {
    const none = metadata(ONE_BROKER, []);
    const denied = metadata(ONE_BROKER, [{ name: 'x', ...ONE, error: TOPIC_AUTHORIZATION_FAILED }]);
    broker.answers.set(API.METADATA, (writer, count) => (count === 0 ? none : denied)(writer, count));
    await expect(read()).rejects.toThrow(/^Some topics may be hidden: this user.* TOPIC_AUTHORIZATION_FAILED$/);
  });

  it('does not mistake a configuration that it cannot read for one without overrides', async () => {
    broker.answers.set(API.METADATA, metadata(ONE_BROKER, [{ name: 'a', ...ONE }]));
    broker.answers.set(API.DESCRIBE_CONFIGS, configs({ a: 7 }));
    const reading = read({ deadlineMs: 1000 });
    await expect(reading).rejects.toThrow(WaitTimedOut);
    await expect(reading).rejects.toThrow('refuses to describe the configuration of topic a: REQUEST_TIMED_OUT');
  });

  it('asks again after such a response', async () => {
    broker.answers.set(API.METADATA, metadata(ONE_BROKER, [{ name: 'a', ...ONE }]));
    const answers = [configs({ a: 7 }), configs({ a: [['retention.ms', '1', 1]] })];
    broker.answers.set(API.DESCRIBE_CONFIGS, (writer, count) => answers[count]?.(writer, count));
    expect((await read()).topics[0]?.configs).toEqual({ 'retention.ms': '1' });
  });
});

describe('updateBrokerDynamically', () => {
  const update = () => updateBrokerDynamically({ bootstrapServer: broker.address, nodeId: 12, deadlineMs: 60_000 });

  it('sends one empty update of the broker', async () => {
    broker.answers.set(API.INCREMENTAL_ALTER_CONFIGS, altered(0, null));
    await expect(update()).resolves.toBe('updated');
    // Resources: one, type 4 (BROKER), "12", no configurations, no tags; not only validated; no tags.
    const expected = Buffer.from([2, 4, 3, ...Buffer.from('12'), 1, 0, 0, 0]);
    expect(broker.last.get(API.INCREMENTAL_ALTER_CONFIGS)?.subarray(-expected.length)).toEqual(expected);
  });

  it('returns the reason for a refusal', async () => {
    broker.answers.set(API.INCREMENTAL_ALTER_CONFIGS, altered(41, 'The controller is in pre-migration mode'));
    await expect(update()).resolves.toEqual({ refused: 'NOT_CONTROLLER: The controller is in pre-migration mode' });
  });
});
