import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ScenarioTestOptions } from '../../src/jest/index.js';
import type { EventOf, JournalEvent, JournalEventType } from '../../src/journal/events.js';
import { readJournal } from '../../src/journal/file.js';
import { packageRoot } from '../../src/package-root.js';
import { type JudgedAgain, judgeAgain } from '../../src/scenario/judge-again.js';

/** Deadline of a test that runs scenarios. A run has deadlines of its own, and ends long before. */
export const SCENARIO_TIMEOUT_MS = 600_000;

export interface CommandResult {
  readonly exitCode: number | undefined;
  /** What the command printed. */
  readonly all: string;
  /** Journals by the folder of the run, `rollback-remigrate-0.45.0`. */
  readonly journals: ReadonlyMap<string, readonly JournalEvent[]>;
  /** Each run, judged again from its folder. */
  readonly judgedAgain: ReadonlyMap<string, JudgedAgain>;
  /** What the run left in the folder for temporary files. */
  readonly leftBehind: readonly string[];
}

/** The options of all runs that say where the nodes run: on this machine, unless another suite sets others. */
function whereOptions(): readonly string[] {
  return process.env.REMIGRATE_SCENARIO_OPTIONS?.split(' ') ?? ['--env', 'local'];
}

/** The same for `testScenario`. */
/** Whether the nodes are processes on this machine. */
export function isLocal(): boolean {
  return process.env.REMIGRATE_SCENARIO_IMAGE === undefined;
}

export function scenarioEnvironment(): Pick<ScenarioTestOptions, 'environment' | 'image'> {
  const image = process.env.REMIGRATE_SCENARIO_IMAGE;
  return image === undefined ? {} : { environment: 'containers', image };
}

/** Runs `remigrate run ARGS --out ...` as a user does, with a folder for temporary files of its own. */
export async function remigrateRun(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const scratch = await mkdtemp(join(tmpdir(), 'test-scenario-'));
  const temporary = await mkdtemp(join(scratch, 'tmp-'));
  const out = join(scratch, 'out');
  try {
    const result = await execa(
      process.execPath,
      [
        join(packageRoot(), 'dist/src/cli/main.js'),
        'run',
        ...args,
        ...(args.includes('--env') ? [] : whereOptions()),
        '--out',
        out,
      ],
      { cwd: packageRoot(), env: { TMPDIR: temporary, NO_COLOR: '1', ...env }, reject: false, all: true },
    );
    const journals = new Map<string, readonly JournalEvent[]>();
    const judgedAgain = new Map<string, JudgedAgain>();
    for (const run of existsSync(out) ? await readdir(out) : []) {
      const file = join(out, run, 'journal.jsonl');
      if (!existsSync(file)) continue;
      journals.set(run, await readJournal(file));
      judgedAgain.set(run, await judgeAgain(join(out, run)));
    }
    return { exitCode: result.exitCode, all: result.all, journals, judgedAgain, leftBehind: await readdir(temporary) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Fails with what the command printed, because a wrong exit code does not explain anything. */
export function expectExitCode(
  result: { readonly exitCode?: number | undefined; readonly all: string },
  expected: number,
): void {
  if (result.exitCode === expected) return;
  throw new Error(`exit code ${result.exitCode} instead of ${expected}. The command printed:\n${result.all}`);
}

/** The journal of one run. Fails with the command's output when there is none. */
export function journalOf(result: CommandResult, run: string): readonly JournalEvent[] {
  const events = result.journals.get(run);
  if (events === undefined) throw new Error(`no journal of ${run}. The command printed:\n${result.all}`);
  return events;
}

export function ofType<T extends JournalEventType>(events: readonly JournalEvent[], type: T): readonly EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

export function verdictOf(events: readonly JournalEvent[]): EventOf<'verdict'> {
  const [verdict] = ofType(events, 'verdict');
  if (verdict === undefined) throw new Error('the run has no verdict');
  return verdict;
}

/** Names of the violated invariants with the known issue that explains each. */
export function violations(
  events: readonly JournalEvent[],
): readonly { readonly invariant: string; readonly issue: string | undefined }[] {
  return ofType(events, 'invariant-evaluated')
    .filter(({ holds }) => !holds)
    .map(({ invariant, knownIssue }) => ({ invariant, issue: knownIssue?.id }));
}

export function recording(name: string): Promise<readonly JournalEvent[]> {
  return readJournal(join(packageRoot(), 'fixtures/recordings', `${name}.jsonl`));
}
