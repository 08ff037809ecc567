import { describe, expect, it } from '@jest/globals';
import { EnvironmentError, UsageError, WaitAborted, WaitTimedOut } from '../../../src/errors.js';
import type { Violation } from '../../../src/invariants/invariant.js';
import { type Check, check, type Scenario, type Step, scenario, step } from '../../../src/scenario/scenario.js';
import { migrationValue, topic } from '../invariants/story.js';
import { FakeWorld } from './fake-world.js';
import { DOWN, issue } from './issues.js';

const VIOLATION: Violation = {
  message: 'something is left',
  evidence: [{ subject: '/left', expected: 'absent', found: 'there' }],
};

/** A step that creates topics, which can then be lost. */
const deploy: Step = step('deploy', async ({ cluster, topics }) => {
  await cluster.deploy();
  await topics.create('before');
});

const never: Step = step('never', async () => {
  throw new Error('this step must not run');
});

function mine(steps: readonly (Step | Check)[]): Scenario {
  return scenario({ name: 'mine', title: 'A title', expected: { survives: 'It must.' }, steps });
}

/** Waits for a state that is never reached, until the run ends the wait. */
const waits: Step = step('waits', async ({ cluster }) => {
  await cluster.waitForState('KRaft');
});

describe('a run in which nothing is lost', () => {
  it('survives, and its journal records it from the first to the last event', async () => {
    const world = new FakeWorld();
    const { verdict, judgement } = await world.run([deploy, step('again', async () => undefined)]);
    expect(verdict).toBe('survived');
    expect(judgement).toMatchObject({ asExpected: true, exitCode: 0 });
    expect(world.steps()).toEqual(['deploy: passed', 'again: passed']);
    const types = world.journal.events().map(({ type }) => type);
    expect(types[0]).toBe('run-started');
    expect(types.slice(-2)).toEqual(['verdict', 'run-ended']);
    expect(world.journal.ofType('run-started')).toEqual([
      expect.objectContaining({ scenario: 'five-steps', operatorVersion: '0.45.0', parts: world.parts }),
    ]);
    expect(world.journal.ofType('step-started').map(({ step: name, index }) => `${index} ${name}`)).toEqual([
      '0 deploy',
      '1 again',
    ]);
    expect(world.journal.ofType('verdict')).toEqual([
      expect.objectContaining({ verdict: 'survived', expected: 'survived', asExpected: true }),
    ]);
    expect(world.journal.ofType('run-ended')).toEqual([expect.objectContaining({ how: 'completed' })]);
  });

  it('evaluates the invariants after every step, and says which hold', async () => {
    const world = new FakeWorld();
    await world.run([deploy, step('again', async () => undefined)]);
    const evaluated = world.journal
      .ofType('invariant-evaluated')
      .filter(({ invariant }) => invariant === 'zookeeper-metadata-survives');
    expect(evaluated.map(({ step: name, holds }) => [name, holds])).toEqual([
      ['deploy', true],
      ['again', true],
    ]);
    // No records were read back: an invariant that does not apply is not reported as holding.
    expect(world.journal.ofType('invariant-evaluated').map(({ invariant }) => invariant)).not.toContain(
      'records-survive',
    );
  });

  it('ends with a closed observer and a closed cluster, whose signal is aborted by then', async () => {
    const world = new FakeWorld();
    await world.run([deploy]);
    expect(world.calls).toEqual([
      'observe deploy: ended',
      'observer closed',
      'cluster closed, run over: true, hurry: false',
    ]);
  });

  it('records what clients did, and does not report a deletion by the user as a loss', async () => {
    const world = new FakeWorld();
    const deletes = step('delete', async ({ topics }) => {
      await topics.create('during');
      await topics.alter('orders', { 'retention.ms': '5' });
      await topics.delete('short-lived');
    });
    await expect(world.run([deploy, deletes])).resolves.toMatchObject({ verdict: 'survived' });
    expect(world.journal.ofType('client-action').map(({ action, topic, records }) => [action, topic, records])).toEqual(
      [
        ['create-topic', 'orders', undefined],
        ['produce', 'orders', 10],
        ['create-topic', 'payments', undefined],
        ['create-topic', 'short-lived', undefined],
        ['produce', 'short-lived', 10],
        ['alter-topic', 'orders', undefined],
        ['delete-topic', 'short-lived', undefined],
      ],
    );
  });

  it('expects a deleted topic to stay deleted', async () => {
    const world = new FakeWorld();
    const deletes = step('delete', async ({ topics }) => {
      await topics.create('during');
      await topics.delete('short-lived');
    });
    const revives = step('revive', async () => {
      world.held.set('short-lived', topic('short-lived'));
    });
    await expect(world.run([deploy, deletes, revives])).resolves.toMatchObject({
      verdict: 'lost',
      judgement: {
        summary: expect.stringContaining('1 topic that the user had deleted exists again in ZooKeeper: short-lived'),
      },
    });
  });

  it('expects a deleted topic that the user creates again to exist', async () => {
    const world = new FakeWorld();
    const recreates = step('delete and create', async ({ topics }) => {
      await topics.create('during');
      await topics.delete('short-lived');
      await topics.create('during');
    });
    await expect(world.run([deploy, recreates])).resolves.toMatchObject({ verdict: 'survived' });
  });

  it('expects altered configurations to stay altered', async () => {
    const world = new FakeWorld();
    const reverts = step('alter', async ({ topics }) => {
      const before = world.held.get('orders');
      await topics.alter('orders', { 'retention.ms': '5' });
      if (before !== undefined) world.held.set('orders', before);
    });
    await expect(world.run([deploy, reverts])).resolves.toMatchObject({ verdict: 'lost' });
  });
});

