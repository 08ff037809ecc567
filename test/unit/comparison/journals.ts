import type {
  InvariantEvaluated,
  JournalEvent,
  JournalEventBody,
  NodeStarted,
  RunStarted,
  TopicsChanged,
} from '../../../src/journal/events.js';

/** The head of a journal of a local run. */
export function started(changes: Partial<RunStarted> = {}): RunStarted {
  return {
    type: 'run-started',
    journalVersion: 1,
    run: 'a-run',
    scenario: 'rollback-remigrate',
    title: 'Migrate, roll back, migrate again',
    operatorVersion: '0.45.0',
    kafkaVersion: '3.9.0',
    topology: { brokers: 1, controllers: 1, zookeepers: 1 },
    parts: { environment: 'local', operator: 'replayed', kafka: 'real', observedWithinSeconds: 0 },
    cluster: { name: 'my-cluster', namespace: 'test', clusterDomain: 'cluster.local' },
    startedAt: '2026-01-02T03:04:05.000Z',
    ...changes,
  };
}

/** A journal with one event a second: `run-started`, then these. */
export function journal(bodies: readonly JournalEventBody[], head: RunStarted = started()): readonly JournalEvent[] {
  return [head, ...bodies].map((body, t) => ({ t, ...body }));
}

/** The start of broker 0. */
export function brokerStart(changes: Partial<NodeStarted> = {}): NodeStarted {
  return {
    type: 'node-started',
    role: 'broker',
    nodeId: 0,
    pod: 'my-cluster-broker-0',
    configurationState: 'MIGRATION',
    mode: 'zookeeper-based',
    configuration: {
      'node.id': '0',
      'advertised.listeners': 'PLAIN-9092://my-cluster-broker-0.my-cluster-kafka-brokers.test.svc:9092',
      'controller.quorum.voters': '1@my-cluster-controller-1.my-cluster-kafka-brokers.test.svc.cluster.local:9090',
      'log.dirs': '/var/lib/kafka/data-0/kafka-log0',
    },
    configMap: { 'metadata.state': '2', 'cluster.id': 'AAAAAAAAAAAAAAAAAAAAAA' },
    ...changes,
  };
}

export const FORCED_STOP: JournalEventBody = { type: 'node-stopped', pod: 'my-cluster-broker-0', reason: 'forced' };
export const ROLLED_STOP: JournalEventBody = { type: 'node-stopped', pod: 'my-cluster-broker-0', reason: 'rolled' };

export const ALL_GONE: TopicsChanged = { type: 'topics-changed', deleted: ['orders', 'payments'], topics: [] };

export const ISSUE = {
  id: 'strimzi-kafka-operator#11262',
  title: 'Rollback leaves /migration behind',
  thread: 'https://github.com/strimzi/strimzi-kafka-operator/issues/11262',
};

export const SURVIVED: readonly JournalEventBody[] = [
  { type: 'verdict', verdict: 'survived', expected: 'survived', asExpected: true, summary: 'nothing was lost' },
  { type: 'run-ended', how: 'completed' },
];

/** An invariant about an outage is violated. */
export function down(changes: Partial<InvariantEvaluated> = {}): InvariantEvaluated {
  return {
    type: 'invariant-evaluated',
    step: 'roll back',
    invariant: 'nodes-stay-up',
    about: 'outage',
    holds: false,
    message: 'a broker does not stay up',
    evidence: [{ subject: 'my-cluster-broker-0', expected: 'running', found: 'ERROR Exiting Kafka', where: 'node' }],
    ...changes,
  };
}

export const BROKEN: readonly JournalEventBody[] = [
  {
    type: 'verdict',
    verdict: 'broken',
    expected: 'broken',
    asExpected: true,
    summary: 'a broker does not stay up',
    step: 'roll back',
    knownIssue: ISSUE,
  },
  { type: 'run-ended', how: 'completed' },
];

export const LOST: readonly JournalEventBody[] = [
  {
    type: 'verdict',
    verdict: 'lost',
    expected: 'lost',
    asExpected: true,
    summary: '2 topics vanished',
    step: 'migrate again',
    knownIssue: ISSUE,
  },
  { type: 'run-ended', how: 'completed' },
];
