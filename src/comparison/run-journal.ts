import { UsageError } from '../errors.js';
import type { JournalEvent, RunStarted } from '../journal/events.js';
import { seconds } from '../journal/text.js';

/** No run lasts longer than 30 days, in seconds: a later time is not that of a run. */
const LONGEST_RUN = 30 * 24 * 3600;

/**
 * Refuses events that are not the journal of one run: comparing them would say nothing, and could still find no
 * difference.
 *
 * @param what for the message: `results/journal.jsonl`, `The first journal`
 * @returns the head
 * @throws UsageError that says what is wrong and where, by the event's number: in a file, the number of its line
 */
export function requireRun(events: readonly JournalEvent[], what: string): RunStarted {
  const [started] = events;
  if (started?.type !== 'run-started') throw new UsageError(`${what} does not begin with 'run-started'.`);
  const refuse = (index: number, why: string): never => {
    throw new UsageError(
      `${what} is not the journal of one run: event ${index + 1} ${why}. Give a journal as it was written.`,
    );
  };
  let last = 0;
  let ended: number | undefined;
  let verdict: number | undefined;
  for (const [index, event] of events.entries()) {
    if (!Number.isFinite(event.t) || event.t > LONGEST_RUN) {
      refuse(index, `('${event.type}') has the time ${event.t} s, which no run reaches`);
    }
    if (event.t < last) {
      refuse(index, `('${event.type}') is at ${seconds(event.t)}, and the one before it at ${seconds(last)}`);
    }
    last = event.t;
    if (event.type === 'run-started' && index > 0) refuse(index, 'begins another run');
    if (ended !== undefined) refuse(index, `('${event.type}') comes after the end of the run`);
    if (event.type === 'run-ended') ended = index;
    if (event.type !== 'verdict') continue;
    if (verdict !== undefined) refuse(index, 'is a second verdict');
    verdict = index;
  }
  return started;
}

/** How a journal ended before it reached a verdict that says something about the operator. */
export interface Unfinished {
  /** Position in the journal from which on nothing belongs to the run any more. */
  readonly index: number;
  readonly t: number;
  /** `it was interrupted`, for a sentence that names the time. */
  readonly why: string;
}

/** undefined: the run reached a verdict other than `inconclusive`. */
export function unfinished(events: readonly JournalEvent[]): Unfinished | undefined {
  const verdict = events.findIndex((event) => event.type === 'verdict');
  const reached = events[verdict];
  const ended = events.findLastIndex((event) => event.type === 'run-ended');
  const end = events[ended];
  const interrupted = end?.type === 'run-ended' && end.how === 'interrupted';
  if (reached?.type === 'verdict' && reached.verdict !== 'inconclusive' && end !== undefined && !interrupted) {
    return undefined;
  }
  // What follows the failed step is the removal of the cluster.
  const failed = events.findIndex((event) => event.type === 'step-ended' && event.outcome === 'failed');
  const index = [failed, verdict, ended].find((found) => found !== -1) ?? events.length;
  const step = events.slice(0, index).findLast((event) => event.type === 'step-started');
  const inStep = step?.type === 'step-started' ? ` in step "${step.step}"` : ' before its first step';
  const why = interrupted
    ? 'it was interrupted'
    : reached === undefined || end === undefined
      ? 'its journal ends'
      : 'it became inconclusive';
  return { index, t: (events[index] ?? events.at(-1))?.t ?? 0, why: `${why}${inStep}` };
}