describe('a run that checks nothing', () => {
  const nothing = step('nothing', async () => undefined);
  const holds = check('holds', 'loss', () => undefined);

  it.each<readonly [string, readonly (Step | Check)[]]>([
    ['its step does nothing', [nothing]],
    ['it has no steps', []],
    ['only its own check holds', [nothing, holds]],
  ])('is inconclusive and says why: %s', async (_what, steps) => {
    const world = new FakeWorld();
    // As before a cluster is deployed: there is no ZooKeeper to read.
    world.deployed = false;
    const { verdict, judgement } = await world.run([nothing], { scenario: { ...mine([nothing]), steps } });
    expect(verdict).toBe('inconclusive');
    expect(judgement.exitCode).toBe(3);
    expect(judgement.summary).toContain('nothing was checked: no invariant applied after any step. Let a step deploy');
    expect(world.journal.ofType('verdict')).toMatchObject([{ verdict: 'inconclusive', asExpected: false }]);
  });
});

describe('a loss', () => {
  it('that only the snapshot shows ends the run after its step', async () => {
    const world = new FakeWorld();
    const loses = step('loses', async () => {
      world.held.delete('orders');
    });
    const { verdict, judgement } = await world.run([deploy, loses, never]);
    expect(verdict).toBe('lost');
    expect(judgement.exitCode).toBe(1);
    expect(world.steps()).toEqual(['deploy: passed', 'loses: lost']);
    expect(world.journal.ofType('invariant-evaluated').filter(({ holds }) => !holds)).toEqual([
      expect.objectContaining({ invariant: 'zookeeper-metadata-survives', about: 'loss', step: 'loses' }),
    ]);
    expect(world.journal.ofType('verdict')).toEqual([
      expect.objectContaining({ verdict: 'lost', expected: 'survived', asExpected: false, step: 'loses' }),
    ]);
  });

  it('that is seen ends the waits of the running step immediately', async () => {
    const world = new FakeWorld();
    let ended: unknown;
    const loses = step('loses', async ({ cluster }) => {
      world.vanish('orders', 'payments');
      await cluster.waitForState('KRaft').catch((error: unknown) => {
        ended = error;
        throw error;
      });
    });
    await expect(world.run([deploy, loses, never])).resolves.toMatchObject({ verdict: 'lost' });
    expect(ended).toBeInstanceOf(WaitAborted);
    expect(world.calls).toContain('observe loses: aborted');
    expect(world.steps()).toEqual(['deploy: passed', 'loses: lost']);
  });

  it('is reported in full: the run waits for the end of the sync that deletes the topics', async () => {
    const world = new FakeWorld();
    const loses = step('loses', async ({ cluster }) => {
      world.driver('SYNC_KRAFT_TO_ZK');
      world.vanish('orders');
      await cluster.waitForState('KRaft').catch(async (error: unknown) => {
        setImmediate(() => {
          world.vanish('payments');
          world.driver('KRAFT_CONTROLLER_TO_BROKER_COMM');
        });
        throw error;
      });
    });
    await world.run([deploy, loses]);
    const [violated] = world.journal.ofType('invariant-evaluated').filter(({ holds }) => !holds);
    expect(violated?.evidence?.map(({ subject }) => subject)).toEqual([
      '/brokers/topics/orders',
      '/brokers/topics/payments',
    ]);
  });

  it('that happens while the last snapshots are taken is not missed', async () => {
    const world = new FakeWorld();
    let taken = 0;
    world.onObserve = () => {
      if (++taken === 1) world.vanish('orders');
    };
    await expect(world.run([deploy])).resolves.toMatchObject({ verdict: 'lost' });
    expect(world.calls.slice(0, 2)).toEqual(['observe deploy: ended', 'observe deploy: aborted']);
  });

  it('is as expected if a known issue explains it, and the journal says so', async () => {
    const world = new FakeWorld();
    const loses = step('loses', async () => world.vanish('orders'));
    const known = issue();
    const { judgement } = await world.run([deploy, loses], { knownIssues: [known] });
    expect(judgement).toMatchObject({ expected: 'lost', asExpected: true, exitCode: 0 });
    const reference = { id: 'issue-1', title: 'A title', thread: 'unreported' };
    expect(world.journal.ofType('invariant-evaluated').find(({ holds }) => !holds)?.knownIssue).toEqual(reference);
    expect(world.journal.ofType('verdict')[0]).toMatchObject({ because: 'Because.', knownIssue: reference });
  });

  it('is not excused in a strict run', async () => {
    const world = new FakeWorld();
    const loses = step('loses', async () => world.vanish('orders'));
    const { judgement } = await world.run([deploy, loses], { knownIssues: [issue()], strict: true });
    expect(judgement.exitCode).toBe(1);
  });

  it('that is expected and does not happen is an unexpected pass', async () => {
    const { judgement } = await new FakeWorld().run([deploy], { knownIssues: [issue()] });
    expect(judgement).toMatchObject({ expected: 'lost', asExpected: false, exitCode: 1 });
  });
});

