import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EnvironmentError, UsageError, WaitAborted, WaitTimedOut } from '../../../src/errors.js';
import type { Invariant } from '../../../src/invariants/invariant.js';
import { Journal } from '../../../src/journal/journal.js';
import { RunEnd } from '../../../src/scenario/run-end.js';
import { type ScenarioContext, step } from '../../../src/scenario/scenario.js';
import { type Ending, StepSupervisor } from '../../../src/scenario/step-supervisor.js';
import { observation } from './observations.js';

/** The steps of these tests use neither the cluster, the topics nor faults. */
const CONTEXT = { cluster: {}, topics: {}, faults: {} } as unknown as ScenarioContext;

const VIOLATED: Invariant = {
  name: 'always-violated',
  about: 'loss',
  title: 'It never holds',
  applies: () => true,
  evaluate: () => ({ message: 'violated', evidence: [] }),
};

const MINE = { name: 'mine', file: '/home/me/mine.scenario.ts' };

/** What the tests of this file have made: each listens for unhandled rejections until it is closed. */
const opened: StepSupervisor[] = [];
afterEach(() => {
  for (const supervisor of opened.splice(0)) supervisor.close();
});

class Supervised {
  readonly journal = new Journal();
  readonly end = new RunEnd();
  readonly glances: string[] = [];
  glance = async (name: string) => {
    this.glances.push(name);
    return observation({ step: name });
  };
  readonly recalled: string[] = [];
  readonly supervisor: StepSupervisor;

  constructor(invariants: readonly Invariant[] = []) {
    const { journal, end } = this;
    const isExpected = (topic: string): boolean => topic === 'orders';
    this.supervisor = new StepSupervisor(
      { scenario: MINE, journal, end, isExpected, glance: (name) => this.glance(name), recall: this.#recall },
      invariants,
    );
    opened.push(this.supervisor);
  }

  readonly #recall = (name: string) => {
    this.recalled.push(name);
    return observation({ step: name });
  };

  run(work: () => Promise<void>): Promise<Ending> {
    return this.supervisor.run(step('work', work), CONTEXT);
  }

  /** Waits until the run is over, as the gestures and waits of a cluster do. */
  untilOver(): Promise<void> {
    const { signal } = this.end;
    return new Promise((_resolve, reject) => {
      const stop = (): void => reject(new WaitAborted('stopped waiting', { cause: signal.reason }));
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    });
  }

  deleteTopic(topic: string): void {
    this.journal.write({ type: 'topics-changed', deleted: [topic] });
  }

  endNode(): void {
    this.journal.write({ type: 'container-restarted', pod: 'p', how: 'exit code 1', backOff: 0 });
  }

  beginSync(): void {
    const text = '1 transitioning to SYNC_KRAFT_TO_ZK state';
    this.journal.write({ type: 'controller-log', pod: 'p', level: 'INFO', text, driverState: 'SYNC_KRAFT_TO_ZK' });
  }
}

describe('a step', () => {
  it('that resolves passes', async () => {
    await expect(new Supervised().run(async () => undefined)).resolves.toEqual({ how: 'passed' });
  });

  it('that is rejected fails; a wait that timed out is distinguished', async () => {
    const failed = new Error('no such thing');
    await expect(new Supervised().run(() => Promise.reject(failed))).resolves.toEqual({ how: 'failed', error: failed });
    const late = new WaitTimedOut('timed out');
    await expect(new Supervised().run(() => Promise.reject(late))).resolves.toEqual({ how: 'timed-out', error: late });
  });

  it('that is rejected after a failure of the environment fails with that failure', async () => {
    const died = new EnvironmentError('a broker died');
    const supervised = new Supervised();
    const running = supervised.run(() => supervised.untilOver());
    supervised.end.fail(died);
    supervised.end.fail(new EnvironmentError('and another one'));
    await expect(running).resolves.toEqual({ how: 'failed', error: died });
  });

  it('that is wrong itself rejects the run', async () => {
    const typo = new UsageError('there is no topic group "befor"');
    const running = new Supervised().run(() => Promise.reject(typo));
    await expect(running).rejects.toBeInstanceOf(UsageError);
    await expect(running).rejects.toThrow(
      'scenario mine (/home/me/mine.scenario.ts), step "work": there is no topic group "befor"',
    );
  });
});

