import { describe, expect, it } from '@jest/globals';
import { Journal } from '../../../src/journal/journal.js';
import { EVENT_SCHEMAS } from '../../../src/journal/schema.js';
import { Witness } from '../../../src/witness/witness.js';
import { driverLine } from './lines.js';

const BROKER = 'my-cluster-broker-0';
const CONTROLLER = 'my-cluster-controller-1';

const record = (level: string, text: string, logger: string): string =>
  `2026-11-27 13:44:46,458 ${level} ${text} (${logger}) [controller-event-thread]`;
const failedChange = (partition: string): string =>
  record(
    'ERROR',
    `[Controller id=0 epoch=5] Controller 0 epoch 5 failed to change state for partition ${partition} from OfflinePartition to OnlinePartition`,
    'state.change.logger',
  );
const refusal = (partition: string, epoch = 45): string =>
  `kafka.common.StateChangeFailedException: Aborted leader election for partition ${partition} since the LeaderAndIsr path was already written by another controller. This probably means that the current controller 0 went through a soft failure and another controller was elected with epoch ${epoch}.`;
const STACK =
  '\tat kafka.controller.ZkPartitionStateMachine.$anonfun$doElectLeaderForPartitions$3(PartitionStateMachine.scala:389)';
const STALE =
  '[Broker id=1] Ignoring LeaderAndIsr request from controller 0 with correlation id 3 since its controller epoch 5 is old. Latest known controller epoch is 45';
const FAULT = 'Encountered zk migration fault: Unhandled error in RecoverMigrationStateFromZKEvent';

function setUp() {
  const journal = new Journal();
  const witness = new Witness(journal, async () => undefined);
  const lines = (pod: string, ...all: readonly string[]): void => {
    for (const line of all) witness.nodeLine(pod, 'broker 0', line);
  };
  return { journal, witness, lines };
}

describe('the signs in the logs of nodes', () => {
  it('are journalled with the level of their record, also from its stack trace', () => {
    const { journal, lines } = setUp();
    lines(BROKER, failedChange('orders-0'), refusal('orders-0'), STACK);
    lines(CONTROLLER, record('ERROR', FAULT, 'org.apache.kafka.server.fault.LoggingFaultHandler'));
    expect(journal.ofType('node-log')).toEqual([
      expect.objectContaining({
        pod: BROKER,
        level: 'ERROR',
        text: refusal('orders-0'),
        sign: 'election-refused',
      }),
      expect.objectContaining({ pod: CONTROLLER, level: 'ERROR', text: FAULT, sign: 'zk-migration-fault' }),
    ]);
    for (const event of journal.ofType('node-log')) {
      expect(event).not.toHaveProperty('more');
      expect(EVENT_SCHEMAS['node-log'].safeParse(event).success).toBe(true);
    }
  });

  it('are journalled once for each sign and pod, and then counted when everything has settled', async () => {
    const { journal, witness, lines } = setUp();
    for (let i = 0; i < 236; i++) lines(BROKER, failedChange(`orders-${i}`), refusal(`orders-${i}`), STACK);
    lines('my-cluster-broker-1', record('WARN', STALE, 'state.change.logger'));
    expect(journal.ofType('node-log')).toHaveLength(2);
    await witness.settled();
    const counted = journal.ofType('node-log');
    expect(counted.map(({ pod, sign, more }) => [pod, sign, more])).toEqual([
      [BROKER, 'election-refused', undefined],
      ['my-cluster-broker-1', 'old-controller-epoch', undefined],
      [BROKER, 'election-refused', 235],
    ]);
    expect(counted[2]).toMatchObject({ level: 'ERROR', text: refusal('orders-235') });
    expect(EVENT_SCHEMAS['node-log'].safeParse(counted[2]).success).toBe(true);
  });

  it('are journalled as they come again in the next step', async () => {
    const { journal, witness, lines } = setUp();
    lines(BROKER, failedChange('orders-0'), refusal('orders-0'));
    await witness.settled();
    lines(BROKER, failedChange('orders-1'), refusal('orders-1'));
    expect(journal.ofType('node-log').map(({ text, more }) => [text, more])).toEqual([
      [refusal('orders-0'), undefined],
      [refusal('orders-1'), undefined],
    ]);
    await witness.close();
    expect(journal.ofType('node-log')).toHaveLength(2);
  });

  it('count once in one record: a stack trace repeats them', async () => {
    const { journal, witness, lines } = setUp();
    const truncation =
      'org.apache.kafka.common.KafkaException: The leader requested truncation to offset 12, which is below the current high watermark 40';
    lines(
      CONTROLLER,
      record('ERROR', 'Encountered fatal fault: raft IO thread', 'x.ProcessTerminatingFaultHandler'),
      truncation,
      `Caused by: ${truncation}`,
    );
    await witness.settled();
    expect(journal.ofType('node-log').map(({ sign, more }) => [sign, more])).toEqual([
      ['fatal-error', undefined],
      ['truncation-below-high-watermark', undefined],
    ]);
  });

  it('do not count when another logger repeats them', async () => {
    const { journal, witness, lines } = setUp();
    const header = 'Error completing replica leader election (PREFERRED) for partition orders-0';
    lines(BROKER, record('ERROR', header, 'kafka.controller.KafkaController'), refusal('orders-0'), STACK);
    await witness.settled();
    expect(journal.ofType('node-log')).toEqual([]);
  });

  it('are not journalled twice if they mark progress: the line is a controller-log', async () => {
    const { journal, witness, lines } = setUp();
    lines(CONTROLLER, driverLine('No brokers are known to KRaft, waiting for brokers to register.'));
    await witness.settled();
    expect(journal.events().map(({ type }) => type)).toEqual(['controller-log']);
  });

  it('are not in the lines of a healthy node', async () => {
    const { journal, witness, lines } = setUp();
    lines(BROKER, 'no header yet', record('INFO', '[KafkaServer id=0] started', 'kafka.server.KafkaServer'), STACK);
    await witness.settled();
    expect(journal.events()).toEqual([]);
  });
});
