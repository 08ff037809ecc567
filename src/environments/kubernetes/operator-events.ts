import type { Journal } from '../../journal/journal.js';
import type { KafkaMetadataState } from '../../strimzi/migration-state.js';
import { Listeners } from '../../waiting/listeners.js';
import { factOf, failureOf, type OperatorLine, type PassFailure, parseOperatorLine } from './operator-log.js';
import type { PodEvents } from './pod-events.js';

/** A state, and the number of the pass that moved to it. */
export interface StateReached {
  readonly state: KafkaMetadataState;
  readonly pass: number;
}

/** The failure of the last passes, which all failed for the same reason. */
export interface LastFailure extends PassFailure {
  /** How many consecutive passes failed with it. */
  readonly passes: number;
}

/**
 * Converts the operator's log to journal events, by the same rules as the recordings: transitions, ends of passes,
 * znode deletions, restarts, and every warning and error. Starts of passes are not journalled.
 */
export class OperatorEvents {
  readonly #journal: Journal;
  readonly #nodes: Pick<PodEvents, 'announce'>;
  readonly #listeners = new Listeners();
  /** Pods for whose restart the roller has logged a reason, and that are about to be deleted. */
  readonly #rolling = new Set<string>();
  #reachedIn: StateReached | undefined;
  #wholePasses = 0;
  /** The number of a pass that has failed; the next line shows the reason. */
  #failing: number | undefined;
  #lastFailure: LastFailure | undefined;

  constructor(journal: Journal, nodes: Pick<PodEvents, 'announce'>) {
    this.#journal = journal;
    this.#nodes = nodes;
  }

  /** The last transition; undefined before the first, and after an operator was replaced. */
  get reachedIn(): StateReached | undefined {
    return this.#reachedIn;
  }

  /** Why the last pass failed; undefined if it succeeded, or if the log does not say why. */
  get lastFailure(): LastFailure | undefined {
    return this.#lastFailure;
  }

  /** How many passes have started in the present state, as far as the log shows, and succeeded. */
  get wholePasses(): number {
    return this.#wholePasses;
  }

  /** Calls back after every line that was parsed. @returns removes the callback. */
  subscribe(changed: () => void): () => void {
    return this.#listeners.add(changed);
  }

  /** Another operator has taken over: it numbers its passes from 1. */
  replaced(): void {
    this.#endFailedPass(undefined);
    this.#reachedIn = undefined;
    this.#wholePasses = 0;
    this.#lastFailure = undefined;
    this.#rolling.clear();
  }

  /** The status has lost its state: the operator begins with another one, without a transition in its log. */
  stateRemoved(): void {
    this.#reachedIn = undefined;
    this.#wholePasses = 0;
  }

  line(text: string): void {
    const line = parseOperatorLine(text);
    if (line === undefined && this.#failing === undefined) return;
    this.#endFailedPass(line === undefined ? failureOf(text) : undefined);
    if (line !== undefined) this.#report(line);
    this.#listeners.notify();
  }

  #report(line: OperatorLine): void {
    // The operator has restarted.
    if (line.pass === 1 && this.#reachedIn !== undefined && this.#reachedIn.pass > 1) this.replaced();
    const fact = factOf(line);
    switch (fact?.fact) {
      case 'state-changed':
        this.#reachedIn = line.pass === undefined ? undefined : { state: fact.to, pass: line.pass };
        // A pass with a higher number may have run before this one.
        this.#wholePasses = 0;
        this.#journal.write({ type: 'state-changed', from: fact.from, to: fact.to, annotation: fact.annotation });
        return;
      case 'pass-ended':
        if (line.pass === undefined) return;
        if (fact.outcome === 'failed') {
          this.#failing = line.pass;
          return;
        }
        this.#lastFailure = undefined;
        if (this.#reachedIn === undefined || line.pass > this.#reachedIn.pass) this.#wholePasses += 1;
        this.#journal.write({ type: 'pass-ended', pass: line.pass, outcome: 'reconciled' });
        return;
      case 'znode-deleted':
        this.#journal.write({ type: 'operator-deleted-znode', path: fact.path, outcome: fact.outcome });
        return;
      case 'restarting':
        // The KafkaRoller restarts a pod that does not answer, or that it could not update, without "Rolling Pod ...".
        if (!this.#rolling.delete(fact.pod)) this.#nodes.announce(fact.pod, 'forced');
        return;
      case 'rolling':
        this.#rolling.add(fact.pod);
        this.#nodes.announce(fact.pod, fact.reasons === '' ? 'forced' : 'rolled');
        break;
      default:
        if (line.level !== 'WARN' && line.level !== 'ERROR') return;
    }
    const { level, logger, text } = line;
    this.#journal.write({ type: 'operator-log', level, logger, text });
  }

  #endFailedPass(failure: PassFailure | undefined): void {
    const pass = this.#failing;
    if (pass === undefined) return;
    this.#failing = undefined;
    const last = this.#lastFailure;
    const same = failure !== undefined && failure.reason === last?.reason && failure.message === last.message;
    this.#lastFailure = failure === undefined ? undefined : { ...failure, passes: same ? last.passes + 1 : 1 };
    this.#journal.write({ type: 'pass-ended', pass, outcome: 'failed', ...failure });
  }
}
