import type { BaselineComparison } from '../comparison/baseline.js';
import type { Replay } from '../comparison/replays.js';
import type { JournalEvent } from '../journal/events.js';
import type { Journal } from '../journal/journal.js';

/** A run that is being reported. */
export interface RunInProgress {
  /** Names the run among those of the call: `0.45.0`, `rollback-only 0.45.0`. */
  readonly label: string;
}

/** A run that has ended, with everything that a report says about it. */
export interface ReportedRun extends RunInProgress {
  readonly events: readonly JournalEvent[];
  /** The folder with its journal and logs; undefined: they were not kept. */
  readonly results: string | undefined;
  /** The run's own folder, volumes included, where it was kept. */
  readonly kept: string | undefined;
  /** Of a candidate: how it compares with its baseline. */
  readonly baseline: BaselineComparison | undefined;
  /** Of a real operator's run that there is no recording for: the replay that it is compared with. */
  readonly replay?: Replay | undefined;
  /** 0: as expected. 1: a violation that nothing explains, or an unexpected pass. 3: inconclusive. */
  readonly exitCode: 0 | 1 | 3;
}

/** What a format's report of a run is made from. */
export type RunReport = Pick<ReportedRun, 'events' | 'baseline'>;

/** One format of report. It is called for each run of a call, and at the end of the call. */
export interface Reporter {
  /** A run begins: its events follow. */
  onRunStart?(run: RunInProgress): void;
  /** An event of a run, as it is journalled. */
  onEvent?(run: RunInProgress, event: JournalEvent): void;
  /** A line about the harness itself, which belongs to no journal. */
  onNotice?(text: string): void;
  /** The user interrupts the call: from now on other code writes to the terminal as well. */
  onInterrupt?(): void;
  /** Every run has ended. Called once. */
  onEnd?(runs: readonly ReportedRun[]): void | Promise<void>;
}

/** Passes a journal's events to a reporter: those that it has, and those to come. */
export function reportJournal(reporter: Reporter, run: RunInProgress, journal: Journal): void {
  reporter.onRunStart?.(run);
  for (const event of journal.events()) reporter.onEvent?.(run, event);
  journal.listen((event) => reporter.onEvent?.(run, event));
}

/**
 * One reporter that passes everything on to several, in their order. If one fails at the end, the others still end: the
 * first error is thrown after that.
 */
export function allReporters(reporters: readonly Reporter[]): Reporter {
  return {
    onRunStart: (run) => {
      for (const reporter of reporters) reporter.onRunStart?.(run);
    },
    onEvent: (run, event) => {
      for (const reporter of reporters) reporter.onEvent?.(run, event);
    },
    onNotice: (text) => {
      for (const reporter of reporters) reporter.onNotice?.(text);
    },
    onInterrupt: () => {
      for (const reporter of reporters) reporter.onInterrupt?.();
    },
    onEnd: async (runs) => {
      const errors: unknown[] = [];
      for (const reporter of reporters) {
        try {
          await reporter.onEnd?.(runs);
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}

/**
 * The exit code of a run. A candidate that is worse than its baseline fails, even if a known issue of the baseline
 * explains each of its violations.
 */
export function exitCodeOf({ exitCode, baseline }: Pick<ReportedRun, 'exitCode' | 'baseline'>): 0 | 1 | 3 {
  return baseline?.outcome === 'worse' ? 1 : exitCode;
}
