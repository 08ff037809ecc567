import { describe, expect, it } from '@jest/globals';
import { missingForPhase, type PhaseView } from '../../../../src/environments/kubernetes/phases.js';
import type { NodeStatus } from '../../../../src/environments/kubernetes/pod-events.js';
import type { ConfigurationState } from '../../../../src/strimzi/migration-state.js';

function node(role: NodeStatus['role'], nodeId: number, configurationState: ConfigurationState | null): NodeStatus {
  const pod = `my-cluster-${role}-${nodeId}`;
  return { pod, uid: pod, role, nodeId, configurationState, ready: true, hasBeenReady: true, deleting: false };
}

const ZOOKEEPER = node('zookeeper', 0, null);
const broker = (state: ConfigurationState) => node('broker', 0, state);
const controller = (state: ConfigurationState) => node('controller', 1, state);

/** Views in which nothing is missing. */
const REACHED = {
  ZooKeeper: { state: 'ZooKeeper', nodes: [ZOOKEEPER, broker('ZK')] },
  KRaftDualWriting: {
    state: 'KRaftDualWriting',
    nodes: [ZOOKEEPER, broker('MIGRATION'), controller('PRE_MIGRATION')],
    warnings: ["The strimzi.io/kraft annotation can't be set to 'rollback' during dual writing. It can be used"],
  },
  KRaftPostMigration: {
    state: 'KRaftPostMigration',
    nodes: [ZOOKEEPER, broker('POST_MIGRATION'), controller('PRE_MIGRATION')],
    warnings: ["The strimzi.io/kraft annotation can't be set to 'migration' or 'disabled' in the post-migration."],
  },
  KRaft: { state: 'KRaft', nodes: [broker('KRAFT'), controller('KRAFT')] },
} as const;

function view(change: Partial<PhaseView>): PhaseView {
  return {
    state: undefined,
    topology: { brokers: 1, controllers: 1, zookeepers: 1 },
    nodes: [],
    warnings: [],
    ready: true,
    reachedIn: change.state === undefined ? undefined : { state: change.state, pass: 56 },
    wholePasses: 2,
    ...change,
  };
}

describe.each(Object.entries(REACHED))('the state %s', (name, reached) => {
  const state = name as keyof typeof REACHED;
  const missing = (change: Partial<PhaseView> = {}) => missingForPhase(state, view({ ...reached, ...change }));
  const nodes: readonly NodeStatus[] = reached.nodes;

  it('is reached if nothing is missing', () => {
    expect(missing()).toBeUndefined();
  });

  it('is not reached while the status says something else', () => {
    expect(missing({ state: undefined })).toBe('the state is not set yet');
    expect(missing({ state: 'KRaftMigration' })).toBe('the state is KRaftMigration');
  });

  it('needs a whole pass since the one that reached it', () => {
    expect(missing({ wholePasses: 0 })).toBe('no whole pass has succeeded since the one that reached it (#56)');
  });

  it('needs the operator’s log to show it: its last transition is to another state', () => {
    expect(missing({ reachedIn: { state: 'KRaftMigration', pass: 24 } })).toBe(
      "the operator's log does not show it yet (its last transition was to KRaftMigration)",
    );
  });

  it('needs the Kafka resource to be Ready', () => {
    expect(missing({ ready: false })).toBe('the Kafka resource is not Ready');
  });

  it('needs every broker in the configuration of the phase, and ready', () => {
    const others = nodes.filter(({ role }) => role !== 'broker');
    const own = nodes.find(({ role }) => role === 'broker') ?? broker('ZK');
    const wrong = own.configurationState === 'MIGRATION' ? 'POST_MIGRATION' : 'MIGRATION';
    expect(missing({ nodes: others })).toBe('there are 0 of 1 broker pods');
    expect(missing({ nodes: [...others, { ...own, configurationState: wrong }] })).toContain(
      `my-cluster-broker-0 runs with the configuration of ${wrong}, not ${own.configurationState}`,
    );
    expect(missing({ nodes: [...others, { ...own, configurationState: undefined }] })).toContain('an unknown phase');
    expect(missing({ nodes: [...others, { ...own, ready: false }] })).toBe('my-cluster-broker-0 is not ready');
    expect(missing({ nodes: [...others, { ...own, deleting: true }] })).toBe('my-cluster-broker-0 is not ready');
  });

  const warning = 'warnings' in reached ? reached.warnings[0] : undefined;
  if (warning !== undefined) {
    it('needs the pass that the warning has triggered to end', () => {
      expect(missing({ wholePasses: 1 })).toBe('the pass that its warning has triggered has not ended yet');
    });

    it('needs the warning of a pass that began in it', () => {
      expect(missing({ warnings: [] })).toContain('is not in the status');
      expect(missing({ warnings: ['The cluster is ZooKeeper-based'] })).toContain('is not in the status');
    });
  }
});

