import { describe, expect, it } from '@jest/globals';
import type { JournalEventBody } from '../../../src/journal/events.js';
import { narrate } from '../../../src/reports/narration.js';
import { ALL_GONE, brokerStart, journal } from '../comparison/journals.js';

const sync: JournalEventBody = {
  type: 'controller-log',
  pod: 'my-cluster-controller-1',
  level: 'INFO',
  text: '[KRaftMigrationDriver id=1] Performing a full metadata sync from KRaft to ZK.',
};
const lossOf = (events: readonly JournalEventBody[]) =>
  narrate(journal(events))
    .filter((line) => line.kind === 'loss')
    .map((line) => line.text);

describe('the line of a loss', () => {
  it('says what, when, how long after the sync, by whom and in which state', () => {
    const writer = { session: '0x1000123abcd0001', who: 'controller 1' };
    const state: JournalEventBody = {
      type: 'state-changed',
      from: 'ZooKeeper',
      to: 'KRaftMigration',
      annotation: 'migration',
    };
    expect(lossOf([state, sync, { ...ALL_GONE, writer }])).toEqual([
      'LOSS: 2 topics vanished from ZooKeeper, 1.0 s after the full metadata sync of controller-1, in state ' +
        'KRaftMigration, by session 0x1000123abcd0001, controller 1: orders, payments; none is left',
    ]);
  });

  it('names the holder of /controller where the writer is not known', () => {
    const controller: JournalEventBody = {
      type: 'znode-changed',
      path: '/controller',
      change: 'changed',
      ephemeral: false,
      value: '{"version":2,"brokerid":1,"timestamp":"1","kraftControllerEpoch":1}',
    };
    expect(lossOf([controller, ALL_GONE])[0]).toContain(', while /controller belonged to controller 1: orders');
  });

  it('is short for topics that vanish together with earlier ones, but not if another client deletes them', () => {
    const gone = (topic: string, session: string): JournalEventBody => ({
      type: 'topics-changed',
      deleted: [topic],
      writer: { session },
    });
    expect(lossOf([sync, gone('a', '0x1'), gone('b', '0x1'), gone('c', '0x2')])).toEqual([
      'LOSS: 1 topic vanished from ZooKeeper, 1.0 s after the full metadata sync of controller-1, by session 0x1: a',
      'LOSS: 1 more vanished: b; 2 in total',
      'LOSS: 1 topic vanished from ZooKeeper, 3.0 s after the full metadata sync of controller-1, by session 0x2: c',
    ]);
  });

  it('does not name the sync of an earlier migration', () => {
    const pool: JournalEventBody = { type: 'gesture', gesture: 'create-controller-pool', deleteClaim: true };
    expect(lossOf([sync, pool, ALL_GONE])[0]).toBe(
      'LOSS: 2 topics vanished from ZooKeeper: orders, payments; none is left',
    );
  });

  it('does not exist for a topic that the user deleted, even if that was journalled late', () => {
    const deleted = (['orders', 'payments'] as const).map(
      (topic): JournalEventBody => ({ type: 'client-action', action: 'delete-topic', topic }),
    );
    expect(lossOf([...deleted, ALL_GONE])).toEqual([]);
    expect(lossOf([ALL_GONE, ...deleted])).toEqual([]);
    expect(lossOf([...deleted.slice(1), ALL_GONE])[0]).toContain('1 topic vanished');
  });
});

