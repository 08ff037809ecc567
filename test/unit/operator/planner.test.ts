import { describe, expect, it } from '@jest/globals';
import type { ObservedNode, PassInput } from '../../../src/operator/planner.js';
import { planClaimDeletion, planPoolDeletion, planPass as planWithImage } from '../../../src/operator/planner.js';
import { loadProfiles, nodeImage, type OperatorProfile, shippedProfilesFolder } from '../../../src/operator/profile.js';
import {
  type ConfigurationState,
  KAFKA_METADATA_STATES,
  KRAFT_ANNOTATION_VALUES,
} from '../../../src/strimzi/migration-state.js';
import { isUncovered, transitionFor } from '../../../src/strimzi/transitions.js';
import {
  type Answers,
  DONE,
  describePlan,
  emptyCluster,
  reconcile,
  type SimulatedCluster,
  STUCK,
  wish,
  withoutControllerPool,
} from './simulated-cluster.js';

const profiles = loadProfiles([shippedProfilesFolder()]);
const v0450 = profiles.get('0.45.0');
const v0451 = profiles.get('0.45.1');
const IMAGE = nodeImage(v0451, '3.9.0');

function node(
  nodeId: number,
  configurationState: ConfigurationState,
  change: Partial<ObservedNode> = {},
): ObservedNode {
  return { nodeId, configurationState, image: IMAGE, ready: true, updatedSinceStart: true, ...change };
}

/** A pass of an operator that runs the nodes in its profile's image of Kafka 3.9.0. */
function planPass(input: Omit<PassInput, 'image'>) {
  return planWithImage({ image: nodeImage(input.profile, '3.9.0'), ...input });
}

const ZOOKEEPER = { nodeId: 0, image: IMAGE, ready: true };

/** Applies passes and gestures to a cluster, and records what the passes did. */
class Story {
  readonly passes: (readonly string[])[] = [];
  #cluster: SimulatedCluster;
  readonly #profile: OperatorProfile;

  constructor(cluster: SimulatedCluster, profile: OperatorProfile) {
    this.#cluster = cluster;
    this.#profile = profile;
  }

