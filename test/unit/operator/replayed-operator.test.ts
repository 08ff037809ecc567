import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EnvironmentError, WaitAborted, WaitTimedOut } from '../../../src/errors.js';
import { Journal } from '../../../src/journal/journal.js';
import type { DesiredCluster } from '../../../src/operator/planner.js';
import { loadProfiles, shippedProfilesFolder } from '../../../src/operator/profile.js';
import { ReplayedOperator } from '../../../src/operator/replayed-operator.js';
import { FakeTarget } from './fake-target.js';

const profiles = loadProfiles([shippedProfilesFolder()]);
const INTERVAL_MS = 10_000;

/** Runs everything that needs no timer. */
async function rest(): Promise<void> {
  for (let i = 0; i < 500; i++) await Promise.resolve();
}

async function interval(): Promise<void> {
  jest.advanceTimersByTime(INTERVAL_MS);
  await rest();
}

function setUp(target = new FakeTarget()) {
  const journal = new Journal();
  const run = new AbortController();
  const failures: Error[] = [];
  const operator = new ReplayedOperator({
    profile: profiles.get('0.45.1'),
    kafkaVersion: '3.9.0',
    desired: { annotation: 'disabled', zookeeperIds: [0], brokerIds: [0], controllerIds: undefined, deleteClaim: true },
    target,
    journal,
    signal: run.signal,
    reconciliationIntervalMs: INTERVAL_MS,
    restartDeadlineMs: 10_000,
    failed: (error) => failures.push(error),
  });
  const wish = async (change: Partial<DesiredCluster>): Promise<void> => {
    operator.change((desired) => ({ ...desired, ...change }));
    await rest();
  };
  /** `2 ZooKeeper reconciled`: number and first state of each pass, and how it ended. */
  const passes = (): readonly string[] =>
    journal.events().flatMap((event) => {
      if (event.type === 'pass-started') return [`${event.pass} ${event.state}`];
      if (event.type === 'pass-ended') return [`${event.pass} ${event.outcome}`];
      return [];
    });
  const states = () => journal.ofType('state-changed').map(({ from, to }) => `${from} -> ${to}`);
  return { target, journal, run, failures, operator, wish, passes, states };
}

/** A cluster in state ZooKeeper, with no more passes to come. */
async function deployed(target?: FakeTarget) {
  const world = setUp(target);
  world.operator.start();
  await rest();
  expect(world.operator.state()).toBe('ZooKeeper');
  world.target.calls.length = 0;
  return world;
}

