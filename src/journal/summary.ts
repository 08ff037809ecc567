import type { About, JournalEvent, RunEnded, RunStarted, StepEnded, VerdictReached } from './events.js';
import { firstLoss, type Loss, type ViolationFound, violations } from './loss.js';

/** One step of a run. */
export interface StepSummary {
  readonly name: string;
  /** Seconds since the start of the run. */
  readonly startedAt: number;
  /** undefined: it never ended. */
  readonly endedAt: number | undefined;
  readonly outcome: StepEnded['outcome'] | undefined;
  readonly error: string | undefined;
}

/** One invariant, over all steps after which it was evaluated. */
export interface InvariantSummary {
  readonly name: string;
  readonly about: About;
  /** The steps after which it was evaluated, in order. */
  readonly steps: readonly string[];
  readonly violations: readonly ViolationFound[];
}

/** What every report needs to know about a run. */
export interface RunSummary {
  readonly started: RunStarted;
  readonly steps: readonly StepSummary[];
  readonly invariants: readonly InvariantSummary[];
  /** How many evaluations of invariants and checks there were, over all steps. 0: nothing was checked. */
  readonly checks: number;
  readonly loss: Loss | undefined;
  /** undefined: the journal ends before the verdict. */
  readonly verdict: VerdictReached | undefined;
  /** undefined: the journal ends early. */
  readonly ended: RunEnded['how'] | undefined;
  /** Of the last event. */
  readonly seconds: number;
}

/**
 * Sums up a journal.
 * @throws TypeError if it does not begin with `run-started`: `readJournal` and the runner never return such a journal.
 */
export function summarise(events: readonly JournalEvent[]): RunSummary {
  const started = events[0];
  if (started?.type !== 'run-started') throw new TypeError("a journal begins with 'run-started'");
  return {
    started,
    steps: steps(events),
    invariants: invariants(events),
    checks: events.filter(({ type }) => type === 'invariant-evaluated').length,
    loss: firstLoss(events),
    verdict: events.find((event) => event.type === 'verdict'),
    ended: events.find((event) => event.type === 'run-ended')?.how,
    seconds: events.at(-1)?.t ?? 0,
  };
}

function steps(events: readonly JournalEvent[]): readonly StepSummary[] {
  const found: StepSummary[] = [];
  const running = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'step-started') {
      running.set(event.step, found.length);
      found.push({ name: event.step, startedAt: event.t, endedAt: undefined, outcome: undefined, error: undefined });
    } else if (event.type === 'step-ended') {
      const index = running.get(event.step);
      const step = index === undefined ? undefined : found[index];
      if (index === undefined || step === undefined) continue;
      found[index] = { ...step, endedAt: event.t, outcome: event.outcome, error: event.error };
      running.delete(event.step);
    }
  }
  return found;
}

function invariants(events: readonly JournalEvent[]): readonly InvariantSummary[] {
  const evaluated = events.filter((event) => event.type === 'invariant-evaluated');
  const all = violations(events);
  const names = [...new Set(evaluated.map((event) => event.invariant))];
  return names.flatMap((name) => {
    const of = evaluated.filter((event) => event.invariant === name);
    const first = of[0];
    return first === undefined
      ? []
      : [
          {
            name,
            about: first.about,
            steps: [...new Set(of.map((event) => event.step))],
            violations: all.filter((violation) => violation.invariant === name),
          },
        ];
  });
}

/** Which parts of a run are real, in short: for an ending. */
export function partsInShort({ parts: { environment, operator } }: RunStarted): string {
  switch (operator) {
    case 'real':
      return `Kafka, ZooKeeper and the operator are real (${environment})`;
    case 'replayed':
      return `Kafka and ZooKeeper are real (${environment}); the replayed operator says nothing about any operator build`;
    case 'stand-in':
      return `Kafka and ZooKeeper are real (${environment}); a stand-in replaces the operator`;
  }
}

/** Which parts of a run are real, in one sentence: for a story. */
export function partsText(started: RunStarted): string {
  const { environment, operator } = started.parts;
  switch (operator) {
    case 'real':
      return `Kafka, ZooKeeper and the operator are real (environment: ${environment}).`;
    case 'replayed':
      return (
        `Kafka and ZooKeeper are real, the steps of Strimzi ${started.operatorVersion} are replayed ` +
        `(environment: ${environment}): this says nothing about any operator build.`
      );
    case 'stand-in':
      return `Kafka and ZooKeeper are real, a stand-in replaces the operator (environment: ${environment}).`;
  }
}
