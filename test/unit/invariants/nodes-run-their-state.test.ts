import { describe, expect, it } from '@jest/globals';
import { nodesRunTheirState as invariant } from '../../../src/invariants/nodes-run-their-state.js';
import { observe, outcome, rolledBack, Story, violation } from './story.js';

function finalised(): Story {
  return new Story().deployed().migrated().gesture({ gesture: 'annotate', value: 'enabled' });
}

/** A migration whose broker has been rolled to POST_MIGRATION with this configuration. */
function finalisedWith(configuration: Readonly<Record<string, string>>): Story {
  return new Story()
    .deployed()
    .migrationBegun()
    .reach('KRaftDualWriting')
    .stop('my-cluster-broker-0')
    .broker('POST_MIGRATION', 0, { configuration })
    .reach('KRaftPostMigration')
    .gesture({ gesture: 'annotate', value: 'enabled' });
}

const VERSIONS = { 'inter.broker.protocol.version': '3.9', 'log.message.format.version': '3.9' };

function rollController(story: Story): Story {
  return story.stop('my-cluster-controller-1').controller('KRAFT').ready('my-cluster-controller-1');
}

/** Three brokers, of which the passes roll those that are named. */
function threeBrokers(rolled: readonly number[]): Story {
  const story = new Story().deployed().broker('ZK', 1).broker('ZK', 2).migrationBegun();
  for (const id of rolled) story.rollBroker('MIGRATION', id);
  return story.reach('KRaftDualWriting');
}