describe('a step that does not return a promise', () => {
  it.each<readonly [unknown, string]>([
    [undefined, 'undefined'],
    [7, '7'],
    [{ catch: 1 }, 'an object'],
  ])('but %j causes a usage error that names the scenario and the step', async (returned, named) => {
    const work = (() => returned) as unknown as () => Promise<void>;
    const running = new Supervised().run(work);
    await expect(running).rejects.toBeInstanceOf(UsageError);
    await expect(running).rejects.toThrow(
      `scenario mine (/home/me/mine.scenario.ts), step "work": the step returned ${named} instead of a promise. Make it an async function`,
    );
  });

  it('but something else that can be awaited passes', async () => {
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library, for example.
    const work = (() => ({ then: (resolve: () => void) => resolve() })) as unknown as () => Promise<void>;
    await expect(new Supervised().run(work)).resolves.toEqual({ how: 'passed' });
  });

  it('and throws fails', async () => {
    const failed = new Error('no such thing');
    const work = (): Promise<void> => {
      throw failed;
    };
    await expect(new Supervised().run(work)).resolves.toEqual({ how: 'failed', error: failed });
  });
});

describe('a step that throws', () => {
  it.each([undefined, null, 7, '', {}])(
    '%p, which says nothing, causes a usage error that names it',
    async (thrown) => {
      const running = new Supervised().run(() => Promise.reject(thrown));
      await expect(running).rejects.toBeInstanceOf(UsageError);
      const shown = typeof thrown === 'object' && thrown !== null ? 'an object' : String(thrown);
      await expect(running).rejects.toThrow(
        `scenario mine (/home/me/mine.scenario.ts), step "work": the step threw ${shown}. Throw an Error`,
      );
    },
  );

  it.each<readonly [unknown, string]>([
    ['no such thing', 'no such thing'],
    [{ message: 'of another realm' }, 'of another realm'],
    [new RangeError(), 'RangeError without a message'],
    [
      new AggregateError([new Error('connect ECONNREFUSED ::1:1'), new Error('connect ECONNREFUSED 127.0.0.1:1')], ''),
      'connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1',
    ],
  ])('%p fails with a reason', async (thrown, message) => {
    await expect(new Supervised().run(() => Promise.reject(thrown))).resolves.toEqual({
      how: 'failed',
      error: expect.objectContaining({ message }),
    });
  });
});

describe('a step that does not await everything', () => {
  /** A cluster of which only waits are used. */
  function context(supervised: Supervised): ScenarioContext {
    const cluster = { waitForState: () => supervised.untilOver(), annotate: async () => undefined };
    return { ...CONTEXT, cluster } as unknown as ScenarioContext;
  }

  it.each<readonly [string, (context: ScenarioContext) => Promise<void>, string]>([
    [
      'its last wait',
      async ({ cluster }) => {
        await cluster.annotate('migration');
        void cluster.waitForState('KRaft');
      },
      "did not await cluster.waitForState('KRaft'). Write",
    ],
    [
      'a gesture that is already done',
      async ({ cluster }) => {
        void cluster.annotate('migration');
        await cluster.annotate('rollback');
      },
      "did not await cluster.annotate('migration'). Write",
    ],
    [
      'a function that makes gestures, and another gesture',
      async ({ cluster }) => {
        void (async () => {
          await cluster.annotate('migration');
          await cluster.waitForState('KRaft');
        })();
        void cluster.annotate('rollback');
        await cluster.annotate('disabled');
      },
      "did not await cluster.annotate('rollback') (nor cluster.waitForState('KRaft')). Write",
    ],
  ])('causes a usage error that names the call: %s', async (_what, work, message) => {
    const supervised = new Supervised();
    const running = supervised.supervisor.run(step('work', work), context(supervised));
    await expect(running).rejects.toBeInstanceOf(UsageError);
    await expect(running).rejects.toThrow(
      `scenario mine (/home/me/mine.scenario.ts), step "work": the step ${message}`,
    );
  });
});

