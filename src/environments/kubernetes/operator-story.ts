import type { Journal } from '../../journal/journal.js';
import type { NodeStory } from './node-story.js';
import { factOf, type OperatorLine, parseOperatorLine } from './operator-log.js';

/**
 * Turns the operator's log into the journal's events, by the rules that made the recordings: transitions, ends of passes,
 * znode deletions, restarts, and every warning and error. When a pass began is not told.
 */
export class OperatorStory {
  readonly #journal: Journal;
  readonly #nodes: Pick<NodeStory, 'announce'>;
  readonly #listeners = new Set<() => void>();
  #reachedIn: number | undefined;
  #lastReconciled: number | undefined;

  constructor(journal: Journal, nodes: Pick<NodeStory, 'announce'>) {
    this.#journal = journal;
    this.#nodes = nodes;
  }

  /** The pass that reached the present state; undefined before the first transition, and after an operator was replaced. */
  get reachedIn(): number | undefined {
    return this.#reachedIn;
  }

  /** The last pass that ended well. */
  get lastReconciled(): number | undefined {
    return this.#lastReconciled;
  }

  /** Calls back after every line that tells something. @returns takes the callback back. */
  subscribe(told: () => void): () => void {
    this.#listeners.add(told);
    return () => this.#listeners.delete(told);
  }

  /** A new operator counts its passes anew. */
  replaced(): void {
    this.#reachedIn = undefined;
    this.#lastReconciled = undefined;
  }

  line(text: string): void {
    const line = parseOperatorLine(text);
    if (line === undefined) return;
    this.#tell(line);
    for (const wake of this.#listeners) wake();
  }

  #tell(line: OperatorLine): void {
    const fact = factOf(line);
    switch (fact?.fact) {
      case 'state-changed':
        this.#reachedIn = line.pass;
        this.#journal.write({ type: 'state-changed', from: fact.from, to: fact.to, annotation: fact.annotation });
        return;
      case 'pass-ended':
        if (fact.outcome === 'reconciled') this.#lastReconciled = line.pass;
        if (line.pass !== undefined) {
          this.#journal.write({ type: 'pass-ended', pass: line.pass, outcome: fact.outcome });
        }
        return;
      case 'znode-deleted':
        this.#journal.write({ type: 'operator-deleted-znode', path: fact.path, outcome: fact.outcome });
        return;
      case 'rolling':
        this.#nodes.announce(fact.pod, fact.reasons === '' ? 'forced' : 'rolled');
        break;
      default:
        if (line.level !== 'WARN' && line.level !== 'ERROR') return;
    }
    const { level, logger, text } = line;
    this.#journal.write({ type: 'operator-log', level, logger, text });
  }
}
