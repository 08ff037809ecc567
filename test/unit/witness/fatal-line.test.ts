import { describe, expect, it } from '@jest/globals';
import { errorLines, fatalLine } from '../../../src/witness/fatal-line.js';
import {
  CLUSTER_ID_OF_ANOTHER,
  LOG_FOLDER_UNUSABLE,
  META_PROPERTIES_VERSION_1,
  MYID_MISSING,
  NO_MEMORY,
  TRUNCATION,
  UNKNOWN_OPTION,
} from './last-lines.js';

describe('the line that says why a node ended', () => {
  it.each([
    [
      'meta.properties of version 1',
      META_PROPERTIES_VERSION_1,
      'ERROR Exiting Kafka due to fatal exception during startup: java.lang.RuntimeException: Found unexpected version in /var/lib/kafka/data-0/kafka-log2/meta.properties. ZK-based brokers that are not migrating only support version 0 (which is implicit when the `version` field is missing).',
    ],
    [
      'another cluster’s id',
      CLUSTER_ID_OF_ANOTHER,
      'ERROR Exiting Kafka due to fatal exception during startup: java.lang.RuntimeException: Invalid cluster.id in: /var/lib/kafka/data-0/kafka-log0/meta.properties. Expected VP4k10dXQWuMfiDu0DBG4g, but read ktTJRcT0Q_6oHkgUtB53mQ',
    ],
    [
      'a missing myid: the cause, and not the failed start in the audit log, or the exit code, which come later',
      MYID_MISSING,
      'ERROR Invalid config, exiting abnormally: java.lang.IllegalArgumentException: myid file is missing',
    ],
    [
      'a truncation below the high watermark',
      TRUNCATION,
      'ERROR Encountered fatal fault: Unexpected error in raft IO thread: org.apache.kafka.common.KafkaException: The leader requested truncation to offset 212, which is below the current high watermark LogOffsetMetadata(offset=403, metadata=Optional[(segmentBaseOffset=0,relativePositionInSegment=31410)])',
    ],
    ['no memory', NO_MEMORY, '# There is insufficient memory for the Java Runtime Environment to continue.'],
    [
      'an option that the JVM does not know',
      UNKNOWN_OPTION,
      'Error: A fatal exception has occurred. Program will exit.',
    ],
  ])('of %s', (_cause, log, expected) => {
    expect(fatalLine(log)).toBe(expected);
  });

  it('is the last error if none announces the end', () => {
    expect(
      fatalLine([
        '2026-11-26 20:48:13,000 ERROR The first (kafka.log.LogManager) [main]',
        '2026-11-26 20:48:13,100 ERROR Shutdown broker because all log dirs in /data have failed (kafka.log.LogManager) [main]',
        '2026-11-26 20:48:13,200 WARN A warning (kafka.log.LogManager) [main]',
      ]),
    ).toBe('ERROR Shutdown broker because all log dirs in /data have failed');
  });

  it('includes the error that led to it if it has no exception itself', () => {
    expect(fatalLine(LOG_FOLDER_UNUSABLE)).toBe(
      'ERROR Shutdown broker because none of the specified log dirs from /var/lib/kafka/data-0/kafka-log0 can be created or validated: Error while reading meta.properties file /var/lib/kafka/data-0/kafka-log0/meta.properties: java.lang.RuntimeException: Failed to find node.id',
    );
    const unrelated = LOG_FOLDER_UNUSABLE.map((line) => line.replace('03:29:12,674', '03:27:12,674'));
    expect(fatalLine(unrelated)).toContain('validated: Failed to create or validate data directory');
  });

  it('is FATAL in the logs of older versions, and in the formats of other images', () => {
    expect(
      fatalLine([
        '[2021-11-21 21:29:18,137] FATAL [ReplicaFetcherThread-0-1], Exiting because log truncation is not allowed for partition t-0 (kafka.server.ReplicaFetcherThread)',
      ]),
    ).toBe('FATAL [ReplicaFetcherThread-0-1], Exiting because log truncation is not allowed for partition t-0');
    expect(
      fatalLine(['2021-11-21 21:29:18,137 [myid:1] - ERROR [main:QuorumPeerMain@99] - Unexpected exception']),
    ).toBe('ERROR [main:QuorumPeerMain@99] - Unexpected exception');
  });

  it('is no line of the audit log, in which every operation that fails is an error', () => {
    const audited =
      '2026-11-26 20:48:13,000 ERROR session=0x1\tuser=127.0.0.1\top=delete\tznode=/x\tresult=failure (org.apache.zookeeper.audit.Slf4jAuditLogger) [ProcessThread(sid:1)]';
    expect(fatalLine([audited])).toBeUndefined();
    expect(errorLines([audited])).toEqual([]);
  });

  it('is none without an error: what is logged as INFO or WARN, with its stack trace, is none', () => {
    expect(fatalLine([])).toBeUndefined();
    expect(
      fatalLine([
        '2026-11-26 20:48:13,000 WARN Retrying (kafka.server.KafkaServer) [main]',
        'java.net.ConnectException: refused',
        'Caused by: java.io.IOException: refused',
      ]),
    ).toBeUndefined();
  });
});

describe('the lines of errors', () => {
  it('include stack traces and causes, but nothing of other levels', () => {
    expect(errorLines(MYID_MISSING)).toContain('Caused by: java.lang.IllegalArgumentException: myid file is missing');
    expect(errorLines(MYID_MISSING).some((line) => line.includes('ZooKeeper audit is enabled'))).toBe(false);
  });
});