describe('a suspicion', () => {
  it('that the snapshot does not confirm makes the run inconclusive, not lost and not survived', async () => {
    const world = new FakeWorld();
    const seems = step('seems', async ({ cluster }) => {
      world.seemToVanish('orders');
      await cluster.waitForState('KRaft');
    });
    const { verdict, judgement } = await world.run([deploy, seems, never]);
    expect(verdict).toBe('inconclusive');
    expect(judgement.exitCode).toBe(3);
    expect(judgement.summary).toContain('ZooKeeper deleted orders, but a moment later nothing was missing there');
  });

  it('is not raised by topics that are not expected', async () => {
    const world = new FakeWorld();
    const deletes = step('others', async () => world.seemToVanish('__consumer_offsets', 'unrelated'));
    await expect(world.run([deploy, deletes])).resolves.toMatchObject({ verdict: 'survived' });
  });

  /** The events of a driver that must wait because of an earlier quorum's /migration. */
  function syncBegins(world: FakeWorld, storedEpoch: number): void {
    world.state = 'KRaftMigration';
    world.write({ type: 'gesture', gesture: 'annotate', value: 'migration' });
    world.write({
      type: 'node-started',
      role: 'controller',
      nodeId: 1,
      pod: 'my-cluster-controller-1',
      configurationState: 'PRE_MIGRATION',
      mode: 'kraft',
      configuration: {},
      configMap: {},
      volume: 'empty',
    });
    world.znodes = { '/migration': { value: migrationValue(500, storedEpoch, 1), ephemeral: false } };
    world.driver('SYNC_KRAFT_TO_ZK');
  }

  it('of a sync that can never end is confirmed at a glance: the cluster is broken without waiting for the deadline', async () => {
    const world = new FakeWorld();
    const migrates = step('migrates', async ({ cluster }) => {
      syncBegins(world, 2);
      await cluster.waitForState('KRaftPostMigration');
    });
    const { verdict } = await world.run([deploy, migrates, never]);
    expect(verdict).toBe('broken');
    expect(world.steps().at(-1)).toBe('migrates: broken');
    expect(world.calls.slice(1, 3)).toEqual(['glance migrates', 'observe migrates: aborted']);
    expect(world.journal.ofType('invariant-evaluated').filter(({ holds }) => !holds)).toEqual([
      expect.objectContaining({ invariant: 'migration-finishes', about: 'outage' }),
    ]);
  });

  it('of a sync that may end lets the step go on', async () => {
    const world = new FakeWorld();
    const migrates = step('migrates', async ({ cluster }) => {
      syncBegins(world, 1);
      setImmediate(() => world.reach('KRaftMigration'));
      await cluster.waitForState('KRaftMigration');
    });
    await expect(world.run([deploy, migrates])).resolves.toMatchObject({ verdict: 'survived' });
    expect(world.steps()).toEqual(['deploy: passed', 'migrates: passed']);
  });

  it('that cannot be checked makes the run inconclusive and says why', async () => {
    const world = new FakeWorld();
    world.onGlance = () => {
      throw new EnvironmentError('ZooKeeper does not answer');
    };
    const migrates = step('migrates', async ({ cluster }) => {
      syncBegins(world, 2);
      await cluster.waitForState('KRaftPostMigration');
    });
    const { verdict } = await world.run([deploy, migrates, never]);
    expect(verdict).toBe('inconclusive');
    expect(world.steps()).toEqual(['deploy: passed', 'migrates: failed, ZooKeeper does not answer']);
  });
});

