import { describe, expect, it } from '@jest/globals';
import { factOf, linesAbout, parseOperatorLine } from '../../../../src/environments/kubernetes/operator-log.js';

const AT = '2026-11-24 10:00:00';
const OF = 'Reconciliation #78(watch) Kafka(myproject/my-cluster):';

function fact(line: string) {
  const parsed = parseOperatorLine(line);
  return parsed === undefined ? 'no line' : factOf(parsed);
}

describe('a line of the operator’s log', () => {
  it('has a level, a class, a pass and a text', () => {
    expect(
      parseOperatorLine(`${AT} INFO  KafkaRoller:726 - ${OF} Rolling Pod my-cluster-broker-0/0 due to []`),
    ).toEqual({
      level: 'INFO',
      logger: 'KafkaRoller',
      pass: 78,
      text: 'Rolling Pod my-cluster-broker-0/0 due to []',
    });
  });

  it('has no pass if it is about no pass, or about another kind of resource', () => {
    const other = 'Reconciliation #3(timer) KafkaConnect(myproject/mine): reconciled';
    expect(parseOperatorLine(`${AT} WARN  Main:61 - STRIMZI_X is not set`)).toMatchObject({
      level: 'WARN',
      pass: undefined,
    });
    expect(parseOperatorLine(`${AT} INFO  AbstractOperator:535 - ${other}`)).toMatchObject({
      pass: undefined,
      text: other,
    });
  });

  it.each(['', '\tat io.strimzi.Main.main(Main.java:1)', 'Picked up JAVA_TOOL_OPTIONS', 'java.lang.Error: INFO - x'])(
    'is not the first line of an event: %j',
    (line) => {
      expect(parseOperatorLine(line)).toBeUndefined();
    },
  );
});

/** The texts are from the recordings. */
describe('the fact in a line', () => {
  it.each([
    ['AbstractOperator', 'reconciled', { fact: 'pass-ended', outcome: 'reconciled' }],
    ['AbstractOperator', 'createOrUpdate failed', { fact: 'pass-ended', outcome: 'failed' }],
    [
      'KafkaMetadataStateManager',
      'Transitioning metadata state from [KRaftDualWriting] to [ZooKeeper] with strimzi.io/kraft annotation [disabled]',
      { fact: 'state-changed', from: 'KRaftDualWriting', to: 'ZooKeeper', annotation: 'disabled' },
    ],
    ...['kraft-now', '', 'a]b [c'].map(
      (value) =>
        [
          'KafkaMetadataStateManager',
          `Transitioning metadata state from [PreKRaft] to [KRaft] with strimzi.io/kraft annotation [${value}]`,
          { fact: 'state-changed', from: 'PreKRaft', to: 'KRaft', annotation: value },
        ] as const,
    ),
    [
      'KRaftMigrationUtils',
      "Deleted the '/controller' znode as part of the KRaft migration rollback",
      { fact: 'znode-deleted', path: '/controller', outcome: 'deleted' },
    ],
    [
      'KRaftMigrationUtils',
      "The '/migration' znode doesn't exist already. Nothing to delete as part of the KRaft migration rollback",
      { fact: 'znode-deleted', path: '/migration', outcome: 'absent' },
    ],
    [
      'KafkaRoller',
      'Rolling Pod my-cluster-broker-0/0 due to [Pod has old revision]',
      { fact: 'rolling', pod: 'my-cluster-broker-0', reasons: 'Pod has old revision' },
    ],
    [
      'KafkaRoller',
      'Rolling Pod my-cluster-broker-2/2 due to []',
      { fact: 'rolling', pod: 'my-cluster-broker-2', reasons: '' },
    ],
    [
      'ZooKeeperRoller',
      'Rolling Pod my-cluster-zookeeper-0 due to [Pod has old revision]',
      { fact: 'rolling', pod: 'my-cluster-zookeeper-0', reasons: 'Pod has old revision' },
    ],
    ['PodOperator', 'Rolling pod my-cluster-broker-0', { fact: 'restarting', pod: 'my-cluster-broker-0' }],
  ])('is read from %s: %s', (logger, text, expected) => {
    expect(fact(`${AT} INFO  ${logger}:1 - ${OF} ${text}`)).toEqual(expected);
  });

  it.each([
    ['AbstractOperator', 'Failed to reconcile'],
    ['KafkaRoller', 'Dynamic update of pod my-cluster-broker-0/0 was successful.'],
    [
      'KafkaMetadataStateManager',
      'Transitioning metadata state from [KRaft] to [Moon] with strimzi.io/kraft annotation [enabled]',
    ],
    [
      'KafkaMetadataStateManager',
      'Transitioning metadata state from [Moon] to [KRaft] with strimzi.io/kraft annotation [enabled]',
    ],
    ['KRaftMigrationUtils', 'Connected to ZooKeeper'],
    ['PodOperator', 'reconciled'],
    ['PodOperator', 'Pod my-cluster-broker-0 is ready'],
    ['Ca', "Deleted the '/controller' znode as part of the KRaft migration rollback"],
  ])('is undefined for %s: %s', (logger, text) => {
    expect(fact(`${AT} INFO  ${logger}:1 - ${OF} ${text}`)).toBeUndefined();
  });
});

describe('the log of an operator with several Kafka resources', () => {
  it('is filtered by the Kafka resource, stack traces included', () => {
    const header = `${AT} INFO  AbstractOperator:535 -`;
    const ours = [
      `${header} ${OF} reconciled`,
      `${AT} WARN  KafkaRoller:1 - Reconciliation #79(timer) Kafka(myproject/my-cluster): it failed`,
      'java.lang.Error: of ours',
      '\tat io.strimzi.Main.main(Main.java:1)',
    ];
    const theirs = [
      `${header} Reconciliation #80(watch) Kafka(payments/my-cluster): reconciled`,
      'java.lang.Error: of theirs',
      `${header} Reconciliation #81(watch) Kafka(myproject/other): reconciled`,
      `${header} Reconciliation #82(watch) KafkaConnect(myproject/my-cluster): reconciled`,
      `${AT} WARN  Main:61 - Kafka(myproject/my-cluster): no pass`,
      '',
    ];
    const isOurs = linesAbout({ namespace: 'myproject', name: 'my-cluster' });
    expect(['the end of another line', ...ours, ...theirs, ...ours].filter(isOurs)).toEqual([...ours, ...ours]);
  });
});
