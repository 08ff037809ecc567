import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import type { Cluster } from '../../src/cluster/cluster.js';
import { DEFAULT_KAFKA_VERSION } from '../../src/distribution/kafka-versions.js';
import { ResultsFolder } from '../../src/harness/results-folder.js';
import { profilesOf, Session } from '../../src/harness/session.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { connectZooKeeper, type ZooKeeperClient } from '../../src/metadata/zookeeper/client.js';
import { judgeAgain } from '../../src/scenario/judge-again.js';
import { type Scenario, scenario, step } from '../../src/scenario/scenario.js';
import { ONE_OF_EACH } from '../../src/strimzi/topology.js';
import { ofType, SCENARIO_TIMEOUT_MS, verdictOf } from '../scenarios/support.js';

/*
 * Damage that a stranger does to a real cluster before any migration: nothing that a known issue explains, and the same
 * when the run is judged again from its folder.
 */

const OPERATOR = '0.45.1';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'test-damage-'));
});
afterAll(() => rm(scratch, { recursive: true }));

/** Deploys, deletes the topic `short-lived`, and does the damage in a step of its own. */
function damaging(name: string, damage: (cluster: Cluster) => Promise<void>): Scenario {
  return scenario({
    name,
    title: 'A cluster that a stranger damages',
    expected: { survives: 'Nobody should do this.' },
    steps: [
      step('deploy', async ({ cluster, topics }) => {
        await cluster.deploy();
        await topics.create('before');
        await topics.delete('short-lived');
      }),
      step('damage', ({ cluster }) => damage(cluster)),
    ],
  });
}

async function inZooKeeper(cluster: Cluster, change: (client: ZooKeeperClient) => Promise<void>): Promise<void> {
  const { connectString } = cluster.zookeeper() ?? { connectString: 'no ZooKeeper' };
  const client = await connectZooKeeper({ connectString, sessionTimeoutMs: 10_000, deadlineMs: 30_000 });
  try {
    await change(client);
  } finally {
    await client.close();
  }
}

async function deleteRecords(cluster: Cluster, topic: string, offset: string): Promise<void> {
  const admin = new Kafka({ brokers: [...cluster.kafka().bootstrapServers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    // kafkajs finds the leader only of topics that it has asked for before.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
  } finally {
    await admin.disconnect();
  }
}

/** Runs the scenario, and judges it again: with the same result. */
async function run(damaged: Scenario): Promise<readonly JournalEvent[]> {
  const session = await Session.open(
    {
      env: process.env,
      kafkaVersion: DEFAULT_KAFKA_VERSION,
      topology: ONE_OF_EACH,
      environment: { kind: 'local', timings: 'fast' },
      operatorVersions: [OPERATOR],
      strict: false,
      progress: () => undefined,
      interrupt: new AbortController().signal,
    },
    profilesOf(undefined),
  );
  try {
    const folder = await ResultsFolder.claim({ run: damaged.name, path: join(scratch, damaged.name) });
    const { events } = await session.run({
      scenario: damaged,
      operatorVersion: OPERATOR,
      results: () => folder,
      keep: false,
      notice: () => undefined,
    });
    expect(await judgeAgain(folder.path)).toEqual({
      repeated: ofType(events, 'invariant-evaluated').length,
      changed: [],
      notJudged: [],
    });
    return events;
  } finally {
    await session.close();
  }
}

describe('a stranger', () => {
  it.each<readonly [string, (cluster: Cluster) => Promise<void>, string, readonly object[]]>([
    [
      'deletes half of the records of a topic, up to an offset inside a batch',
      (cluster) => deleteRecords(cluster, 'before-1', '50'),
      'records-survive',
      [
        { subject: 'topic before-1', found: '50 read back', lost: { kind: 'records', name: 'before-1' } },
        { subject: 'log before-1-0', expected: 'starts at offset 0', found: 'starts at offset 50' },
      ],
    ],
    [
      'creates a topic in ZooKeeper that the user deleted',
      (cluster) =>
        inZooKeeper(cluster, (client) =>
          client.create('/brokers/topics/short-lived', '{"version":1,"partitions":{"0":[0]}}'),
        ),
      'deleted-topics-stay-deleted',
      [{ subject: '/brokers/topics/short-lived', lost: { kind: 'topic-deletion', name: 'short-lived' } }],
    ],
    [
      "overwrites a topic and another one's configs, and creates a name that is no topic's",
      (cluster) =>
        inZooKeeper(cluster, async (client) => {
          await client.set('/brokers/topics/before-durable', '');
          await client.set('/config/topics/before-2', 'damaged');
          await client.create('/brokers/topics/no topic', 'x');
        }),
      'zookeeper-metadata-survives',
      [
        { subject: '/config/topics/before-2', found: '"damaged" (it is not JSON)', lost: { kind: 'topic-configs' } },
        { subject: '/brokers/topics/before-durable', found: '"" (it is empty)', lost: { kind: 'topic' } },
      ],
    ],
  ])(
    '%s: lost, not expected',
    async (what, damage, invariant, evidence) => {
      const events = await run(damaging(what.replaceAll(/\W+/g, '-'), damage));
      expect(verdictOf(events)).toMatchObject({ verdict: 'lost', asExpected: false, step: 'damage' });
      expect(ofType(events, 'invariant-evaluated').filter(({ holds }) => !holds)).toMatchObject([
        { invariant, evidence },
      ]);
    },
    SCENARIO_TIMEOUT_MS,
  );
});
