import type { JournalEvent, VerdictReached } from '../journal/events.js';
import { summarise } from '../journal/summary.js';
import { recordingLike } from './recordings.js';

/** A local replay that was played in the same call, to compare a real operator's run with; or why there is none. */
export type Replay =
  | { readonly version: string; readonly events: readonly JournalEvent[] }
  | { readonly version: string; readonly unavailable: string };

interface Run {
  readonly events: readonly JournalEvent[];
}

/**
 * The operator version whose replay a run must be compared with, because there is nothing better: neither a recording
 * nor, for a candidate, a run of its baseline in the same call.
 * @param runs all runs of the call.
 * @returns undefined: no replay is needed, or it would say nothing. A run that is replayed, that a stand-in took part in,
 *   or that reached no verdict is not compared.
 */
export async function replayNeeded({ events }: Run, runs: readonly Run[]): Promise<string | undefined> {
  const { started, verdict } = summarise(events);
  if (started.parts.operator !== 'real' || !isConclusive(verdict)) return undefined;
  const version = started.baseline ?? started.operatorVersion;
  if (started.baseline !== undefined && runs.some((run) => isRunOf(run, started.scenario, version))) return undefined;
  return (await recordingLike(started, version)) === undefined ? version : undefined;
}

/** Whether a run is one of this version in this scenario that reached a verdict. */
export function isRunOf({ events }: Run, scenario: string, version: string): boolean {
  const { started, verdict } = summarise(events);
  return started.scenario === scenario && started.operatorVersion === version && isConclusive(verdict);
}

function isConclusive(verdict: VerdictReached | undefined): boolean {
  return verdict !== undefined && verdict.verdict !== 'inconclusive';
}
