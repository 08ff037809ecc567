import pc from 'picocolors';
import { compareWithRecording } from '../comparison/with-recording.js';
import type { JournalEvent } from '../journal/events.js';
import { printable, seconds } from '../journal/text.js';
import { describeEnding } from './ending.js';
import { row } from './layout.js';
import { createNarrator, type LineKind, type StoryLine } from './narration.js';
import type { ReportedRun, Reporter } from './reporter.js';

/** Where the report goes: a TTY, a file, a test's buffer. */
export interface TerminalStream {
  write(text: string): unknown;
}

export interface TerminalOptions {
  readonly stream: TerminalStream;
  /** Whether the stream can move its cursor: `isTTY`, and not in CI. */
  readonly tty: boolean;
  /** Whether to use colours: the caller has looked at `NO_COLOR`. */
  readonly color: boolean;
  /** Width of the terminal in characters; a live line is cut to it. Not used without a TTY. */
  readonly columns: number;
  /** Where it prints which folders were kept: not part of the report. */
  readonly notes: TerminalStream;
  /** Whether known issues excuse nothing. */
  readonly strict: boolean;
}

/** What a live line shows of a run. */
interface LiveRun {
  readonly label: string;
  readonly step: string;
  readonly state: string;
  readonly t: number;
  readonly last: string;
  readonly outcome: LineKind | undefined;
}

/** The lines that stay on a TTY. Other lines are only shown in the live line, until the next one comes. */
const PERMANENT: ReadonlySet<LineKind> = new Set(['loss', 'violation', 'explained', 'step-end', 'verdict']);

/**
 * Reports one or more concurrent runs, and at the end the outcome of each.
 *
 * On a TTY every run has a live line with its current step, and losses, violations, ended steps and verdicts are
 * printed above the live lines as they come. Otherwise every event that matters is a line of its own, after the run's
 * label.
 *
 * This does not use listr2, which renders only tasks that it runs itself and knows in advance, and cannot print a
 * permanent line above them while they run. Here the runner runs the steps, and a loss must be printed immediately. The
 * report redraws when an event comes. It has no timer, so it does not keep the process alive.
 */
export function createTerminalReporter(options: TerminalOptions): Reporter {
  const { stream, tty } = options;
  const paint = painter(options.color);
  const runs = new Map<string, LiveRun>();
  const narrators = new Map<string, ReturnType<typeof createNarrator>>();
  const width = () => Math.max(0, ...[...runs.keys()].map((label) => label.length));
  let drawn = 0;
  let stopped = false;

  const erase = () => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\r\u001b[J`);
    drawn = 0;
  };
  const draw = () => {
    for (const run of runs.values()) stream.write(`${liveLine(run, width(), options.columns, paint)}\n`);
    drawn = runs.size;
  };
  const show = (label: string, lines: readonly StoryLine[]) => {
    for (const line of lines) {
      if (!tty || PERMANENT.has(line.kind)) stream.write(`${permanentLine(label, width(), line, paint)}\n`);
    }
  };
  const stop = () => {
    stopped = true;
    erase();
  };

  return {
    onRunStart({ label }) {
      narrators.set(label, createNarrator());
      runs.set(label, { label, step: 'starting', state: '', t: 0, last: '', outcome: undefined });
    },
    onEvent({ label }, event) {
      const before = runs.get(label);
      const lines = narrators.get(label)?.(event) ?? [];
      if (stopped || before === undefined) return;
      runs.set(label, advance(before, event, lines));
      if (tty) erase();
      show(label, lines);
      if (tty) draw();
    },
    onNotice(text) {
      const live = tty && !stopped;
      if (live) erase();
      options.notes.write(`${text}\n`);
      if (live) draw();
    },
    onInterrupt() {
      // The next redraw would erase what others print about the interruption.
      if (tty) stop();
    },
    async onEnd(reported) {
      stop();
      for (const { label, kept } of reported) {
        if (kept !== undefined) options.notes.write(`${label}: kept ${kept}\n`);
      }
      stream.write(await describeEnd(reported, options.strict));
    },
  };
}

/** The outcome of each run. */
async function describeEnd(runs: readonly ReportedRun[], strict: boolean): Promise<string> {
  const lines: string[] = [];
  for (const { label, events, results, baseline, replay } of runs) {
    const ending = describeEnding(events, { strict, ...(results === undefined ? {} : { logs: results }) });
    const candidate = row('Candidate', baseline?.lines ?? []);
    const recording = row('Recording', await compareWithRecording(events, replay));
    lines.push('', `── ${label} ──`, ...ending, ...candidate, ...recording);
  }
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function advance(run: LiveRun, event: JournalEvent, lines: readonly StoryLine[]): LiveRun {
  const last = lines.at(-1);
  return {
    label: run.label,
    step: event.type === 'step-started' ? event.step : run.step,
    state: event.type === 'state-changed' ? event.to : run.state,
    t: event.t,
    last: last === undefined ? run.last : last.text,
    // A loss is never overwritten by what comes after it.
    outcome: run.outcome === 'loss' ? 'loss' : lines.some((line) => line.kind === 'loss') ? 'loss' : last?.kind,
  };
}

type Paint = (kind: LineKind | 'label', text: string) => string;

function painter(color: boolean): Paint {
  const colors = pc.createColors(color);
  const styles: Partial<Record<LineKind | 'label', (text: string) => string>> = {
    loss: (text) => colors.bold(colors.red(text)),
    violation: colors.red,
    explained: colors.yellow,
    step: colors.bold,
    verdict: colors.bold,
    state: colors.cyan,
    operator: colors.magenta,
    label: colors.dim,
  };
  return (kind, text) => styles[kind]?.(text) ?? text;
}

function permanentLine(label: string, width: number, line: StoryLine, paint: Paint): string {
  const time = seconds(line.t).padStart(8);
  return `${paint('label', `[${printable(label)}]`)}${' '.repeat(Math.max(0, width - label.length))} ${time}  ${paint(line.kind, printable(line.text))}`;
}

/** Cut to the width first: a line that wraps would break the redraw. */
function liveLine(run: LiveRun, width: number, columns: number, paint: Paint): string {
  const parts = printable([run.step, run.state, run.last].filter((part) => part !== '').join(' | '));
  const text = ` ${seconds(run.t).padStart(8)}  ${parts}`;
  const label = printable(run.label).padEnd(width);
  const room = Math.max(0, columns - 1 - label.length);
  const cut = text.length > room ? `${text.slice(0, Math.max(0, room - 3))}...` : text;
  return `${paint('label', label)}${run.outcome === 'loss' ? paint('loss', cut) : cut}`;
}