describe('a line', () => {
  const textsOf = (...events: readonly JournalEventBody[]) => narrate(journal(events)).map((line) => line.text);

  it('shows an error of a controller without its logger and thread', () => {
    const text = '[KRaftMigrationDriver id=1] It failed. (org.apache.kafka.Driver) [controller-1-event-handler]';
    expect(textsOf({ ...sync, level: 'ERROR', text })).toEqual(['controller-1 logs ERROR: It failed.']);
  });

  it('says why a node ended, and who ended it', () => {
    const pod = 'my-cluster-broker-0';
    const error = '[2026-11-26 21:35:11,303] ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)';
    const died: JournalEventBody = { type: 'node-stopped', pod, reason: 'died' };
    const restarted: JournalEventBody = { type: 'container-restarted', pod, how: 'exit code 1', backOff: 0 };
    expect(
      textsOf(
        { ...restarted, error },
        { ...restarted, how: 'exit code 137 (OOMKilled)', backOff: 10 },
        { ...restarted, how: 'unknown' },
        { ...died, error },
        { type: 'node-unresponsive', pod, detail: 'no answer to ApiVersions within 2 s' },
        { type: 'fault', fault: 'freeze', action: 'inject', pod },
        { type: 'fault', fault: 'freeze', action: 'undo', pod },
        { type: 'fault', fault: 'operator-away', action: 'inject' },
      ),
    ).toEqual([
      'broker-0 ended with exit code 1 and is started again: ERROR Exiting Kafka due to fatal exception',
      'broker-0 ended with exit code 137 (OOMKilled) and is started again after 10 s',
      'broker-0 ended and is started again',
      'broker-0 died: ERROR Exiting Kafka due to fatal exception',
      'broker-0 did not answer: no answer to ApiVersions within 2 s',
      'the scenario injected fault freeze of broker-0',
      'the scenario undid fault freeze of broker-0',
      'the scenario injected fault operator-away',
    ]);
    expect(textsOf(died, restarted)).toEqual(['broker-0 died', 'broker-0 ended with exit code 1 and is started again']);
  });

  it('shows a violation with its known issue, and says if that is unreported', () => {
    const violated: JournalEventBody = {
      type: 'invariant-evaluated',
      step: 'roll back',
      invariant: 'migration-znode-absent',
      about: 'residue',
      holds: false,
      message: 'it is there',
    };
    const knownIssue = { id: 'stale', title: 'Stale', thread: 'unreported' };
    expect(textsOf(violated, { ...violated, knownIssue }, { ...violated, holds: true })).toEqual([
      'residue: migration-znode-absent is violated: it is there',
      'residue: migration-znode-absent is violated, as before (known issue stale, unreported)',
    ]);
  });

  it('shows a violation of the same invariant in full if it is about something else', () => {
    const violated = (pod: string): JournalEventBody => ({
      type: 'invariant-evaluated',
      step: 'migrate',
      invariant: 'nodes-run-their-state',
      about: 'conduct',
      holds: false,
      message: `${pod} is wrong`,
      evidence: [{ subject: pod, expected: 'ZK', found: 'KRAFT' }],
    });
    expect(textsOf(violated('a'), violated('b'), violated('a'))).toEqual([
      'conduct: nodes-run-their-state is violated: a is wrong',
      'conduct: nodes-run-their-state is violated: b is wrong',
      'conduct: nodes-run-their-state is violated, as before',
    ]);
  });

  it('does not repeat a loss when its invariant is evaluated, unless there is more to say', () => {
    const violated = (...topics: readonly string[]): JournalEventBody => ({
      type: 'invariant-evaluated',
      step: 'migrate',
      invariant: 'zookeeper-metadata-survives',
      about: 'loss',
      holds: false,
      message: 'the whole message',
      evidence: topics.map((name) => ({
        subject: `/brokers/topics/${name}`,
        expected: 'id x',
        found: 'absent',
        lost: { kind: 'topic', name },
        where: 'znode',
      })),
    });
    const both = violated('orders', 'payments');
    expect(textsOf(ALL_GONE, both).at(-1)).toBe('loss: zookeeper-metadata-survives is violated by this loss');
    expect(textsOf(both).at(-1)).toContain(': the whole message');
    expect(textsOf(ALL_GONE, violated('others')).at(-1)).toContain(': the whole message');
  });

  it('says that a verdict is not the expected one, and why', () => {
    const verdict = { type: 'verdict', summary: 'the summary' } as const;
    expect(
      textsOf(
        { ...verdict, verdict: 'lost', expected: 'survived', asExpected: false },
        { ...verdict, verdict: 'lost', expected: 'lost', asExpected: false },
        { ...verdict, verdict: 'inconclusive', expected: 'lost', asExpected: false },
        { ...verdict, verdict: 'survived', expected: 'survived', asExpected: true },
        { ...verdict, verdict: 'broken', expected: 'survived', asExpected: false },
        { ...verdict, verdict: 'broken', expected: 'broken', asExpected: true },
      ),
    ).toEqual([
      'LOST, NOT EXPECTED: the summary',
      'LOST, NOT EXPECTED: the summary',
      'INCONCLUSIVE: the summary',
      'SURVIVED as expected: the summary',
      'BROKEN, NOT EXPECTED: the summary',
      'BROKEN as expected',
    ]);
  });

  const controllerStart = (volume?: 'empty' | 'used'): JournalEventBody =>
    brokerStart({
      role: 'controller',
      nodeId: 1,
      pod: 'my-cluster-controller-1',
      mode: 'kraft',
      ...(volume === undefined ? {} : { volume }),
    });

  it('says that a controller of a pool that was created again has started, and on which volume', () => {
    const gone: JournalEventBody = { type: 'node-gone', pod: 'my-cluster-controller-1' };
    const mode = 'in KRaft mode, configured for MIGRATION';
    expect(
      textsOf(
        controllerStart('empty'),
        controllerStart('used'),
        gone,
        controllerStart('used'),
        gone,
        controllerStart(),
      ),
    ).toEqual([
      `controller-1 started ${mode}, on an empty volume`,
      `controller-1 restarted ${mode}`,
      'controller-1 was removed and not replaced',
      `controller-1 started ${mode}, on a used volume`,
      'controller-1 was removed and not replaced',
      `controller-1 started ${mode}`,
    ]);
  });

  it('says what a client did to a topic', () => {
    expect(textsOf({ type: 'client-action', action: 'alter-topic', topic: 'orders' })).toEqual([
      'a client changed the configs of topic orders',
    ]);
  });

  it('says who holds /controller only when that changes', () => {
    const controller = (change: 'changed' | 'deleted', value?: string): JournalEventBody => ({
      type: 'znode-changed',
      path: '/controller',
      change,
      ...(value === undefined ? {} : { value }),
    });
    const broker = '{"brokerid":0,"kraftControllerEpoch":-1}';
    expect(textsOf(controller('changed', broker), controller('deleted'), controller('changed', broker))).toEqual([
      '/controller belongs to broker 0',
    ]);
  });
});

