import pc from 'picocolors';
import type { JournalEvent } from '../journal/events.js';
import type { Journal } from '../journal/journal.js';
import { seconds } from '../journal/words.js';
import { createNarrator, type LineKind, type StoryLine } from './narration.js';

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
}

/** Tells the runs as they go. */
export interface TerminalReporter {
  /** Follows a run from now on, and first tells what is in its journal already. */
  add(label: string, journal: Journal): void;
  /** Removes the live lines and stops following. What is to stay has been printed. */
  end(): void;
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

/** On a TTY the rest is in the live line for as long as it is news. */
const STAYS: ReadonlySet<LineKind> = new Set(['loss', 'violation', 'explained', 'step-end', 'verdict']);

/**
 * The live report of one or more runs side by side.
 *
 * On a TTY every run has a live line with its present step, and losses, violations, ended steps and verdicts are printed
 * above the live lines as they come. Otherwise every event that matters is a line of its own, after the run's label.
 *
 * The redraw is our own: listr2 renders tasks that it runs itself and knows beforehand, and has no way to print a
 * lasting line above them while they run. A run here is somebody else's, and the line that must not wait is the loss.
 * It redraws when an event comes and has no timer: it keeps no process alive.
 */
export function createTerminalReporter(options: TerminalOptions): TerminalReporter {
  const { stream, tty } = options;
  const paint = painter(options.color);
  const runs = new Map<string, LiveRun>();
  const stops: (() => void)[] = [];
  const width = () => Math.max(0, ...[...runs.keys()].map((label) => label.length));
  let drawn = 0;

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
      if (!tty || STAYS.has(line.kind)) stream.write(`${lastingLine(label, width(), line, paint)}\n`);
    }
  };

  const follow = (label: string, narrator: (event: JournalEvent) => readonly StoryLine[], event: JournalEvent) => {
    const lines = narrator(event);
    const before = runs.get(label);
    if (before !== undefined) runs.set(label, advance(before, event, lines));
    if (!tty) {
      show(label, lines);
      return;
    }
    erase();
    show(label, lines);
    draw();
  };

  return {
    add(label, journal) {
      const narrator = createNarrator();
      runs.set(label, { label, step: 'starts', state: '', t: 0, last: '', outcome: undefined });
      for (const event of journal.events()) follow(label, narrator, event);
      stops.push(journal.listen((event) => follow(label, narrator, event)));
    },
    end() {
      for (const stop of stops) stop();
      if (tty) erase();
    },
  };
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

function lastingLine(label: string, width: number, line: StoryLine, paint: Paint): string {
  const time = seconds(line.t).padStart(8);
  return `${paint('label', `[${label}]`)}${' '.repeat(Math.max(0, width - label.length))} ${time}  ${paint(line.kind, line.text)}`;
}

/** Cut to the width first: a line that wraps would break the redraw. */
function liveLine(run: LiveRun, width: number, columns: number, paint: Paint): string {
  const parts = [run.step, run.state, run.last].filter((part) => part !== '').join(' | ');
  const text = ` ${seconds(run.t).padStart(8)}  ${parts}`;
  const label = run.label.padEnd(width);
  const room = Math.max(0, columns - 1 - label.length);
  const cut = text.length > room ? `${text.slice(0, Math.max(0, room - 3))}...` : text;
  return `${paint('label', label)}${run.outcome === 'loss' ? paint('loss', cut) : cut}`;
}