describe('a check', () => {
  it('gets what was observed after the step before it, and is recorded as holding', async () => {
    const world = new FakeWorld();
    const seen: string[] = [];
    await world.run([
      deploy,
      check('first', 'conduct', (observation) => {
        seen.push(observation.step);
        return undefined;
      }),
      step('again', async () => undefined),
      check('second', 'conduct', (observation) => {
        seen.push(observation.step);
        return undefined;
      }),
    ]);
    expect(seen).toEqual(['deploy', 'again']);
    expect(
      world.journal.ofType('invariant-evaluated').filter(({ invariant }) => ['first', 'second'].includes(invariant)),
    ).toEqual([
      expect.objectContaining({ invariant: 'first', step: 'deploy', holds: true }),
      expect.objectContaining({ invariant: 'second', step: 'again', holds: true }),
    ]);
  });

  it.each(['residue', 'conduct'] as const)(
    'about %s that is violated fails the run, but does not stop it',
    async (about) => {
      const world = new FakeWorld();
      const { verdict, judgement } = await world.run([
        deploy,
        check('nothing is left', about, () => VIOLATION),
        step('again', async () => undefined),
      ]);
      expect(verdict).toBe('survived');
      expect(judgement).toMatchObject({ asExpected: false, exitCode: 1 });
      expect(judgement.summary).toContain('something is left (nothing is left: no known issue');
      expect(world.steps()).toEqual(['deploy: passed', 'again: passed']);
    },
  );

  it('about a loss that is violated ends the run', async () => {
    const world = new FakeWorld();
    const { verdict } = await world.run([deploy, check('nothing is lost', 'loss', () => VIOLATION), never]);
    expect(verdict).toBe('lost');
    expect(world.journal.ofType('verdict')[0]).toMatchObject({ verdict: 'lost', step: 'deploy' });
    expect(world.journal.ofType('invariant-evaluated').find(({ holds }) => !holds)).toMatchObject({
      invariant: 'nothing is lost',
      message: VIOLATION.message,
      evidence: VIOLATION.evidence,
    });
  });

  it('about an outage that is violated ends the run, too', async () => {
    const world = new FakeWorld();
    const { verdict, judgement } = await world.run([deploy, check('it works', 'outage', () => VIOLATION), never]);
    expect(verdict).toBe('broken');
    expect(judgement.exitCode).toBe(1);
    expect(world.journal.ofType('verdict')[0]).toMatchObject({ verdict: 'broken', step: 'deploy' });
  });

  it.each([
    ['before', ['loss', 'outage']],
    ['after', ['outage', 'loss']],
  ] as const)('about a loss %s one about an outage decides', async (_, abouts) => {
    const world = new FakeWorld();
    const checks = abouts.map((about) => check(about, about, () => VIOLATION));
    const { verdict } = await world.run([deploy, ...checks, never]);
    expect(verdict).toBe('lost');
    expect(world.journal.ofType('verdict')[0]).toMatchObject({ verdict: 'lost', step: 'deploy' });
  });

  it('that throws makes the run inconclusive, and is named', async () => {
    const breaks = check('broken', 'loss', () => {
      throw new TypeError('undefined is not a topic');
    });
    const { verdict, judgement } = await new FakeWorld().run([deploy, breaks, never]);
    expect(verdict).toBe('inconclusive');
    expect(judgement.summary).toContain('check "broken": undefined is not a topic');
  });
});