/** Whether the promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await rest();
  return settled;
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('passes', () => {
  it('do nothing before the operator is started', async () => {
    const { target, passes, operator } = setUp();
    await rest();
    expect(passes()).toEqual([]);
    expect(target.calls).toEqual([]);
    expect(operator.state()).toBeUndefined();
  });

  it('change the state at the end of a successful pass, which triggers the next one', async () => {
    const { operator, passes, states } = setUp();
    operator.start();
    await rest();
    expect(passes()).toEqual(['1 null', '1 reconciled', '2 ZooKeeper', '2 reconciled']);
    expect(states()).toEqual(['null -> ZooKeeper']);
  });

  it('run one after another, however often the operator is started', async () => {
    const { operator, passes } = setUp();
    operator.start();
    operator.start();
    await rest();
    expect(passes().filter((pass) => pass.startsWith('1'))).toEqual(['1 null', '1 reconciled']);
  });

  it('are triggered by the timer when nothing changes', async () => {
    const { passes } = await deployed();
    await interval();
    await interval();
    expect(passes().slice(-4)).toEqual(['3 ZooKeeper', '3 reconciled', '4 ZooKeeper', '4 reconciled']);
  });

  it('are triggered immediately when the user changes something', async () => {
    const { wish, states } = await deployed();
    await wish({ controllerIds: [1], annotation: 'migration' });
    expect(states()).toContain('ZooKeeper -> KRaftMigration');
  });

  it('are triggered immediately when the operator is upgraded, and follow its profile', async () => {
    const { operator, passes, target } = await deployed();
    operator.upgrade(profiles.get('0.45.0'));
    await rest();
    expect(passes().slice(-2)).toEqual(['3 ZooKeeper', '3 reconciled']);
    expect(target.calls).toEqual(['restart zookeeper 0 null, rolled', 'restart broker 0 ZK, rolled']);
    target.calls.length = 0;
    await interval();
    expect(target.calls).toEqual(['update broker 0']);
    expect(operator.profile.version).toBe('0.45.0');
  });

  it('follow a change that came during another pass', async () => {
    const target = new FakeTarget();
    const { operator, passes, wish } = await deployed(target);
    target.before = async (call) => {
      if (call === 'restart broker 0 MIGRATION, rolled') operator.change((desired) => desired);
    };
    target.zkMigrationState = 'PRE_MIGRATION';
    await wish({ controllerIds: [1], annotation: 'migration' });
    // 3: to KRaftMigration; 4: rolls, and the change comes; 5: for the change; then it polls.
    expect(passes().slice(-4)).toEqual(['4 KRaftMigration', '4 reconciled', '5 KRaftMigration', '5 reconciled']);
  });

  it('are not made during a pause, which removes the state; then they begin with the state ZooKeeper', async () => {
    const { operator, passes, states, wish, target } = await deployed();
    await wish({ controllerIds: [1], annotation: 'migration' });
    await wish({ annotation: 'rollback' });
    expect(operator.state()).toBe('KRaftDualWriting');
    const before = passes();
    const paused = operator.waitUntilPaused(60_000);
    await wish({ paused: true });
    await paused;
    expect(operator.state()).toBeUndefined();
    await wish({ controllerIds: undefined, annotation: 'disabled' });
    expect(passes()).toEqual(before);
    target.calls.length = 0;
    await wish({ paused: false });
    expect(states().at(-1)).toBe('null -> ZooKeeper');
    // In the state ZooKeeper no pass deletes a znode.
    expect(target.calls.filter((call) => call.startsWith('delete'))).toEqual([]);
  });

  it('with an annotation that Strimzi does not know keep the state KRaftPostMigration, with a warning', async () => {
    const { journal, operator, wish } = await deployed();
    await wish({ controllerIds: [1], annotation: 'migration' });
    await wish({ annotation: 'kraft-now' });
    expect(operator.state()).toBe('KRaftPostMigration');
    expect(journal.ofType('pass-started').at(-1)).toMatchObject({
      annotation: 'kraft-now',
      configurationState: 'POST_MIGRATION',
    });
    expect(journal.ofType('pass-ended').at(-1)).toMatchObject({ outcome: 'reconciled', warnings: ['W6'] });
  });

  it('report annotation, configuration and warnings', async () => {
    const { journal, wish } = await deployed();
    await wish({ annotation: 'enabled' });
    expect(journal.ofType('pass-started').at(-1)).toMatchObject({ annotation: 'enabled', configurationState: 'ZK' });
    expect(journal.ofType('pass-ended').at(-1)).toMatchObject({ outcome: 'reconciled', warnings: ['W1'] });
    await wish({ annotation: 'disabled' });
    expect(journal.ofType('pass-ended').at(-1)).not.toHaveProperty('warnings');
  });
});

describe('a failed pass', () => {
  it('keeps the state, reports the reason, and is repeated only by the timer', async () => {
    const { journal, passes, states, wish } = await deployed();
    // The pool exists, but the annotation is still `disabled`: Strimzi refuses it.
    await wish({ controllerIds: [1] });
    expect(passes().slice(-2)).toEqual(['3 ZooKeeper', '3 failed']);
    expect(journal.ofType('pass-ended').at(-1)).toMatchObject({ reason: 'InvalidResourceException' });
    expect(journal.ofType('pass-ended').at(-1)?.message).not.toBe('');
    await interval();
    expect(passes().slice(-2)).toEqual(['4 ZooKeeper', '4 failed']);
    expect(states()).toEqual(['null -> ZooKeeper']);
  });

  it('is followed by a successful one when its cause is removed', async () => {
    const { passes, states, wish } = await deployed();
    await wish({ controllerIds: [1] });
    await wish({ annotation: 'migration' });
    expect(passes()).toContain('4 reconciled');
    expect(states()).toContain('ZooKeeper -> KRaftMigration');
  });

  it('because Strimzi does not know the annotation follows every trigger, until it knows it again', async () => {
    const { journal, operator, passes, run, target, wish } = await deployed();
    await wish({ controllerIds: [1], annotation: 'migration' });
    await wish({ annotation: 'rollback' });
    expect(operator.state()).toBe('KRaftDualWriting');
    target.calls.length = 0;
    const before = passes().length;
    await wish({ annotation: 'Kraft-Now' });
    await interval();
    expect(
      passes()
        .slice(before)
        .map((pass) => pass.replace(/^\d+ /, '')),
    ).toEqual(['KRaftDualWriting', 'failed', 'KRaftDualWriting', 'failed']);
    expect(journal.ofType('pass-started').at(-1)).toMatchObject({ annotation: 'kraft-now', configurationState: null });
    expect(journal.ofType('pass-ended').at(-1)).toMatchObject({
      reason: 'IllegalArgumentException',
      message: 'Invalid internal Kafka metadata state [KRaftDualWriting] with strimzi.io/kraft annotation [kraft-now]',
    });
    expect(target.calls).toEqual([]);
    const waiting = operator.waitForState('KRaftDualWriting', 2 * INTERVAL_MS);
    expect(await isSettled(waiting)).toBe(false);

    await wish({ annotation: 'rollback' });
    expect(passes().at(-1)).toMatch(/ reconciled$/);
    await expect(waiting).resolves.toBeUndefined();
    await wish({ annotation: 'migration' });
    expect(operator.state()).toBe('KRaftPostMigration');
    run.abort();
  });

  it('because no controller responds keeps KRaftMigration', async () => {
    const target = new FakeTarget();
    target.zkMigrationState = undefined;
    const { operator, passes, wish } = await deployed(target);
    await wish({ controllerIds: [1], annotation: 'migration' });
    expect(operator.state()).toBe('KRaftMigration');
    expect(passes().at(-1)).toBe('4 failed');
    target.zkMigrationState = 'MIGRATION';
    await interval();
    expect(operator.state()).toBe('KRaftPostMigration');
  });
});

describe('the migration', () => {
  it('is checked by the timer, and continues when its value says that it is done', async () => {
    const target = new FakeTarget();
    target.zkMigrationState = 'PRE_MIGRATION';
    const { operator, wish } = await deployed(target);
    await wish({ controllerIds: [1], annotation: 'migration' });
    await interval();
    expect(operator.state()).toBe('KRaftMigration');
    target.zkMigrationState = 'MIGRATION';
    await interval();
    expect(operator.state()).toBe('KRaftPostMigration');
  });

  it('is checked as soon as its value has changed', async () => {
    const target = new FakeTarget();
    target.zkMigrationState = 'PRE_MIGRATION';
    const { journal, operator, passes, wish } = await deployed(target);
    await wish({ controllerIds: [1], annotation: 'migration' });
    const before = passes().length;
    const line = { type: 'controller-log', pod: 'my-cluster-controller-1', level: 'INFO', text: 'A line' } as const;
    journal.write(line);
    await rest();
    expect(passes()).toHaveLength(before);
    target.zkMigrationState = 'MIGRATION';
    journal.write({ ...line, zkMigrationState: 'MIGRATION' });
    await rest();
    expect(operator.state()).toBe('KRaftPostMigration');
  });

  it('is not checked in another state: then a log line of a controller triggers no pass', async () => {
    const { journal, passes } = await deployed();
    const before = passes().length;
    journal.write({
      type: 'controller-log',
      pod: 'my-cluster-controller-1',
      level: 'INFO',
      text: 'A line',
      zkMigrationState: 'MIGRATION',
    });
    await rest();
    expect(passes()).toHaveLength(before);
  });

  it('goes through the states one by one, and the five steps end in the initial state', async () => {
    const target = new FakeTarget();
    const { operator, states, wish } = await deployed(target);
    await wish({ controllerIds: [1], annotation: 'migration' });
    await wish({ annotation: 'rollback' });
    target.znodes.add('/controller').add('/migration');
    await target.remove('controller', 1);
    await wish({ controllerIds: undefined });
    await wish({ annotation: 'disabled' });
    expect(operator.state()).toBe('ZooKeeper');
    expect(states().slice(1)).toEqual([
      'ZooKeeper -> KRaftMigration',
      'KRaftMigration -> KRaftDualWriting',
      'KRaftDualWriting -> KRaftPostMigration',
      'KRaftPostMigration -> KRaftDualWriting',
      'KRaftDualWriting -> ZooKeeper',
    ]);
    expect([...target.znodes]).toEqual([]);
  });
});

describe('waitForState', () => {
  it('resolves when another whole pass in that state has ended, and not while it runs', async () => {
    const target = new FakeTarget();
    const { operator, wish } = await deployed(target);
    await wish({ controllerIds: [1], annotation: 'migration' });
    let release: () => void = () => undefined;
    let blocked = false;
    target.before = (call) => {
      if (call !== 'update broker 0') return undefined;
      blocked = true;
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    };
    const waiting = operator.waitForState('KRaftDualWriting', 60_000);
    // Rolls the broker; the pass after it updates the broker, and hangs.
    await wish({ annotation: 'rollback' });
    expect(operator.state()).toBe('KRaftDualWriting');
    expect(blocked).toBe(true);
    expect(await isSettled(waiting)).toBe(false);
    target.before = () => undefined;
    release();
    expect(await isSettled(waiting)).toBe(true);
  });

  it('does not resolve when the state is only passed through', async () => {
    const { operator, wish } = await deployed();
    const waiting = operator.waitForState('KRaftDualWriting', 60_000);
    await wish({ controllerIds: [1], annotation: 'migration' });
    expect(operator.state()).toBe('KRaftPostMigration');
    expect(await isSettled(waiting)).toBe(false);
  });

  it('does not resolve while passes fail, even in that state', async () => {
    const { operator, wish } = await deployed();
    await wish({ controllerIds: [1] });
    const waiting = operator.waitForState('ZooKeeper', 60_000);
    expect(await isSettled(waiting)).toBe(false);
    await wish({ controllerIds: undefined });
    expect(await isSettled(waiting)).toBe(true);
  });

  it('does not resolve for the old state right after a change', async () => {
    const { operator } = await deployed();
    operator.change((desired) => ({ ...desired, controllerIds: [1] }));
    const waiting = operator.waitForState('ZooKeeper', 60_000);
    expect(await isSettled(waiting)).toBe(false);
  });

  it('names the state that it waited for, and the current one', async () => {
    const { operator } = await deployed();
    const waiting = operator.waitForState('KRaft', 60_000);
    const error = waiting.catch((caught: unknown) => caught);
    jest.advanceTimersByTime(60_000);
    expect(await error).toBeInstanceOf(WaitTimedOut);
    expect(await error).toMatchObject({
      message: 'timed out after 60 s waiting for the state KRaft (it is ZooKeeper)',
    });
  });
});

describe('the end', () => {
  it('of the run ends the loop and every wait', async () => {
    const { operator, run, passes, failures } = await deployed();
    const waiting = operator.waitForState('KRaft', 60_000).catch((caught: unknown) => caught);
    run.abort(new Error('the run is over'));
    await operator.stopped();
    expect(await waiting).toBeInstanceOf(WaitAborted);
    const before = passes().length;
    await interval();
    operator.change((desired) => desired);
    await rest();
    expect(passes()).toHaveLength(before);
    expect(failures).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('of the run in the middle of a pass ends the loop, and is not a failure', async () => {
    const target = new FakeTarget();
    const { operator, run, failures } = setUp(target);
    target.before = () =>
      new Promise<void>((_resolve, reject) => {
        run.signal.addEventListener('abort', () => reject(run.signal.reason));
      });
    operator.start();
    await rest();
    run.abort(new Error('a node died'));
    await operator.stopped();
    expect(failures).toEqual([]);
    expect(operator.state()).toBeUndefined();
  });

  it('because a node does not start is reported, and no pass follows', async () => {
    const target = new FakeTarget();
    const { operator, failures, passes } = setUp(target);
    const failure = new EnvironmentError('my-cluster-broker-0 did not start');
    target.before = (call) => {
      if (call === 'create broker 0 ZK') throw failure;
    };
    operator.start();
    await rest();
    expect(failures).toEqual([failure]);
    await interval();
    expect(passes()).toEqual(['1 null']);
    await operator.stopped();
  });

  it('is immediate for an operator that was never started', async () => {
    await expect(setUp().operator.stopped()).resolves.toBeUndefined();
  });
});

describe('a restart of the operator', () => {
  /** What a call of the target waits for until `release`; `pass` abandons it. */
  function blocking(target: FakeTarget, blocked: string) {
    let pass: AbortSignal | undefined;
    let release: () => void = () => undefined;
    target.waited = (signal) => {
      pass = signal;
    };
    target.before = (call) =>
      call === blocked
        ? new Promise<void>((resolve, reject) => {
            release = resolve;
            pass?.addEventListener('abort', () => reject(new WaitAborted('the wait was abandoned')));
          })
        : undefined;
    return {
      release: () => {
        target.before = () => undefined;
        release();
      },
    };
  }
  const restarts = (journal: Journal): number => journal.ofType('operator-restarted').length;

  it('between two passes begins a new pass', async () => {
    const { operator, passes, journal, states } = await deployed();
    const before = passes().length;
    await operator.restart();
    await rest();
    expect(passes().slice(before)).toEqual(['3 ZooKeeper', '3 reconciled']);
    expect(restarts(journal)).toBe(1);
    expect(states()).toEqual(['null -> ZooKeeper']);
  });

  it('while a pass waits for a node abandons it: it has no end, and the next one takes over where it was', async () => {
    const target = new FakeTarget();
    const { operator, passes, journal, states, failures, wish } = await deployed(target);
    const { release } = blocking(target, 'ready controller 1');
    await wish({ controllerIds: [1], annotation: 'migration' });
    const restarted = operator.restart();
    await rest();
    await restarted;
    const events = journal.events().map(({ type }) => type);
    expect(events.slice(events.indexOf('operator-restarted') - 1)).toEqual([
      'pass-started',
      'operator-restarted',
      'pass-started',
    ]);
    // It waits for the controller that the abandoned pass has created.
    expect(target.calls.filter((call) => call.startsWith('create'))).toEqual(['create controller 1 PRE_MIGRATION']);
    expect(states()).toEqual(['null -> ZooKeeper']);
    release();
    await rest();
    expect(passes()).not.toContain('3 reconciled');
    expect(states().at(-1)).toBe('KRaftDualWriting -> KRaftPostMigration');
    expect(failures).toEqual([]);
  });

  it('while a pass is in an action that cannot be abandoned is done after it', async () => {
    const target = new FakeTarget();
    const { operator, journal, wish, passes } = await deployed(target);
    let release: () => void = () => undefined;
    target.before = (call) =>
      call === 'create controller 1 PRE_MIGRATION'
        ? new Promise<void>((resolve) => {
            release = resolve;
          })
        : undefined;
    await wish({ controllerIds: [1], annotation: 'migration' });
    const restarted = operator.restart();
    expect(await isSettled(restarted)).toBe(false);
    expect(restarts(journal)).toBe(0);
    target.before = () => undefined;
    release();
    expect(await isSettled(restarted)).toBe(true);
    expect(passes()).not.toContain('3 reconciled');
  });

  it('is named when it takes too long', async () => {
    const target = new FakeTarget();
    const { operator, wish } = await deployed(target);
    target.before = () => new Promise<void>(() => undefined);
    await wish({ controllerIds: [1], annotation: 'migration' });
    const error = operator.restart().catch((caught: unknown) => caught);
    jest.advanceTimersByTime(10_000);
    expect(await error).toBeInstanceOf(WaitTimedOut);
    expect(await error).toMatchObject({ message: expect.stringContaining('the operator to be restarted') });
  });

  it('twice at the same time is one restart', async () => {
    const { operator, journal } = await deployed();
    await Promise.all([operator.restart(), operator.restart()]);
    expect(restarts(journal)).toBe(1);
    await operator.restart();
    expect(restarts(journal)).toBe(2);
  });

  it('does not hide that a node did not start, or a bug', async () => {
    const target = new FakeTarget();
    const { operator, failures, run, wish } = await deployed(target);
    const failure = new EnvironmentError('my-cluster-controller-1 did not start');
    let reject: (error: Error) => void = () => undefined;
    target.before = () =>
      new Promise<void>((_resolve, rejected) => {
        reject = rejected;
      });
    await wish({ controllerIds: [1], annotation: 'migration' });
    const restarted = operator.restart().catch((caught: unknown) => caught);
    reject(failure);
    await rest();
    expect(failures).toEqual([failure]);
    run.abort();
    expect(await restarted).toBeInstanceOf(WaitAborted);
  });

  it('before the deployment is refused', async () => {
    await expect(setUp().operator.restart()).rejects.toThrow(EnvironmentError);
  });

  it('ends with the run', async () => {
    const target = new FakeTarget();
    const { operator, run, wish, failures } = await deployed(target);
    blocking(target, 'ready controller 1');
    await wish({ controllerIds: [1], annotation: 'migration' });
    run.abort(new Error('the run is over'));
    await expect(operator.restart()).rejects.toBeInstanceOf(WaitAborted);
    await operator.stopped();
    expect(failures).toEqual([]);
  });
});