describe('nodes-run-their-state', () => {
  it.each([
    ['the deployment', new Story().deployed()],
    ['a migration', new Story().deployed().migrated()],
    ['a rollback', rolledBack()],
    ['a second migration', rolledBack().migrated()],
    ['the end, controllers rolled', rollController(finalised()).reach('PreKRaft').reach('KRaft')],
    [
      'the end, with versions that the user has set',
      finalisedWith(VERSIONS)
        .stop('my-cluster-controller-1')
        .controller('KRAFT', { configuration: VERSIONS })
        .reach('PreKRaft'),
    ],
    ['the end, all rolled', rollController(finalised()).rollBroker('KRAFT').reach('PreKRaft')],
    ['a migration of three brokers', threeBrokers([1, 2])],
  ])('holds through %s', (_, story) => {
    expect(outcome(invariant, observe(story))).toBe('holds');
  });

  it('holds when a node was restarted with the configuration of its own pass', () => {
    const story = new Story()
      .deployed()
      .migrationBegun()
      .stop('my-cluster-controller-1', 'died')
      .controller('MIGRATION')
      .reach('KRaftDualWriting');
    expect(outcome(invariant, observe(story))).toBe('holds');
  });

  it('holds when a broker was restarted before a migration that was cancelled', () => {
    const story = new Story()
      .deployed()
      .gesture({ gesture: 'annotate', value: 'migration' })
      .stop('my-cluster-broker-0', 'user')
      .broker('PRE_MIGRATION')
      .reach('KRaftMigration')
      .gesture({ gesture: 'annotate', value: 'disabled' })
      .reach('ZooKeeper');
    expect(outcome(invariant, observe(story))).toBe('holds');
  });

  it('holds when no broker was restarted before a migration was cancelled', () => {
    const story = new Story().deployed();
    for (const value of ['migration', 'disabled']) story.gesture({ gesture: 'annotate', value });
    expect(outcome(invariant, observe(story.evaluated('cancel').reach('ZooKeeper')))).toBe('holds');
  });

  it('is violated by a state that is reached immediately after the last step was judged', () => {
    const story = threeBrokers([1, 2]).evaluated('migrate').reach('KRaftPostMigration');
    expect(violation(invariant, observe(story)).evidence).toHaveLength(3);
  });

  it('is violated when a broker was not rolled, and names it', () => {
    const story = threeBrokers([1]);
    const found = violation(invariant, observe(story));
    expect(found.message).toBe(
      `state KRaftDualWriting was reached at ${story.now.toFixed(1)} s by a pass with configuration MIGRATION, but 1 of 4 nodes did not match: my-cluster-broker-2 ran ZK in mode zookeeper-based`,
    );
    expect(found.evidence).toEqual([
      expect.objectContaining({
        subject: 'my-cluster-broker-2',
        expected: 'MIGRATION in mode zookeeper-based, by the pass from KRaftMigration with annotation migration',
        at: story.now,
      }),
    ]);
  });

  const toDualWriting = () => new Story().deployed().migrationBegun().reach('KRaftDualWriting');
  const toRollback = () =>
    new Story().deployed().migrated().evaluated('migrate').gesture({ gesture: 'annotate', value: 'rollback' });
  it.each([
    ['is not rolled to POST_MIGRATION', toDualWriting().reach('KRaftPostMigration')],
    ['is not rolled back to MIGRATION', toRollback().reach('KRaftDualWriting')],
    ['is not rolled to ZK', new Story().deployed().migrated().rollbackBegun().reach('ZooKeeper')],
    [
      'is rolled to PRE_MIGRATION instead of ZK',
      new Story().deployed().migrated().rollbackBegun().rollBroker('PRE_MIGRATION').reach('ZooKeeper'),
    ],
    [
      'runs in the wrong mode',
      toDualWriting()
        .stop('my-cluster-broker-0')
        .broker('POST_MIGRATION', 0, { mode: 'zookeeper-based' })
        .reach('KRaftPostMigration'),
    ],
    ['starts in KRaft mode from the beginning', new Story().broker('POST_MIGRATION').reach('ZooKeeper')],
    [
      'is not rolled to KRAFT although it has a version of the operator',
      rollController(finalisedWith(VERSIONS)).reach('PreKRaft'),
    ],
  ])('is violated when a broker %s', (_, story) => {
    const found = violation(invariant, observe(story));
    expect(found.evidence).toHaveLength(1);
    expect(found.evidence[0]?.subject).toBe('my-cluster-broker-0');
  });

  it('is violated when a controller is not rolled to KRAFT', () => {
    expect(violation(invariant, observe(finalised().reach('PreKRaft'))).evidence[0]).toMatchObject({
      subject: 'my-cluster-controller-1',
      expected: 'KRAFT in mode kraft, by the pass from KRaftPostMigration with annotation enabled',
    });
  });

  it('is violated when a controller still runs in state ZooKeeper', () => {
    const story = new Story()
      .deployed()
      .migrated()
      .gesture({ gesture: 'annotate', value: 'disabled' })
      .rollBroker('ZK')
      .reach('ZooKeeper', 'KRaftDualWriting');
    expect(violation(invariant, observe(story)).evidence).toEqual([
      expect.objectContaining({ subject: 'my-cluster-controller-1', expected: 'removed before state ZooKeeper' }),
    ]);
  });

  describe('a controller', () => {
    const running = (state: 'PRE_MIGRATION' | 'MIGRATION' | 'POST_MIGRATION' | 'KRAFT', mode = 'kraft' as const) =>
      new Story()
        .gesture({ gesture: 'annotate', value: 'migration' })
        .controller(state, { mode })
        .reach('KRaftDualWriting', 'KRaftMigration');

    it.each(['PRE_MIGRATION', 'MIGRATION', 'POST_MIGRATION'] as const)('may run %s during the migration', (state) => {
      expect(outcome(invariant, observe(running(state)))).toBe('holds');
    });

    it('must not run KRAFT during the migration', () => {
      const found = violation(invariant, observe(running('KRAFT')));
      expect(found.evidence).toEqual([
        {
          subject: 'my-cluster-controller-1',
          expected:
            'PRE_MIGRATION in mode kraft or MIGRATION in mode kraft or POST_MIGRATION in mode kraft, ' +
            'by the pass from KRaftMigration with annotation migration',
          found: 'KRAFT in mode kraft, since 1.0 s',
          where: 'node',
          at: 1.5,
        },
      ]);
    });
  });

  describe('a broker', () => {
    it.each([
      ['ZK', 'holds'],
      ['PRE_MIGRATION', 'holds'],
      ['MIGRATION', 'ZK in mode zookeeper-based or PRE_MIGRATION in mode zookeeper-based, by the pass from ZooKeeper'],
    ] as const)('that runs %s when KRaftMigration is reached', (state, expected) => {
      const story = new Story()
        .gesture({ gesture: 'annotate', value: 'migration' })
        .broker(state)
        .reach('KRaftMigration', 'ZooKeeper');
      const found = outcome(invariant, observe(story));
      if (expected === 'holds') expect(found).toBe('holds');
      else expect(found).toMatchObject({ evidence: [{ expected: expect.stringContaining(expected) }] });
    });

    it('that was started with PRE_MIGRATION after the annotation was set to disabled must run ZK', () => {
      const story = new Story()
        .gesture({ gesture: 'annotate', value: 'disabled' })
        .broker('PRE_MIGRATION')
        .reach('ZooKeeper', 'KRaftMigration');
      expect(violation(invariant, observe(story)).evidence[0]?.expected).toBe(
        'ZK in mode zookeeper-based, by the pass from KRaftMigration with annotation disabled',
      );
    });

    it('of a new cluster must run ZK', () => {
      expect(
        violation(invariant, observe(new Story().broker('MIGRATION').reach('ZooKeeper'))).evidence[0]?.expected,
      ).toBe('ZK in mode zookeeper-based, by the pass from no state with annotation disabled');
    });

    const [PROTOCOL, MESSAGES] = ['inter.broker.protocol.version', 'log.message.format.version'] as const;

    it.each<[string, readonly string[], readonly (readonly string[])[], 'holds' | 'violated']>([
      ['has none of the versions', [], [[]], 'holds'],
      ['has a protocol version that KRAFT has not', [PROTOCOL], [[]], 'violated'],
      ['has a message format that KRAFT has not', [MESSAGES], [[]], 'violated'],
      ['has a version that KRAFT has, too', [PROTOCOL], [[PROTOCOL]], 'holds'],
      ['has a version that KRAFT has instead of another one', [PROTOCOL], [[MESSAGES]], 'violated'],
      ['has a version that one node has not in KRAFT', [PROTOCOL], [[PROTOCOL], []], 'violated'],
      ['has a version, and no node runs KRAFT', [PROTOCOL], [], 'holds'],
    ])('that runs POST_MIGRATION in the end, and %s', (_, keys, inKraft, expected) => {
      const configuration = (names: readonly string[]) => ({
        configuration: Object.fromEntries(names.map((name) => [name, '3.9'])),
      });
      const story = new Story()
        .gesture({ gesture: 'annotate', value: 'enabled' })
        .broker('POST_MIGRATION', 0, configuration(keys));
      for (const [i, names] of inKraft.entries()) story.controller('KRAFT', configuration(names), i + 1);
      const found = outcome(invariant, observe(story.reach('PreKRaft', 'KRaftPostMigration')));
      if (expected === 'holds') expect(found).toBe('holds');
      else {
        expect(found).toMatchObject({
          evidence: [{ subject: 'my-cluster-broker-0', expected: expect.stringMatching(/^KRAFT in mode kraft, by/) }],
        });
      }
    });

    it('that may run both in the end runs neither of them', () => {
      const story = new Story()
        .gesture({ gesture: 'annotate', value: 'enabled' })
        .broker('MIGRATION')
        .reach('PreKRaft', 'KRaftPostMigration');
      expect(violation(invariant, observe(story)).evidence[0]?.expected).toMatch(
        /^POST_MIGRATION in mode kraft or KRAFT in mode kraft, by/,
      );
    });
  });

  it('names every state that was reached with a node that did not match', () => {
    const story = new Story().broker('MIGRATION').broker('ZK', 1).reach('ZooKeeper');
    story.broker('MIGRATION', 1).stop('my-cluster-broker-0').reach('ZooKeeper');
    expect(violation(invariant, observe(story)).message).toBe(
      'state ZooKeeper was reached at 1.5 s by a pass with configuration ZK, but 1 of 2 nodes did not match: my-cluster-broker-0 ran MIGRATION in mode zookeeper-based; ' +
        'state ZooKeeper was reached at 3.0 s by a pass with configuration ZK, but 1 of 1 node did not match: my-cluster-broker-1 ran MIGRATION in mode zookeeper-based',
    );
  });

  it.each([
    ['only ZooKeeper runs', new Story().broker('ZK', 0, { role: 'zookeeper' }).reach('ZooKeeper')],
    ['no state was reached', new Story().broker('ZK')],
    ['no node is known to run', new Story().reach('ZooKeeper')],
    ['what the nodes run is unknown', new Story().broker('ZK', 0, { configurationState: null }).reach('ZooKeeper')],
    ['it has already judged the step', new Story().deployed().evaluated('deploy')],
    [
      'Strimzi itself does not know the transition',
      new Story()
        .broker('MIGRATION')
        .gesture({ gesture: 'annotate', value: 'enabled' })
        .reach('PreKRaft', 'KRaftDualWriting'),
    ],
  ])('does not apply when %s', (_, story) => {
    expect(outcome(invariant, observe(story))).toBe('not applicable');
  });
});