describe('a check that its author must fix', () => {
  it.each<readonly [string, () => unknown]>([
    ['is async', async () => undefined],
    ['returns true', () => true],
  ])('gives no verdict, and its scenario, file and name are named: it %s', async (_what, evaluate) => {
    const world = new FakeWorld();
    const wrong = check('wrong', 'loss', evaluate as () => undefined);
    const running = world.run([deploy, wrong], { scenario: { ...mine([deploy, wrong]), file: '/home/me/mine.ts' } });
    await expect(running).rejects.toBeInstanceOf(UsageError);
    await expect(running).rejects.toThrow('scenario mine (/home/me/mine.ts), check "wrong": the check returned ');
    expect(world.journal.ofType('verdict')).toEqual([]);
  });
});

describe('a step', () => {
  it('that does not await its last gesture gives no verdict: the run is rejected, and everything is closed', async () => {
    const world = new FakeWorld();
    const forgets = step('forgets', async ({ cluster }) => {
      void cluster.waitForState('KRaft');
    });
    const running = world.run([deploy, forgets]);
    await expect(running).rejects.toBeInstanceOf(UsageError);
    await expect(running).rejects.toThrow(
      'scenario five-steps, step "forgets": the step did not await cluster.waitForState(\'KRaft\').',
    );
    expect(world.calls.at(-1)).toMatch(/^cluster closed/);
  });

  it('that fails makes the run inconclusive, and is named with its error', async () => {
    const world = new FakeWorld();
    const fails = step('fails', async () => {
      throw new Error('no such thing');
    });
    const { verdict, judgement } = await world.run([deploy, fails, never]);
    expect(verdict).toBe('inconclusive');
    expect(judgement.exitCode).toBe(3);
    expect(judgement.summary).toBe('step "fails": no such thing');
    expect(world.steps()).toEqual(['deploy: passed', 'fails: failed, no such thing']);
    // A step that was not carried out proves nothing about what follows it.
    expect(world.calls).not.toContain('observe fails: ended');
  });

  it('that its author must fix gives no verdict: the run is rejected, and everything is closed', async () => {
    const world = new FakeWorld();
    // @ts-expect-error A scenario in JavaScript is not type-checked.
    const typo = step('typo', async ({ topics }) => topics.create('befor'));
    await expect(world.run([typo])).rejects.toThrow(UsageError);
    await expect(world.run([step('other', ({ cluster }) => cluster.upgradeOperator('9.9.9'))])).rejects.toThrow(
      '9.9.9',
    );
    expect(world.calls.filter((call) => call.startsWith('cluster closed'))).toHaveLength(2);
  });

  it('that runs out of time is judged: without a loss it is inconclusive', async () => {
    const world = new FakeWorld();
    world.stateTimeoutMs = 1;
    const { verdict, judgement } = await world.run([deploy, waits, never]);
    expect(verdict).toBe('inconclusive');
    expect(judgement.summary).toBe('step "waits": timed out after 0.001 s waiting for the state KRaft');
    expect(world.calls).toContain('observe waits: timed-out');
  });

  it('that runs out of time is judged: with a loss it is lost', async () => {
    const world = new FakeWorld();
    const loses = step('loses', async () => {
      world.held.delete('orders');
      throw new WaitTimedOut('timed out');
    });
    await expect(world.run([deploy, loses])).resolves.toMatchObject({ verdict: 'lost' });
    expect(world.steps().at(-1)).toBe('loses: lost');
  });
});