describe('a line of a node that shows a sign', () => {
  const pod = 'my-cluster-broker-0';
  const text =
    'kafka.common.StateChangeFailedException: Aborted leader election for partition orders-0 since the LeaderAndIsr path was already written by another controller. This probably means that the current controller 0 went through a soft failure and another controller was elected with epoch 45.';
  const logged = (changes: object): JournalEventBody => ({
    type: 'node-log',
    pod,
    level: 'ERROR',
    text,
    sign: 'election-refused',
    ...changes,
  });

  it('is told with what it means, and how often it came again', () => {
    expect(narrate(journal([logged({}), logged({ more: 235 })])).map((line) => line.text)).toEqual([
      expect.stringMatching(
        /^broker-0 logs ERROR: kafka\.common\.\S+: Aborted .*, which means: a controller in ZooKeeper mode elects no leader .* epoch 45, .* \(KAFKA-20488\)$/,
      ),
      `broker-0 logged this 235 more times: ${text}`,
    ]);
  });

  it('of a later version is told without a meaning', () => {
    const unknown = logged({ text: 'Something new', sign: 'something-new', level: '' });
    expect(narrate(journal([unknown])).map((line) => line.text)).toEqual(['broker-0 logs: Something new']);
  });

  it.each([
    [
      'a healthy cluster has the same line',
      {
        text: '[Broker id=0] Ignoring LeaderAndIsr request from controller 0 with correlation id 1 since its controller epoch 2 is old. Latest known controller epoch is 3',
        sign: 'old-controller-epoch',
      },
    ],
    ['the end of the node says it', { text: 'Exiting Kafka due to fatal exception', sign: 'fatal-error' }],
  ])('is not told if %s', (_, changes) => {
    expect(narrate(journal([logged(changes)]))).toEqual([]);
  });
});
