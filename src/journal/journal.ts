import { Listeners } from '../waiting/listeners.js';
import type { EventOf, JournalEvent, JournalEventBody, JournalEventType } from './events.js';

export type JournalListener = (event: JournalEvent) => void;

/**
 * The journal of one run, in memory: what environments, witness and runner write to, and what the invariants read.
 * Files and terminals are listeners.
 */
export class Journal {
  readonly #events: JournalEvent[] = [];
  readonly #listeners = new Listeners<JournalEvent>();
  readonly #origin: number;
  readonly #now: () => number;

  /** @param now a monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#origin = now();
  }

  /** Seconds since the start of the run, milliseconds precise. */
  elapsed(): number {
    return Math.round(this.#now() - this.#origin) / 1000;
  }

  /** Appends an event with the current time and calls every listener with it. */
  write(body: JournalEventBody): JournalEvent {
    const event: JournalEvent = { t: this.elapsed(), ...body };
    this.#events.push(event);
    this.#listeners.notify(event);
    return event;
  }

  events(): readonly JournalEvent[] {
    return this.#events;
  }

  /** The events of one type, in order. */
  ofType<T extends JournalEventType>(type: T): readonly EventOf<T>[] {
    return this.#events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Calls the listener for every event from now on. Returns a function that stops it. */
  listen(listener: JournalListener): () => void {
    return this.#listeners.add(listener);
  }
}