describe('a node that does not stay up', () => {
  const ERROR = 'ERROR Exiting Kafka due to fatal exception during startup: java.lang.RuntimeException: no';
  const pod = 'my-cluster-broker-0';
  const died = new EnvironmentError(`${pod} exited unexpectedly (exit code 1)`);

  const starts = (world: FakeWorld): void =>
    world.write({
      type: 'node-started',
      role: 'broker',
      nodeId: 0,
      pod,
      configurationState: 'ZK',
      mode: 'zookeeper-based',
      configuration: {},
      configMap: {},
    });
  const restarts = (world: FakeWorld): void =>
    world.write({ type: 'container-restarted', pod, how: 'exit code 1', backOff: 0, error: ERROR });
  const dies = (world: FakeWorld): void =>
    world.write({ type: 'node-stopped', pod, reason: 'died', signal: 'exit code 1', error: ERROR });

  const crashes = (world: FakeWorld): Step =>
    step('crashes', async ({ cluster }) => {
      starts(world);
      restarts(world);
      restarts(world);
      dies(world);
      await cluster.waitForState('KRaft');
    });

  it('breaks the cluster: the wait ends early, the run ends, and the ERROR line is the reason', async () => {
    const world = new FakeWorld();
    const { verdict, judgement } = await world.run([deploy, crashes(world), never]);
    expect(verdict).toBe('broken');
    expect(judgement).toMatchObject({ expected: 'survived', asExpected: false, exitCode: 1 });
    expect(judgement.summary).toContain(`${pod} does not stay up: it ended 3 times with the same error`);
    expect(judgement.summary).toContain(ERROR);
    expect(world.steps()).toEqual(['deploy: passed', 'crashes: broken']);
    expect(world.calls).toContain('observe crashes: aborted');
    expect(world.calls.filter((call) => call.startsWith('glance'))).toEqual([]);
    expect(world.journal.ofType('verdict')[0]).toMatchObject({ verdict: 'broken', step: 'crashes' });
  });

  it('is a loss if something is lost, too', async () => {
    const world = new FakeWorld();
    const loses = step('loses', async (context) => {
      world.held.delete('orders');
      await crashes(world).run(context);
    });
    const { verdict } = await world.run([deploy, loses, never]);
    expect(verdict).toBe('lost');
    const violated = world.journal.ofType('invariant-evaluated').filter(({ holds }) => !holds);
    expect(violated.map(({ about }) => about)).toEqual(['loss', 'outage']);
  });

  it('breaks the cluster also if nothing of it can be read any more', async () => {
    const world = new FakeWorld();
    world.onObserve = (name) => {
      if (name === 'crashes') throw new EnvironmentError('ZooKeeper does not answer');
    };
    const { verdict } = await world.run([deploy, crashes(world), never]);
    expect(verdict).toBe('broken');
    const violated = world.journal.ofType('invariant-evaluated').filter(({ holds }) => !holds);
    expect(violated.map(({ invariant }) => invariant)).toEqual(['nodes-stay-up']);
  });

  it('breaks the cluster although the environment reports its end as a failure', async () => {
    const world = new FakeWorld();
    const fails = step('fails', async () => {
      starts(world);
      restarts(world);
      restarts(world);
      dies(world);
      world.options.failed(died);
    });
    await expect(world.run([deploy, fails, never])).resolves.toMatchObject({ verdict: 'broken' });
    expect(world.steps()).toEqual(['deploy: passed', 'fails: broken']);
  });

  it('breaks the cluster also if it happens while the last snapshots are taken', async () => {
    const world = new FakeWorld();
    let taken = 0;
    world.onObserve = () => {
      if (++taken > 1) return;
      starts(world);
      restarts(world);
      restarts(world);
      dies(world);
      world.options.failed(died);
    };
    await expect(world.run([deploy])).resolves.toMatchObject({ verdict: 'broken' });
  });

  describe('while another node does not respond', () => {
    const zookeeper = { pod: 'my-cluster-zookeeper-0', detail: 'no answer within 3 s' };

    it('is inconclusive, and names that node: it may be why the others end', async () => {
      const world = new FakeWorld();
      world.onAsk = () => [zookeeper];
      const { verdict, judgement } = await world.run([deploy, crashes(world), never]);
      expect(verdict).toBe('inconclusive');
      expect(judgement.summary).toContain('my-cluster-zookeeper-0 does not respond (no answer within 3 s)');
    });

    it('is inconclusive also if the step did not need the node', async () => {
      const world = new FakeWorld();
      world.onAsk = () => [zookeeper];
      const passes = step('passes', async () => {
        starts(world);
        for (let i = 0; i < 3; i++) restarts(world);
      });
      await expect(world.run([deploy, passes, never])).resolves.toMatchObject({ verdict: 'inconclusive' });
    });

    it('breaks the cluster if the scenario has frozen that node', async () => {
      const world = new FakeWorld();
      world.onAsk = () => [zookeeper];
      const freezes = step('freezes', async (context) => {
        world.write({ type: 'fault', fault: 'freeze-node', action: 'inject', pod: zookeeper.pod });
        await crashes(world).run(context);
      });
      await expect(world.run([deploy, freezes, never])).resolves.toMatchObject({ verdict: 'broken' });
    });
  });

  it('is as expected if a known issue explains it', async () => {
    const world = new FakeWorld();
    const known = issue({ violations: [DOWN] });
    const { judgement } = await world.run([deploy, crashes(world)], { knownIssues: [known] });
    expect(judgement).toMatchObject({ expected: 'broken', asExpected: true, exitCode: 0 });
  });

  it('makes the run inconclusive as before if it ended only once', async () => {
    const world = new FakeWorld();
    const fails = step('fails', async () => {
      starts(world);
      dies(world);
      world.options.failed(died);
    });
    await expect(world.run([deploy, fails])).resolves.toMatchObject({ verdict: 'inconclusive' });
    expect(world.steps()).toEqual(['deploy: passed', `fails: failed, ${died.message}`]);
  });
});

