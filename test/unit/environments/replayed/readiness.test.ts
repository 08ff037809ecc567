import { describe, expect, it } from '@jest/globals';
import { reportsController, reportsReady } from '../../../../src/environments/replayed/readiness.js';
import type { NodeRole } from '../../../../src/strimzi/migration-state.js';

/** Lines of Kafka 3.9.0 and ZooKeeper 3.8.4. */
const LEADING =
  '2026-11-24 13:44:46,458 INFO Peer state changed: leading - broadcast (org.apache.zookeeper.server.quorum.QuorumPeer) [QuorumPeer]';
const FOLLOWING = LEADING.replace('leading', 'following');
const ZK_BROKER = '2026-11-24 13:44:46,458 INFO [KafkaServer id=0] started (kafka.server.KafkaServer) [main]';
const RAFT =
  '2026-11-24 13:44:46,458 INFO [KafkaRaftServer nodeId=12] Kafka Server started (kafka.server.KafkaRaftServer) [main]';

describe('reportsReady', () => {
  it.each<readonly [NodeRole, readonly string[]]>([
    ['zookeeper', [LEADING, FOLLOWING]],
    ['broker', [ZK_BROKER, RAFT]],
    ['controller', [RAFT]],
  ])('matches the lines of a %s', (role, lines) => {
    for (const line of [LEADING, FOLLOWING, ZK_BROKER, RAFT]) {
      expect([line, reportsReady(role, line)]).toEqual([line, lines.includes(line)]);
    }
  });

  it.each([
    'INFO Peer state changed: leading - discovery',
    'INFO Peer state changed: following - synchronization',
    'INFO [KafkaServer id=0] starting (kafka.server.KafkaServer) [main]',
    'INFO [KafkaServer id=0] shut down completed (kafka.server.KafkaServer) [main]',
    'INFO [SocketServer listenerType=ZK_BROKER, nodeId=0] Started data-plane acceptor',
    'INFO [ControllerServer id=1] Starting controller',
  ])('does not match "%s"', (line) => {
    for (const role of ['zookeeper', 'broker', 'controller'] as const) expect(reportsReady(role, line)).toBe(false);
  });
});

describe('reportsController', () => {
  it('matches when the broker serves as the controller, but not when it was only elected', () => {
    expect(reportsController('INFO [Controller id=0] Ready to serve as the new controller with epoch 3')).toBe(true);
    expect(
      reportsController('INFO [Controller id=0] 0 successfully elected as the controller. Epoch incremented to 3'),
    ).toBe(false);
  });
});