  pass(answers?: Answers): this {
    const { cluster, plan } = reconcile(this.#cluster, this.#profile, answers);
    this.#cluster = cluster;
    this.passes.push(describePlan(plan));
    return this;
  }

  gesture(change: (cluster: SimulatedCluster) => SimulatedCluster): this {
    this.#cluster = change(this.#cluster);
    return this;
  }

  get cluster(): SimulatedCluster {
    return this.#cluster;
  }
}

const annotate = (annotation: SimulatedCluster['desired']['annotation']) => (cluster: SimulatedCluster) =>
  wish(cluster, { annotation });
const createPool =
  (...controllerIds: number[]) =>
  (cluster: SimulatedCluster) =>
    wish(cluster, { controllerIds });

/** Up to the second pass in KRaftDualWriting after `rollback`. */
function upToDualWriting(profile: OperatorProfile): Story {
  return new Story(emptyCluster(), profile)
    .pass()
    .pass()
    .gesture(createPool(1))
    .pass()
    .gesture(annotate('migration'))
    .pass()
    .pass()
    .pass()
    .pass()
    .gesture(annotate('rollback'))
    .pass()
    .pass();
}

const UP_TO_DUAL_WRITING = [
  ['create-zookeeper 0', 'create-nodes broker 0 ZK', 'update 0', '-> ZooKeeper'],
  ['-> ZooKeeper'],
  ['fail InvalidResourceException'],
  ['create-nodes controller 1 PRE_MIGRATION', '-> KRaftMigration'],
  ['roll broker 0 MIGRATION', 'read 1', '-> KRaftDualWriting if MIGRATION'],
  ['roll broker 0 POST_MIGRATION', '-> KRaftPostMigration'],
  ['update 0', '-> KRaftPostMigration W6'],
  ['roll broker 0 MIGRATION', 'read 1', '-> KRaftDualWriting'],
  ['update 0', 'read 1', '-> KRaftDualWriting W5'],
];

describe('a pass in every cell of the transition table', () => {
  const cells = KAFKA_METADATA_STATES.flatMap((state) =>
    // The last one is not known to Strimzi.
    [...KRAFT_ANNOTATION_VALUES, 'kraft-now'].map((annotation) => ({ state, annotation })),
  );

  it.each(cells)('$state with the annotation $annotation', ({ state, annotation }) => {
    const transition = transitionFor(state, annotation);
    const configurationState = isUncovered(transition) ? undefined : transition.configurationState;
    const plan = planPass({
      profile: v0451,
      status: state,
      desired: {
        annotation,
        zookeeperIds: [0],
        brokerIds: [0],
        controllerIds: configurationState === 'ZK' ? undefined : [1],
        deleteClaim: true,
      },
      observed: {
        zookeepers: [ZOOKEEPER],
        brokers: [node(0, configurationState ?? 'MIGRATION')],
        controllers: configurationState === 'ZK' ? [] : [node(1, configurationState ?? 'PRE_MIGRATION')],
      },
    });

    expect(plan).toMatchObject({ state, annotation, configurationState });
    expect(plan.actions.at(-1)).toBe(plan.end);
    if (isUncovered(transition)) {
      expect(plan.actions).toEqual([{ type: 'fail', ...transition.throws }]);
      return;
    }
    expect(plan.end).toEqual({
      type: 'set-state',
      to: transition.next,
      ...(transition.onlyIfMigrated ? { onlyIf: 'MIGRATION' } : {}),
      warnings: transition.warning === undefined ? [] : [transition.warning],
    });
    expect(plan.actions.map((action) => action.type)).toEqual([
      ...(transition.deletesZnodes ? ['delete-znode', 'delete-znode'] : []),
      ...(transition.erasesZooKeeper ? ['erase-zookeeper'] : []),
      ...(transition.configurationState === 'MIGRATION' ? ['read-migration-state'] : []),
      'set-state',
    ]);
  });

  it.each(cells)(
    '$state with $annotation: an invalid pool fails the pass, after ZooKeeper',
    ({ state, annotation }) => {
      const transition = transitionFor(state, annotation);
      if (isUncovered(transition)) return;
      const plan = planPass({
        profile: v0451,
        status: state,
        desired: {
          annotation,
          zookeeperIds: [0],
          brokerIds: [0],
          controllerIds: transition.configurationState === 'ZK' ? [1] : undefined,
          deleteClaim: true,
        },
        observed: { zookeepers: [ZOOKEEPER], brokers: [node(0, 'MIGRATION')], controllers: [node(1, 'MIGRATION')] },
      });
      expect(plan.end).toMatchObject({ type: 'fail', reason: 'InvalidResourceException' });
      expect(describePlan(plan)).toEqual([
        ...(transition.deletesZnodes
          ? ['delete /controller, absent: continues', 'delete /migration, absent: continues']
          : []),
        ...(transition.erasesZooKeeper ? ['erase-zookeeper 0'] : []),
        'fail InvalidResourceException',
      ]);
    },
  );
});

it.each([
  ['Disabled', 'disabled', ['delete-znode', 'delete-znode', 'set-state']],
  ['Kraft-Now', 'kraft-now', ['fail']],
])('a pass reads the annotation in lower case: %s', (annotation, read, actions) => {
  const plan = planPass({
    profile: v0451,
    status: 'KRaftDualWriting',
    desired: { annotation, zookeeperIds: [0], brokerIds: [0], controllerIds: undefined, deleteClaim: true },
    observed: { zookeepers: [ZOOKEEPER], brokers: [node(0, 'ZK')], controllers: [] },
  });
  expect(plan.annotation).toBe(read);
  expect(plan.actions.map(({ type }) => type)).toEqual(actions);
});

describe('the recorded runs', () => {
  it('0.45.1-one-broker: five steps and the end in KRaft', () => {
    const story = upToDualWriting(v0451)
      .gesture(withoutControllerPool)
      .pass()
      .gesture(annotate('disabled'))
      .pass()
      .pass()
      .pass()
      .gesture(createPool(1))
      .pass()
      .gesture(annotate('migration'))
      .pass()
      .pass()
      .pass()
      .pass()
      .pass()
      .gesture(annotate('enabled'))
      .pass()
      .pass()
      .pass();
    expect(story.passes).toEqual([
      ...UP_TO_DUAL_WRITING,
      ['fail InvalidResourceException'],
      [
        'delete /controller, absent: continues',
        'delete /migration, absent: continues',
        'roll broker 0 ZK',
        '-> ZooKeeper',
      ],
      ['update 0', '-> ZooKeeper'],
      ['-> ZooKeeper'],
      ['fail InvalidResourceException'],
      ['create-nodes controller 1 PRE_MIGRATION', '-> KRaftMigration'],
      ['roll broker 0 MIGRATION', 'read 1', '-> KRaftDualWriting if MIGRATION'],
      ['roll broker 0 POST_MIGRATION', '-> KRaftPostMigration'],
      ['update 0', '-> KRaftPostMigration W6'],
      ['-> KRaftPostMigration W6'],
      ['roll controller 1 KRAFT', 'roll broker 0 KRAFT', '-> PreKRaft'],
      ['erase-zookeeper 0', 'update 0', '-> KRaft'],
      ['-> KRaft'],
    ]);
    expect(story.cluster.status).toBe('KRaft');
  });

  it('0.45.0-one-broker: /migration stays, the second migration never ends, the broker is restarted again and again', () => {
    const story = upToDualWriting(v0450)
      .gesture(withoutControllerPool)
      .pass()
      .gesture(annotate('disabled'))
      .pass()
      .pass()
      .gesture((cluster) => wish(cluster, { controllerIds: [1], annotation: 'migration' }))
      .pass(STUCK)
      .pass(STUCK)
      .pass(STUCK)
      .pass(STUCK);
    expect(story.passes.slice(UP_TO_DUAL_WRITING.length)).toEqual([
      ['fail InvalidResourceException'],
      ['delete /controller, absent: fails', 'roll broker 0 ZK', '-> ZooKeeper'],
      ['update 0', '-> ZooKeeper'],
      ['create-nodes controller 1 PRE_MIGRATION', '-> KRaftMigration'],
      ['roll broker 0 MIGRATION', 'read 1', '-> KRaftDualWriting if MIGRATION'],
      ['update 0', 'read 1', '-> KRaftDualWriting if MIGRATION'],
      ['update 0', 'read 1', '-> KRaftDualWriting if MIGRATION'],
    ]);
    expect(story.cluster.status).toBe('KRaftMigration');
  });

  it('0.45.1-disabled-first: every pass deletes both znodes and fails while the pool exists', () => {
    const story = upToDualWriting(v0451)
      .gesture(annotate('disabled'))
      .pass()
      .pass()
      .gesture(withoutControllerPool)
      .pass();
    const deletions = ['delete /controller, absent: continues', 'delete /migration, absent: continues'];
    expect(story.passes.slice(UP_TO_DUAL_WRITING.length)).toEqual([
      [...deletions, 'fail InvalidResourceException'],
      [...deletions, 'fail InvalidResourceException'],
      [...deletions, 'roll broker 0 ZK', '-> ZooKeeper'],
    ]);
    expect(story.cluster.status).toBe('ZooKeeper');
  });

  it('0.45.1-three-brokers: all nodes of a role in one pass, controllers before brokers', () => {
    const story = new Story(emptyCluster({ brokerIds: [0, 1, 2], zookeeperIds: [0, 1, 2] }), v0451)
      .pass()
      .gesture((cluster) => wish(cluster, { controllerIds: [3, 4, 5], annotation: 'migration' }))
      .pass()
      .pass()
      .pass()
      .pass()
      .gesture(annotate('enabled'))
      .pass()
      .pass();
    expect(story.passes).toEqual([
      ['create-zookeeper 0,1,2', 'create-nodes broker 0,1,2 ZK', 'update 0,1,2', '-> ZooKeeper'],
      ['create-nodes controller 3,4,5 PRE_MIGRATION', '-> KRaftMigration'],
      ['roll broker 0,1,2 MIGRATION', 'read 3,4,5', '-> KRaftDualWriting if MIGRATION'],
      ['roll broker 0,1,2 POST_MIGRATION', '-> KRaftPostMigration'],
      ['update 0,1,2', '-> KRaftPostMigration W6'],
      ['roll controller 3,4,5 KRAFT', 'roll broker 0,1,2 KRAFT', '-> PreKRaft'],
      ['erase-zookeeper 0,1,2', 'update 0,1,2', '-> KRaft'],
    ]);
  });
});

describe('planPass', () => {
  const inDualWriting = upToDualWriting(v0451).cluster;
  const rollingBack = annotate('disabled')(withoutControllerPool(inDualWriting));

  it('keeps both znodes if the annotation is set to disabled before KRaftDualWriting is recorded', () => {
    const plan = planPass({ profile: v0451, ...rollingBack, status: 'KRaftMigration' });
    expect(describePlan(plan)).toEqual(['roll broker 0 ZK', '-> ZooKeeper']);
  });

  it('treats a paused cluster, which has no status, as a plain ZooKeeper cluster', () => {
    const plan = planPass({ profile: v0451, ...rollingBack, status: undefined });
    expect(describePlan(plan)).toEqual(['roll broker 0 ZK', '-> ZooKeeper']);
  });

  it('stays in KRaftMigration while the value read is not MIGRATION', () => {
    const migrating = { ...inDualWriting, status: 'KRaftMigration' as const };
    const annotated = annotate('migration')(migrating);
    for (const value of ['NONE', 'PRE_MIGRATION', 'POST_MIGRATION', 'ZK'] as const) {
      expect(reconcile(annotated, v0451, { zkMigrationState: value }).cluster.status).toBe('KRaftMigration');
    }
    expect(reconcile(annotated, v0451, DONE).cluster.status).toBe('KRaftDualWriting');
  });

  it('says how the pass fails if no controller answers', () => {
    const plan = planPass({ profile: v0451, ...inDualWriting });
    expect(plan.actions.find((action) => action.type === 'read-migration-state')).toEqual({
      type: 'read-migration-state',
      controllerIds: [1],
      onNoAnswer: { type: 'fail', reason: 'Throwable', message: 'Failed to check ZooKeeper migration state' },
    });
  });

  it('removes leftover controllers before the brokers roll, and their claims after', () => {
    const leftover = wish(inDualWriting, { controllerIds: undefined, annotation: 'disabled' });
    const deletions = ['delete /controller, absent: continues', 'delete /migration, absent: continues'];
    expect(describePlan(planPass({ profile: v0451, ...leftover }))).toEqual([
      ...deletions,
      'delete-controllers 1',
      'roll broker 0 ZK',
      'delete-volumes 1 wiped',
      '-> ZooKeeper',
    ]);
    expect(describePlan(planPass({ profile: v0451, ...wish(leftover, { deleteClaim: false }) }))).toEqual([
      ...deletions,
      'delete-controllers 1',
      'roll broker 0 ZK',
      '-> ZooKeeper',
    ]);
  });

  it('rolls unready nodes first', () => {
    const plan = planPass({
      profile: v0451,
      status: 'KRaftDualWriting',
      desired: { ...inDualWriting.desired, annotation: 'migration', brokerIds: [0, 1, 2] },
      observed: {
        ...inDualWriting.observed,
        brokers: [node(0, 'MIGRATION'), node(1, 'MIGRATION'), node(2, 'MIGRATION', { ready: false })],
      },
    });
    expect(describePlan(plan)).toEqual(['roll broker 2,0,1 POST_MIGRATION', '-> KRaftPostMigration']);
  });

  it('continues a roll that an earlier, failed pass began', () => {
    const plan = planPass({
      profile: v0451,
      status: 'KRaftDualWriting',
      desired: { ...inDualWriting.desired, annotation: 'migration', brokerIds: [0, 1] },
      observed: {
        ...inDualWriting.observed,
        brokers: [node(0, 'POST_MIGRATION', { updatedSinceStart: false }), node(1, 'MIGRATION')],
      },
    });
    expect(describePlan(plan)).toEqual(['roll broker 1 POST_MIGRATION', 'update 0', '-> KRaftPostMigration']);
  });

  it('creates only the nodes that are missing', () => {
    const plan = planPass({ profile: v0451, ...wish(emptyCluster(), { brokerIds: [0, 1], zookeeperIds: [0, 1, 2] }) });
    expect(describePlan(plan).slice(0, 2)).toEqual(['create-zookeeper 0,1,2', 'create-nodes broker 0,1 ZK']);
    const later = planPass({
      profile: v0451,
      ...wish(emptyCluster(), { brokerIds: [0, 1], zookeeperIds: [0, 1, 2] }),
      observed: { zookeepers: [ZOOKEEPER, { ...ZOOKEEPER, nodeId: 2 }], brokers: [node(0, 'ZK')], controllers: [] },
    });
    expect(describePlan(later)).toEqual(['create-zookeeper 1', 'create-nodes broker 1 ZK', 'update 1', '-> ZooKeeper']);
  });
});

describe('an operator that was upgraded', () => {
  const three = { brokerIds: [0, 1, 2], zookeeperIds: [0, 1, 2] };

  it('rolls ZooKeeper and then every broker in its first pass, with the configuration that they have, and nothing in the next', () => {
    const before = reconcile(emptyCluster(three), v0450).cluster;
    const first = reconcile(before, v0451);
    expect(describePlan(first.plan)).toEqual(['roll-zookeeper 0,1,2', 'roll broker 0,1,2 ZK', '-> ZooKeeper']);
    expect(first.plan.image).toBe('strimzi/kafka:0.45.1-kafka-3.9.0');
    expect(describePlan(reconcile(first.cluster, v0451).plan)).toEqual(['update 0,1,2', '-> ZooKeeper']);
  });

  it('rolls controllers before brokers, each broker once, in the middle of a migration', () => {
    const migrated = annotate('migration')(upToDualWriting(v0450).cluster);
    expect(describePlan(reconcile(migrated, v0451).plan)).toEqual([
      'roll-zookeeper 0',
      'roll controller 1 POST_MIGRATION',
      'roll broker 0 POST_MIGRATION',
      '-> KRaftPostMigration',
    ]);
  });

  it('rolls ZooKeeper before it deletes the znodes, and also in a pass that the validation of the pools ends', () => {
    const rollingBack = annotate('disabled')(upToDualWriting(v0450).cluster);
    const deletions = ['delete /controller, absent: continues', 'delete /migration, absent: continues'];
    expect(describePlan(reconcile(withoutControllerPool(rollingBack), v0451).plan)).toEqual([
      'roll-zookeeper 0',
      ...deletions,
      'roll broker 0 ZK',
      '-> ZooKeeper',
    ]);
    expect(describePlan(reconcile(rollingBack, v0451).plan)).toEqual([
      'roll-zookeeper 0',
      ...deletions,
      'fail InvalidResourceException',
    ]);
  });

  it('leaves ZooKeeper alone once the nodes are configured for KRAFT', () => {
    const zooKeeper = { ...ZOOKEEPER, image: 'strimzi/kafka:0.45.0-kafka-3.9.0' };
    const old = { image: 'strimzi/kafka:0.45.0-kafka-3.9.0' };
    const plan = planPass({
      profile: v0451,
      status: 'PreKRaft',
      desired: { ...emptyCluster().desired, annotation: 'enabled', controllerIds: [1] },
      observed: {
        zookeepers: [zooKeeper],
        brokers: [node(0, 'KRAFT', old)],
        controllers: [node(1, 'KRAFT', old)],
      },
    });
    expect(describePlan(plan)).toEqual([
      'erase-zookeeper 0',
      'roll controller 1 KRAFT',
      'roll broker 0 KRAFT',
      '-> KRaft',
    ]);
  });

  it('rolls only what does not have its image yet, the unready first', () => {
    const old = { image: 'strimzi/kafka:0.45.0-kafka-3.9.0' };
    const plan = planPass({
      profile: v0451,
      status: 'ZooKeeper',
      desired: { ...emptyCluster().desired, ...three },
      observed: {
        zookeepers: [
          { ...ZOOKEEPER, ...old },
          { ...ZOOKEEPER, nodeId: 1 },
          { nodeId: 2, ...old, ready: false },
        ],
        brokers: [node(0, 'ZK', old), node(1, 'ZK'), node(2, 'ZK', { ...old, ready: false })],
        controllers: [],
      },
    });
    expect(describePlan(plan)).toEqual(['roll-zookeeper 2,0', 'roll broker 2,0 ZK', '-> ZooKeeper']);
  });
});

describe('a pass over a cluster with other nodes than expected', () => {
  const old = { image: 'strimzi/kafka:0.45.0-kafka-3.9.0' };

  it('leaves a ZooKeeper node alone that the cluster should not have', () => {
    const plan = planPass({
      profile: v0451,
      status: 'ZooKeeper',
      desired: emptyCluster().desired,
      observed: {
        zookeepers: [
          { ...ZOOKEEPER, ...old },
          { ...ZOOKEEPER, ...old, nodeId: 1 },
        ],
        brokers: [node(0, 'ZK')],
        controllers: [],
      },
    });
    expect(describePlan(plan)).toEqual(['roll-zookeeper 0', '-> ZooKeeper']);
  });

  it('does not erase ZooKeeper where none is left', () => {
    const plan = planPass({
      profile: v0451,
      status: 'PreKRaft',
      desired: { ...emptyCluster().desired, annotation: 'enabled', controllerIds: [1] },
      observed: { zookeepers: [], brokers: [node(0, 'KRAFT')], controllers: [node(1, 'KRAFT')] },
    });
    expect(plan.actions.map(({ type }) => type)).not.toContain('erase-zookeeper');
    expect(describePlan(plan).at(-1)).toBe('-> KRaft');
  });

  it.each([
    ['broker', { brokerIds: [], controllerIds: [1] }],
    ['controller', { brokerIds: [0], controllerIds: undefined }],
  ])('fails without a %s, and names the role', (role, desired) => {
    const plan = planPass({
      profile: v0451,
      status: 'KRaftPostMigration',
      desired: { ...emptyCluster().desired, annotation: 'migration', ...desired },
      observed: { zookeepers: [ZOOKEEPER], brokers: [], controllers: [] },
    });
    expect(plan.end).toMatchObject({
      type: 'fail',
      reason: 'InvalidResourceException',
      message: `At least one KafkaNodePool with the ${role} role and at least one replica is required when KRaft mode is enabled`,
    });
  });
});

describe('the deletion of the pool and of claims', () => {
  it('deletes the controllers, and their volumes only with deleteClaim', () => {
    expect(planPoolDeletion(v0451, { nodeIds: [3, 4], deleteClaim: true })).toEqual([
      { type: 'delete-controllers', nodeIds: [3, 4] },
      { type: 'delete-volumes', nodeIds: [3, 4], data: 'wiped' },
    ]);
    expect(planPoolDeletion(v0451, { nodeIds: [3, 4], deleteClaim: false })).toEqual([
      { type: 'delete-controllers', nodeIds: [3, 4] },
    ]);
    expect(planPoolDeletion(v0451, { nodeIds: [], deleteClaim: true })).toEqual([]);
  });
});

describe('a profile with other rules', () => {
  const rollingBack = annotate('disabled')(withoutControllerPool(upToDualWriting(v0451).cluster));
  const rollback = (profile: OperatorProfile) => describePlan(planPass({ profile, ...rollingBack }));
  const withRules = (rules: Partial<OperatorProfile['rules']>): OperatorProfile => ({
    ...v0451,
    rules: { ...v0451.rules, ...rules },
  });

  it('that skips /controller', () => {
    const profile = withRules({
      znodeDeletions: v0451.rules.znodeDeletions.filter((rule) => rule.path !== '/controller'),
    });
    expect(rollback(profile)).toEqual(['delete /migration, absent: continues', 'roll broker 0 ZK', '-> ZooKeeper']);
  });

  it('that deletes /migration while the controllers still exist', () => {
    const profile = withRules({
      znodeDeletions: v0451.rules.znodeDeletions.map((rule) =>
        rule.path === '/migration'
          ? { ...rule, at: { state: 'KRaftPostMigration' as const, annotation: 'rollback' as const } }
          : rule,
      ),
    });
    const passes = upToDualWriting(profile).passes;
    expect(passes[7]).toEqual([
      'delete /migration, absent: continues',
      'roll broker 0 MIGRATION',
      'read 1',
      '-> KRaftDualWriting',
    ]);
    expect(rollback(profile)).toEqual(['delete /controller, absent: continues', 'roll broker 0 ZK', '-> ZooKeeper']);
  });

  it('that deletes the znodes after the brokers rolled', () => {
    const profile = withRules({
      znodeDeletions: v0451.rules.znodeDeletions.map((rule) => ({ ...rule, position: 'after-brokers-roll' as const })),
    });
    expect(rollback(profile)).toEqual([
      'roll broker 0 ZK',
      'delete /controller, absent: continues',
      'delete /migration, absent: continues',
      '-> ZooKeeper',
    ]);
  });

  it('that forgets to roll one broker, in this pass and in the next', () => {
    const profile = withRules({
      nodeRolls: v0451.rules.nodeRolls.map((rule) =>
        rule.role === 'broker' && rule.to.includes('ZK') ? { ...rule, forgets: [1] } : rule,
      ),
    });
    const three = {
      ...wish(rollingBack, { brokerIds: [0, 1, 2] }),
      observed: { ...rollingBack.observed, brokers: [0, 1, 2].map((id) => node(id, 'MIGRATION')) },
    };
    const first = reconcile(three, profile);
    expect(describePlan(first.plan)).toContain('roll broker 0,2 ZK');
    const second = reconcile(first.cluster, profile);
    expect(describePlan(second.plan)).toEqual(['update 0,2', '-> ZooKeeper']);
    expect(second.cluster.observed.brokers.map((broker) => broker.configurationState)).toEqual([
      'ZK',
      'MIGRATION',
      'ZK',
    ]);
  });

  it('that keeps a volume while it reports it as wiped', () => {
    const profile = withRules({ deletedClaims: { ...v0451.rules.deletedClaims, data: 'kept' } });
    const kept = [{ type: 'delete-volumes', nodeIds: [1], data: 'kept' }];
    expect(planClaimDeletion(profile, [1])).toEqual(kept);
    expect(planPoolDeletion(profile, { nodeIds: [1], deleteClaim: true }).slice(1)).toEqual(kept);
  });

  it('with another value for a finished migration, and other reactions to a refused update and leftover controllers', () => {
    const profile = withRules({
      migrationDone: { ...v0451.rules.migrationDone, value: 'PRE_MIGRATION' },
      dynamicUpdate: { ...v0451.rules.dynamicUpdate, onRefused: 'fails' },
      leftoverControllers: { ...v0451.rules.leftoverControllers, treatment: 'kept' },
    });
    const migrating = annotate('migration')({ ...upToDualWriting(v0451).cluster, status: 'KRaftMigration' });
    expect(planPass({ profile, ...migrating }).end).toMatchObject({ onlyIf: 'PRE_MIGRATION' });
    expect(planPass({ profile, ...emptyCluster() }).actions).toContainEqual({
      type: 'update-dynamically',
      nodeIds: [0],
      onRefused: 'fails',
    });
    const leftover = wish(upToDualWriting(v0451).cluster, { controllerIds: undefined, annotation: 'disabled' });
    expect(describePlan(planPass({ profile, ...leftover }))).not.toContain('delete-controllers 1');
  });
});

describe('a node that is not ready', () => {
  const brokers = (...nodes: readonly ObservedNode[]) => {
    const { cluster } = upToDualWriting(v0451);
    return {
      ...wish(cluster, { brokerIds: [0, 1, 2], annotation: 'migration' }),
      observed: { ...cluster.observed, brokers: nodes },
    };
  };

  it('is waited for before others are restarted, if it needs no restart itself', () => {
    const cluster = brokers(node(0, 'MIGRATION'), node(1, 'POST_MIGRATION', { ready: false }), node(2, 'MIGRATION'));
    expect(describePlan(planPass({ profile: v0451, ...cluster })).slice(0, 2)).toEqual([
      'await-nodes 1',
      'roll broker 0,2 POST_MIGRATION',
    ]);
  });

  it('is restarted first if it needs a restart, and not waited for before', () => {
    const cluster = brokers(node(0, 'MIGRATION'), node(1, 'MIGRATION', { ready: false }));
    const plan = describePlan(planPass({ profile: v0451, ...wish(cluster, { brokerIds: [0, 1] }) }));
    expect(plan[0]).toBe('roll broker 1,0 POST_MIGRATION');
  });

  it('is not waited for if it is to be deleted', () => {
    const { cluster } = upToDualWriting(v0451);
    const leftover = {
      ...wish(cluster, { controllerIds: undefined, annotation: 'disabled' }),
      observed: { ...cluster.observed, controllers: [node(1, 'MIGRATION', { ready: false })] },
    };
    const plan = describePlan(planPass({ profile: v0451, ...leftover }));
    expect(plan).toContain('delete-controllers 1');
    expect(plan).not.toContain('await-nodes 1');
  });

  it('is a controller or a broker', () => {
    const { cluster } = upToDualWriting(v0451);
    const unready = {
      ...wish(cluster, { annotation: 'rollback' }),
      observed: { ...cluster.observed, controllers: [node(1, 'MIGRATION', { ready: false })] },
    };
    expect(describePlan(planPass({ profile: v0451, ...unready }))).toContain('await-nodes 1');
  });
});