describe('partitions without a leader', () => {
  const leaders = {
    partitions: 4,
    leaderless: [{ topic: 'orders', partition: 1, leader: -1, replicas: [0], isr: [0], live: [0] }],
  };

  it('break the cluster after a step that passed, once every node has been asked', async () => {
    const world = new FakeWorld();
    const ends = step('ends', async () => {
      world.leaders = leaders;
    });
    const { verdict, judgement } = await world.run([deploy, ends, never]);
    expect(verdict).toBe('broken');
    expect(judgement.summary).toMatch(/^1 of 4 partitions has no leader in state ZooKeeper: orders-1 /);
    expect(world.steps()).toEqual(['deploy: passed', 'ends: broken']);
    expect(world.calls.filter((call) => call === 'nodes asked')).toHaveLength(1);
  });

  it('make the run inconclusive if something outside of the cluster has stopped a node', async () => {
    const world = new FakeWorld();
    world.onAsk = () => [{ pod: 'my-cluster-broker-0', detail: 'no answer' }];
    world.leaders = leaders;
    const { verdict, judgement } = await world.run([deploy, never]);
    expect(verdict).toBe('inconclusive');
    expect(judgement.summary).toContain('my-cluster-broker-0 does not respond (no answer)');
    expect(world.journal.ofType('invariant-evaluated').filter(({ holds }) => !holds)).toEqual([]);
  });
});

