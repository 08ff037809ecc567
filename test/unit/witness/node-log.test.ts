import { describe, expect, it } from '@jest/globals';
import { parseMigrationProgress, parseQuorumEpoch, parseSession } from '../../../src/witness/node-log.js';
import { CONTROLLER_SESSION, driverLine, featureLine, quorumLine, sessionLine } from './lines.js';

describe('parseSession', () => {
  it('reads the session that a node has opened, as the audit log writes it', () => {
    expect(parseSession(sessionLine(CONTROLLER_SESSION))).toBe(CONTROLLER_SESSION);
  });

  it('ignores a session that is only being opened', () => {
    expect(parseSession('Opening socket connection to server localhost/127.0.0.1:2181.')).toBeUndefined();
  });
});

describe('parseQuorumEpoch', () => {
  it('reads the epoch after the transition, and not that of the state before it', () => {
    expect(
      parseQuorumEpoch(quorumLine('CandidateState(localId=2, localDirectoryId=AAAA,epoch=10, retries=7)', 9)),
    ).toBe(10);
    expect(parseQuorumEpoch(quorumLine('Unattached(epoch=46, votedKey=null, voters=[2])', 45))).toBe(46);
    expect(parseQuorumEpoch(quorumLine('FollowerState(fetchTimeoutMs=2000, epoch=47, leader=3)', 46))).toBe(47);
  });

  it('is not misled by the epoch of the leader, or of something else', () => {
    expect(parseQuorumEpoch(quorumLine('Leader(localVoterNode=VoterNode(leaderEpoch=7), epoch=3)', 2))).toBe(3);
    const other = quorumLine('Unattached(epoch=46)', 45).replace('org.apache.kafka.raft.QuorumState', 'kafka.Other');
    expect(parseQuorumEpoch(other)).toBeUndefined();
    expect(parseQuorumEpoch(driverLine('1 transitioning from A to B state (epoch=3)'))).toBeUndefined();
  });
});

describe('parseMigrationProgress', () => {
  it("reads the driver's new state", () => {
    expect(
      parseMigrationProgress(driverLine('1 transitioning from WAIT_FOR_BROKERS to BECOME_CONTROLLER state')),
    ).toEqual({
      level: 'INFO',
      text: '[KRaftMigrationDriver id=1] 1 transitioning from WAIT_FOR_BROKERS to BECOME_CONTROLLER state',
      driverState: 'BECOME_CONTROLLER',
    });
  });

  it('reads the value that Strimzi reads', () => {
    expect(parseMigrationProgress(featureLine('PRE_MIGRATION', 'MIGRATION'))).toMatchObject({
      level: 'INFO',
      zkMigrationState: 'MIGRATION',
    });
  });

  it('ignores a value that Kafka does not have', () => {
    expect(parseMigrationProgress(featureLine('MIGRATION', 'HALF_MIGRATION'))).toBeUndefined();
  });

  it.each([
    'Initial migration of ZK metadata is done.',
    'Initial migration of ZK metadata is not done.',
    'Performing a full metadata sync from KRaft to ZK.',
    'Made the following ZK writes when reconciling with KRaft state: {DeleteTopic=1}',
    'Ignoring image MetadataProvenance(lastContainedOffset=1) which does not contain a superset of the metadata in ZK. Staying in SYNC_KRAFT_TO_ZK until a newer image is loaded',
    'No brokers are known to KRaft, waiting for brokers to register.',
    'Completed migration of metadata from ZooKeeper to KRaft.',
  ])('keeps "%s"', (text) => {
    expect(parseMigrationProgress(driverLine(text))).toEqual({
      level: 'INFO',
      text: `[KRaftMigrationDriver id=1] ${text}`,
    });
  });

  it.each(['WARN', 'ERROR'])('keeps everything that the driver logs as %s', (level) => {
    const text = 'KRaft controller indicates an active migration, but the ZK state does not.';
    expect(parseMigrationProgress(driverLine(text, level))).toEqual({
      level,
      text: `[KRaftMigrationDriver id=1] ${text}`,
    });
  });

  it.each([
    ['any other line of the driver', driverLine('Sending RPCs to brokers for metadata delta.')],
    [
      'another class that names the driver',
      '2026-11-24 13:44:46,458 ERROR cannot reach KRaftMigrationDriver (kafka.server.ControllerServer) [main]',
    ],
    ['a line that log4j did not write', 'at org.apache.kafka.metadata.migration.KRaftMigrationDriver.run(X.java:1)'],
    ['any other line', '2026-11-24 13:44:46,458 INFO started (kafka.server.KafkaServer) [main]'],
  ])('ignores %s', (_what, line) => {
    expect(parseMigrationProgress(line)).toBeUndefined();
  });
});
