import { describe, expect, it } from '@jest/globals';
import { machineCauseOf } from '../../../src/journal/machine-causes.js';
import { causeIn, meaningOf, signIn, signOf } from '../../../src/journal/sign-in.js';
import { SIGNS } from '../../../src/journal/signs.js';

/** Lines as Kafka 3.9.0 writes them, by the sign that they show. */
const LINES: Readonly<Record<string, readonly (readonly [line: string, meaning: string])[]>> = {
  'volume-of-kraft-mode': [
    [
      'ERROR Exiting Kafka due to fatal exception during startup: java.lang.RuntimeException: Found unexpected version in /data/kafka-log2/meta.properties. ZK-based brokers that are not migrating only support version 0 (which is implicit when the `version` field is missing).',
      'its volume was formatted in KRaft mode, so that /data/kafka-log2/meta.properties has version 1, which a broker in ZooKeeper mode does not accept (KAFKA-20762)',
    ],
  ],
  'pre-migration-mode': [
    [
      'INFO [QuorumController id=1] registerBroker: event failed with BrokerIdNotRegisteredException in 156 microseconds. Exception message: Controller is in pre-migration mode and cannot register KRaft brokers until the metadata migration is complete.',
      'the controllers have no metadata, and register no broker that runs in KRaft mode before they have migrated it (strimzi-kafka-operator#10187)',
    ],
  ],
  'truncation-below-high-watermark': [
    [
      'ERROR Encountered fatal fault: Unexpected error in raft IO thread: org.apache.kafka.common.KafkaException: The leader requested truncation to offset 12, which is below the current high watermark LogOffsetMetadata(offset=40, metadata=Optional.empty)',
      'its metadata log is ahead of that of the leader, which has lost its own log and asks it to truncate to offset 12 (strimzi-kafka-operator#10187)',
    ],
    [
      'java.lang.IllegalArgumentException: Attempt to truncate to offset 7, which is below the current high watermark 40',
      'its metadata log is ahead of that of the leader, which has lost its own log and asks it to truncate to offset 7 (strimzi-kafka-operator#10187)',
    ],
  ],
  'zk-migration-fault': [
    [
      'Encountered zk migration fault: Unhandled error in RecoverMigrationStateFromZKEvent',
      'the migration driver met an unexpected error (Unhandled error in RecoverMigrationStateFromZKEvent)',
    ],
  ],
  'election-refused': [
    [
      'kafka.common.StateChangeFailedException: Aborted leader election for partition orders-0 since the LeaderAndIsr path was already written by another controller. This probably means that the current controller 0 went through a soft failure and another controller was elected with epoch 45.',
      'a controller in ZooKeeper mode elects no leader of a partition whose state was written with epoch 45, above its own (KAFKA-20488)',
    ],
  ],
  'state-change-refused': [
    [
      'kafka.common.StateChangeFailedException: Leader and isr path written by another controller. This probably means the current controller with epoch 5 went through a soft failure and another controller was elected with epoch 46. Aborting state change by this controller',
      'a controller in ZooKeeper mode does not change a partition whose state was written with epoch 46, above its own (KAFKA-20488)',
    ],
  ],
  'old-controller-epoch': [
    [
      '[Broker id=1] Ignoring LeaderAndIsr request from controller 0 with correlation id 3 since its controller epoch 5 is old. Latest known controller epoch is 45',
      'a broker refuses a request of a controller, because it knows epoch 45',
    ],
    [
      '[Broker id=1] Received update metadata request with correlation id 3 from an old controller 0 with epoch 5. Latest known controller epoch is 46',
      'a broker refuses a request of a controller, because it knows epoch 46',
    ],
  ],
  'registration-pending': [
    [
      '[ControllerRegistrationManager id=1 incarnation=x] maybeSendControllerRegistration: waiting for the previous RPC to complete.',
      'the controller waits for the response to a registration that has timed out, and sends no other (KAFKA-20247)',
    ],
  ],
  'no-brokers-known': [
    [
      '[KRaftMigrationDriver id=1] No brokers are known to KRaft, waiting for brokers to register.',
      'no broker has registered with the quorum',
    ],
  ],
  'fatal-error': [
    ['Exiting Kafka due to fatal exception during startup.', 'Kafka ends with a fatal error'],
    ['Encountered fatal fault: Error starting LogManager', 'Kafka ends with a fatal error'],
    ['Fatal error during KafkaServer startup. Prepare to shutdown', 'Kafka ends with a fatal error'],
  ],
};

describe('the signs', () => {
  it('each have a line that shows them', () => {
    expect(Object.keys(LINES).sort()).toEqual(SIGNS.map(({ id }) => id).sort());
  });

  it.each(Object.entries(LINES).flatMap(([id, lines]) => lines.map(([line, meaning]) => [id, line, meaning] as const)))(
    '%s: %s',
    (id, line, meaning) => {
      const seen = signIn(line);
      expect(seen?.sign).toBe(signOf(id));
      expect(seen && meaningOf(seen)).toBe(meaning);
      expect(causeIn(line)).toBe(id === 'fatal-error' ? undefined : meaning);
    },
  );

  it('name the version of Kafka in which they were read, and no sign twice', () => {
    for (const { source } of SIGNS) expect(source).toMatch(/Kafka 3\.9\.0 \w+\.(java|scala):\d/);
    expect(new Set(SIGNS.map(({ id }) => id)).size).toBe(SIGNS.length);
  });

  it('mean something with what their lines say', () => {
    for (const { pattern, meaning } of SIGNS) {
      for (const [, name] of meaning.matchAll(/\{(\w+)\}/g)) expect(pattern.source).toContain(`(?<${name}>`);
    }
  });

  it('of one logger are not found in the lines of another, which repeats them', () => {
    const [line = ''] = LINES['election-refused']?.[0] ?? [];
    expect(signIn(line, 'state.change.logger')?.sign.id).toBe('election-refused');
    expect(signIn(line, 'kafka.controller.KafkaController')).toBeUndefined();
  });

  it.each([
    'Started Kafka server',
    'Attempt to truncate to offset 7',
    'The ephemeral node at /controller was created by another controller while trying to register',
    '[Broker id=1] Handling LeaderAndIsr request correlationId 1 from controller 0 for 3 partitions',
  ])('are not in other lines: %s', (line) => {
    expect(signIn(line)).toBeUndefined();
    expect(causeIn(line)).toBeUndefined();
  });
});

describe('what the machine lacks', () => {
  it.each([
    ['java.net.BindException: Address already in use', 'port'],
    ['java.lang.OutOfMemoryError: Java heap space', 'memory'],
    ['java.io.IOException: No space left on device', 'disk space'],
    ['java.io.IOException: Input/output error', 'disk'],
    ['java.net.SocketException: Too many open files', 'files'],
    ['Error: Could not create the Java Virtual Machine.', 'JVM'],
    ['Found unexpected version', undefined],
  ])('%s', (line, cause) => {
    expect(machineCauseOf(['another line', line])).toBe(cause);
  });
});