describe('the nodes that a state must not have', () => {
  it.each([
    ['ZooKeeper', controller('PRE_MIGRATION'), 'controller pod my-cluster-controller-1 still exists'],
    ['KRaft', ZOOKEEPER, 'zookeeper pod my-cluster-zookeeper-0 still exists'],
  ] as const)('are reported for the state %s', (state, extra, expected) => {
    const reached = REACHED[state];
    expect(missingForPhase(state, view({ ...reached, nodes: [...reached.nodes, extra] }))).toBe(expected);
  });

  it('KRaftPostMigration still has ZooKeeper and the controllers', () => {
    const { nodes } = REACHED.KRaftPostMigration;
    const without = (role: string) =>
      missingForPhase(
        'KRaftPostMigration',
        view({ ...REACHED.KRaftPostMigration, nodes: nodes.filter((one) => one.role !== role) }),
      );
    expect(without('zookeeper')).toBe('there are 0 of 1 zookeeper pods');
    expect(without('controller')).toBe('there are 0 of 1 controller pods');
  });
});

describe('a controller', () => {
  it('may have started later in the migration, but not in the final configuration', () => {
    const reached = REACHED.KRaftPostMigration;
    const nodes = (state: ConfigurationState) => [ZOOKEEPER, broker('POST_MIGRATION'), controller(state)];
    expect(missingForPhase('KRaftPostMigration', view({ ...reached, nodes: nodes('POST_MIGRATION') }))).toBeUndefined();
    expect(missingForPhase('KRaftPostMigration', view({ ...reached, nodes: nodes('KRAFT') }))).toContain('of KRAFT');
    const unseen = [ZOOKEEPER, broker('POST_MIGRATION'), { ...controller('KRAFT'), configurationState: undefined }];
    expect(missingForPhase('KRaftPostMigration', view({ ...reached, nodes: unseen }))).toContain('an unknown phase');
  });
});

it('a state needs a pass of a new operator, although the previous operator has reached the state', () => {
  const begun = { ...REACHED.ZooKeeper, reachedIn: undefined };
  expect(missingForPhase('ZooKeeper', view({ ...begun, wholePasses: 0 }))).toBe(
    'no pass of this operator has succeeded yet',
  );
  expect(missingForPhase('ZooKeeper', view({ ...begun, wholePasses: 1 }))).toBeUndefined();
});

describe('with three of each', () => {
  const THREE = { brokers: 3, controllers: 3, zookeepers: 3 };
  const all = (role: NodeStatus['role'], first: number, state: ConfigurationState | null) =>
    [0, 1, 2].map((index) => node(role, first + index, state));
  const nodes = [
    ...all('zookeeper', 0, null),
    ...all('broker', 0, 'MIGRATION'),
    ...all('controller', 3, 'PRE_MIGRATION'),
  ];
  const missing = (changed: readonly NodeStatus[]) =>
    missingForPhase('KRaftDualWriting', view({ ...REACHED.KRaftDualWriting, topology: THREE, nodes: changed }));

  it('nothing is missing when all nodes exist', () => {
    expect(missing(nodes)).toBeUndefined();
  });

  it.each(nodes.map((one) => [one.pod, one] as const))('%s is needed', (pod, one) => {
    const others = nodes.filter((other) => other !== one);
    expect(missing(others)).toBe(`there are 2 of 3 ${one.role} pods`);
    expect(missing([...others, { ...one, ready: false }])).toBe(`${pod} is not ready`);
  });

  it('a broker that is still in the previous phase is named', () => {
    const old = node('broker', 1, 'POST_MIGRATION');
    expect(missing(nodes.map((one) => (one.pod === old.pod ? old : one)))).toBe(
      'my-cluster-broker-1 runs with the configuration of POST_MIGRATION, not MIGRATION',
    );
  });

  it('a rollback is not complete while one controller is left', () => {
    const rolledBack = [...all('zookeeper', 0, null), ...all('broker', 0, 'ZK')];
    const missingAfter = (left: readonly NodeStatus[]) =>
      missingForPhase('ZooKeeper', view({ state: 'ZooKeeper', topology: THREE, nodes: [...rolledBack, ...left] }));
    expect(missingAfter([])).toBeUndefined();
    expect(missingAfter([node('controller', 5, 'PRE_MIGRATION')])).toBe(
      'controller pod my-cluster-controller-5 still exists',
    );
  });
});

it.each(['KRaftMigration', 'PreKRaft'] as const)('%s is transient: its name is enough', (state) => {
  expect(missingForPhase(state, view({ state, ready: false }))).toBeUndefined();
  expect(missingForPhase(state, view({ state: 'ZooKeeper' }))).toBe('the state is ZooKeeper');
});
