import { describe, expect, it } from '@jest/globals';
import type { EventOf, JournalEvent, JournalEventType } from '../../../src/journal/events.js';
import { Journal } from '../../../src/journal/journal.js';
import { Observer } from '../../../src/scenario/observer.js';
import type { Instruments } from '../../../src/scenario/runner.js';
import { type Step, step } from '../../../src/scenario/scenario.js';
import { CountedReads } from '../../support/counted-reads.js';
import { FakeWorld } from './fake-world.js';

const deploy: Step = step('deploy', async ({ cluster, topics }) => {
  await cluster.deploy();
  await topics.create('before');
});

function emptySteps(count: number): readonly Step[] {
  return Array.from({ length: count }, (_, index) => step(`step ${index}`, async () => undefined));
}

class CountedJournal extends Journal {
  readonly reads = new CountedReads();

  override events(): readonly JournalEvent[] {
    return this.reads.of(super.events());
  }

  override ofType<T extends JournalEventType>(type: T): readonly EventOf<T>[] {
    this.reads.count += super.events().length;
    return super.ofType(type);
  }
}

/** Counts what is read of the journal and of the events that invariants get. */
class CountedWorld extends FakeWorld {
  readonly #counted: CountedJournal;

  constructor(journal: CountedJournal) {
    super(journal);
    this.#counted = journal;
  }

  override observer(...args: Parameters<Instruments['observer']>): ReturnType<Instruments['observer']> {
    const observer = this.watches(...args);
    return {
      ...observer,
      observe: async (step, moment, topics) => {
        const seen = await observer.observe(step, moment, topics);
        return { ...seen, events: this.#counted.reads.of(seen.events) };
      },
    };
  }

  watches(...args: Parameters<Instruments['observer']>): ReturnType<Instruments['observer']> {
    return super.observer(...args);
  }
}

/** A cluster that is never deployed, and the real observer. */
class NothingDeployed extends CountedWorld {
  override watches(...[cluster, ...rest]: Parameters<Instruments['observer']>): ReturnType<Instruments['observer']> {
    const observer = new Observer(Object.assign(cluster, { zookeeper: () => undefined }), ...rest);
    return {
      authoritative: () => observer.authoritative(),
      observe: (...args) => observer.observe(...args),
      glance: (...args) => observer.glance(...args),
      recall: (...args) => observer.recall(...args),
      close: () => observer.close(),
    };
  }
}

async function readsOf(World: typeof CountedWorld, steps: readonly Step[]): Promise<number> {
  const journal = new CountedJournal();
  await new World(journal).run(steps);
  const { count } = journal.reads;
  expect(journal.ofType('step-ended')).toHaveLength(steps.length);
  return count;
}

describe('the work for a step in which nothing happens', () => {
  it.each<readonly [string, typeof CountedWorld, readonly Step[]]>([
    ['on a deployed cluster', CountedWorld, [deploy]],
    ['when nothing was deployed', NothingDeployed, []],
  ])('does not grow with the steps before it: %s', async (_where, World, first) => {
    const reads = (count: number): Promise<number> => readsOf(World, [...first, ...emptySteps(count)]);
    const [few, more, most] = [await reads(1), await reads(41), await reads(81)];
    expect(most - more).toBeLessThanOrEqual(1.2 * (more - few));
  });
});