describe('a suspected loss', () => {
  it('ends the run, and with it the step, when an expected topic is deleted', async () => {
    const supervised = new Supervised();
    const running = supervised.run(() => supervised.untilOver());
    supervised.deleteTopic('other');
    expect(supervised.end.signal.aborted).toBe(false);
    supervised.deleteTopic('orders');
    await expect(running).resolves.toEqual({
      how: 'suspected',
      suspicion: { kind: 'topics-deleted', topics: ['orders'] },
    });
    expect(supervised.end.signal.aborted).toBe(true);
    expect(supervised.end.failure).toBeUndefined();
    expect(supervised.glances).toEqual([]);
  });

  it('after a step is returned once', async () => {
    const supervised = new Supervised();
    await supervised.run(async () => undefined);
    expect(supervised.supervisor.takeDeletion()).toBeUndefined();
    supervised.deleteTopic('orders');
    expect(supervised.supervisor.takeDeletion()).toEqual({ kind: 'topics-deleted', topics: ['orders'] });
    expect(supervised.supervisor.takeDeletion()).toBeUndefined();
  });

  it('is not noticed after the supervisor was closed', () => {
    const supervised = new Supervised();
    supervised.supervisor.close();
    supervised.deleteTopic('orders');
    expect(supervised.supervisor.takeDeletion()).toBeUndefined();
  });

  it('by a sync ends the step if an invariant that ends waits is violated', async () => {
    const supervised = new Supervised([{ ...VIOLATED, endsWaits: true }]);
    const running = supervised.run(() => supervised.untilOver());
    supervised.beginSync();
    await expect(running).resolves.toEqual({ how: 'suspected', suspicion: { kind: 'sync-begun' } });
    expect(supervised.glances).toEqual(['work']);
  });

  it.each<readonly [string, Invariant]>([
    ['does not end waits', VIOLATED],
    ['does not apply', { ...VIOLATED, endsWaits: true, applies: () => false }],
    ['holds', { ...VIOLATED, endsWaits: true, evaluate: () => undefined }],
  ])('by a sync lets the step go on if the invariant %s', async (_what, invariant) => {
    const supervised = new Supervised([invariant]);
    let finish: () => void = () => undefined;
    const running = supervised.run(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    supervised.beginSync();
    await new Promise((resolve) => setImmediate(resolve));
    expect(supervised.glances).toEqual(['work']);
    finish();
    await expect(running).resolves.toEqual({ how: 'passed' });
    expect(supervised.end.signal.aborted).toBe(false);
  });

  it('by a sync that cannot be observed fails the step', async () => {
    const supervised = new Supervised();
    const unreachable = new EnvironmentError('ZooKeeper does not answer');
    supervised.glance = () => Promise.reject(unreachable);
    const running = supervised.run(() => supervised.untilOver());
    supervised.beginSync();
    await expect(running).resolves.toEqual({ how: 'failed', error: unreachable });
  });
});

describe('a suspected outage', () => {
  it('ends the step when a node has ended and an invariant that ends waits is violated', async () => {
    const supervised = new Supervised([{ ...VIOLATED, about: 'outage', endsWaits: true }]);
    const running = supervised.run(() => supervised.untilOver());
    supervised.endNode();
    await expect(running).resolves.toEqual({ how: 'suspected', suspicion: { kind: 'node-ended' } });
    // The node that ended may be the one that would have to answer.
    expect(supervised.glances).toEqual([]);
    expect(supervised.recalled).toEqual(['work']);
  });

  it('lets the step go on if the invariant holds', async () => {
    const supervised = new Supervised([{ ...VIOLATED, endsWaits: true, evaluate: () => undefined }]);
    let finish: () => void = () => undefined;
    const running = supervised.run(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    supervised.endNode();
    await new Promise((resolve) => setImmediate(resolve));
    expect(supervised.recalled).toEqual(['work']);
    finish();
    await expect(running).resolves.toEqual({ how: 'passed' });
  });
});

describe('a step that waits for something that the run cannot cancel', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is abandoned ten seconds after the run was over, and named', async () => {
    const supervised = new Supervised();
    let ending: Ending | undefined;
    const running = supervised
      .run(() => {
        supervised.end.abort(new WaitAborted('interrupted by SIGINT'));
        return new Promise<void>(() => undefined);
      })
      .then((ended) => {
        ending = ended;
      });
    await jest.advanceTimersByTimeAsync(9_999);
    expect(ending).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);
    await running;
    const message = expect.stringContaining('did not end within 10 s after the run was over: "work" waits');
    expect(ending).toEqual({ how: 'failed', error: expect.objectContaining({ message }) });
    expect(jest.getTimerCount()).toBe(0);
  });
});
