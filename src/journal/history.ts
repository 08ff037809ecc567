import type { JournalEvent, JournalEventType } from './events.js';
import type { Journal } from './journal.js';

/** What the runner writes about its own work. Nothing in a cluster happens with these events. */
const OF_THE_RUNNER: ReadonlySet<JournalEventType> = new Set([
  'step-started',
  'step-ran',
  'step-ended',
  'snapshot-taken',
  'observed',
]);

/**
 * What has happened to the cluster of a run: its journal without the runner's own events. Invariants read it after every
 * step, so it must not grow with the number of steps in which nothing happened. Of evaluations with nothing between them
 * it keeps the last one of each of the last two steps: they show which events were already judged.
 */
export class History {
  readonly #events: JournalEvent[] = [];
  readonly #ignore: () => void;

  /** Follows the journal, and begins with what is already in it. */
  constructor(journal: Pick<Journal, 'events' | 'listen'>) {
    for (const event of journal.events()) this.#add(event);
    this.#ignore = journal.listen((event) => this.#add(event));
  }

  /** In order; the same array, which grows. */
  events(): readonly JournalEvent[] {
    return this.#events;
  }

  /** Stops following the journal. */
  close(): void {
    this.#ignore();
  }

  #add(event: JournalEvent): void {
    if (OF_THE_RUNNER.has(event.type)) return;
    if (event.type === 'invariant-evaluated') this.#forgetEarlierThan(event.step);
    this.#events.push(event);
  }

  #forgetEarlierThan(step: string): void {
    const last = this.#events.at(-1);
    if (last?.type !== 'invariant-evaluated') return;
    if (last.step === step) this.#events.pop();
    else if (this.#events.at(-2)?.type === 'invariant-evaluated') this.#events.splice(-2, 1);
  }
}