describe('an environment that fails', () => {
  const died = new EnvironmentError('my-cluster-broker-0 exited unexpectedly (exit code 1)');

  it('ends the waits immediately: inconclusive, with the first failure as the reason', async () => {
    const world = new FakeWorld();
    const dies = step('dies', async ({ cluster }) => {
      setImmediate(() => {
        world.options.failed(died);
        world.options.failed(new EnvironmentError('and another one'));
      });
      await cluster.waitForState('KRaft');
    });
    const { verdict, judgement } = await world.run([deploy, dies, never]);
    expect(verdict).toBe('inconclusive');
    expect(judgement.summary).toBe(`step "dies": ${died.message}`);
  });

  it('in a step that passes nevertheless makes the run inconclusive', async () => {
    const world = new FakeWorld();
    const dies = step('dies', async () => world.options.failed(died));
    await expect(world.run([deploy, dies])).resolves.toMatchObject({ verdict: 'inconclusive' });
    expect(world.steps()).toEqual(['deploy: passed', `dies: failed, ${died.message}`]);
  });

  it('is not judged by what a cluster without that node shows', async () => {
    const world = new FakeWorld();
    const dies = step('dies', async () => {
      world.options.failed(died);
      world.held.delete('orders');
    });
    await expect(world.run([deploy, dies])).resolves.toMatchObject({ verdict: 'inconclusive' });
    expect(world.calls).not.toContain('observe dies: ended');
  });

  it('while the last snapshots are taken makes the run inconclusive', async () => {
    const world = new FakeWorld();
    world.onObserve = () => world.options.failed(died);
    await expect(world.run([deploy])).resolves.toMatchObject({ verdict: 'inconclusive' });
    expect(world.steps()).toEqual([`deploy: failed, ${died.message}`]);
  });

  it('that prevents an observation is reported, not the read that failed because of it', async () => {
    const world = new FakeWorld();
    world.onObserve = () => {
      world.options.failed(died);
      throw new Error('connection refused');
    };
    await world.run([deploy]);
    expect(world.steps()).toEqual([`deploy: failed, ${died.message}`]);
  });

  it('only during an observation makes the run inconclusive', async () => {
    const world = new FakeWorld();
    world.onObserve = () => {
      throw new EnvironmentError('ZooKeeper does not answer');
    };
    await expect(world.run([deploy])).resolves.toMatchObject({ verdict: 'inconclusive' });
    expect(world.steps()).toEqual(['deploy: failed, ZooKeeper does not answer']);
  });

  it('before there is a cluster makes the run inconclusive, with a journal that ends', async () => {
    const world = new FakeWorld();
    world.onCreate = () => {
      throw new EnvironmentError('no free port');
    };
    const { verdict, judgement } = await world.run([deploy]);
    expect(verdict).toBe('inconclusive');
    expect(judgement.summary).toBe('no free port');
    expect(world.journal.events().map(({ type }) => type)).toEqual(['run-started', 'verdict', 'run-ended']);
  });

  it('because the user asked for something that does not exist gives no verdict', async () => {
    const world = new FakeWorld();
    world.onCreate = () => {
      throw new UsageError('there is no such version');
    };
    await expect(world.run([deploy])).rejects.toThrow('there is no such version');
  });

  it('while the observer is closed leaves no cluster behind', async () => {
    const world = new FakeWorld();
    world.onObserverClose = () => {
      throw new Error('cannot close');
    };
    await expect(world.run([deploy])).rejects.toThrow('cannot close');
    expect(world.calls.at(-1)).toBe('cluster closed, run over: true, hurry: false');
  });
});

describe('an interrupt', () => {
  it('ends the waits, closes in a hurry and is recorded as an interrupt', async () => {
    const world = new FakeWorld();
    const interrupted = step('interrupted', async ({ cluster }) => {
      setImmediate(() => world.interrupt.abort(new WaitAborted('interrupted by SIGINT')));
      await cluster.waitForState('KRaft');
    });
    const { verdict } = await world.run([deploy, interrupted, never]);
    expect(verdict).toBe('inconclusive');
    expect(world.steps().at(-1)).toBe('interrupted: failed, interrupted by the user');
    expect(world.calls.at(-1)).toBe('cluster closed, run over: true, hurry: true');
    expect(world.journal.ofType('run-ended')).toEqual([expect.objectContaining({ how: 'interrupted' })]);
  });

  it('during steps that wait for nothing is noticed, and ends the run before the next step', async () => {
    const world = new FakeWorld();
    // As a signal: it is delivered when Node is not busy with promises.
    setImmediate(() => world.interrupt.abort(new WaitAborted('interrupted by SIGTERM')));
    const steps = Array.from({ length: 1000 }, (_, index) => step(`step ${index}`, async () => undefined));
    const { verdict, judgement } = await world.run(steps);
    expect(verdict).toBe('inconclusive');
    expect(judgement.summary).toBe('interrupted by the user');
    expect(world.steps().length).toBeLessThan(3);
    expect(world.journal.ofType('run-ended')).toEqual([expect.objectContaining({ how: 'interrupted' })]);
  });

  it('before the run begins allows no gesture', async () => {
    const world = new FakeWorld();
    world.interrupt.abort(new WaitAborted('interrupted by SIGINT'));
    await expect(world.run([deploy, never])).resolves.toMatchObject({ verdict: 'inconclusive' });
    expect(world.journal.ofType('gesture')).toEqual([]);
  });
});
