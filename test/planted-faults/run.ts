import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { readJournal } from '../../src/journal/file.js';
import { packageRoot } from '../../src/package-root.js';
import { expectNothingLeft, makePlace, type Place, remigrate, removePlace } from '../integration/support/place.js';
import { MOMENTS } from './moments.js';
import type { PlannedRun } from './plan.js';
import { keyOf, type Result } from './results.js';
import { RunningCluster } from './running-cluster.js';
import type { Outcome, Rules } from './sort.js';

const BASE = '0.45.1';
const MUTANT = '0.45.90';
/** Longer than a node takes to end three times in the kubelet's back-off; a run with a frozen node waits for this. */
const WAIT_SECONDS = 90;
const RUN_DEADLINE_MS = 600_000;

/** Runs one planned run, as a user would, in a folder of its own. */
export async function runPlanned(
  planned: PlannedRun,
  commit: string,
): Promise<{ readonly result: Result; readonly output: string }> {
  const place = await makePlace();
  try {
    return await runIn(place, planned, commit);
  } finally {
    await removePlace(place);
  }
}

async function runIn(place: Place, planned: PlannedRun, commit: string) {
  const out = join(place.folder, 'out');
  const { sort, seed, index, moment } = planned;
  const operator =
    sort.kind === 'profile'
      ? ['--operator', MUTANT, '--data', await mutantIn(place, sort.plant)]
      : ['--operator', BASE];
  const run = remigrate(place, [
    'run',
    'rollback-remigrate',
    ...operator,
    '--out',
    out,
    '--timeout',
    String(WAIT_SECONDS),
  ]);
  const deadline = setTimeout(() => run.kill('SIGTERM'), RUN_DEADLINE_MS);
  const damaged = damageAt(run.iterable({ from: 'all' }), place, planned);
  const ended = await run;
  clearTimeout(deadline);
  const damage = await damaged;
  const verdict = await verdictIn(out);
  const outcome: Outcome | 'none' =
    verdict === undefined
      ? 'none'
      : verdict.verdict === 'survived' && ended.exitCode !== 0
        ? 'survived, with a violation'
        : verdict.verdict;
  const summary = verdict?.summary ?? '';
  const left = await expectNothingLeft(place).then(
    () => undefined,
    (error: unknown) => String(error),
  );
  const problem = damage ?? left ?? judgeOutcome(planned, outcome, summary, ended.all);
  const result: Result = {
    seed,
    index,
    sort: keyOf(sort),
    ...(moment === undefined ? {} : { moment }),
    outcome,
    exitCode: ended.exitCode ?? -1,
    summary: summary.replaceAll(place.folder, '(folder)').slice(0, 400),
    right: problem === undefined,
    commit,
  };
  return { result, output: `${problem ?? ''}\n${ended.all}` };
}

/** What is wrong with an outcome; undefined: it is right. */
function judgeOutcome(
  { sort }: PlannedRun,
  outcome: Outcome | 'none',
  summary: string,
  output: string,
): string | undefined {
  if (outcome === 'none') return 'the command ended without a verdict';
  if (!sort.right.includes(outcome)) return `${outcome}, but right is ${sort.right.join(' or ')}`;
  if (outcome !== 'survived' && sort.names !== undefined && !sort.names.test(summary) && !sort.names.test(output)) {
    return `the report does not name ${sort.names}`;
  }
  return undefined;
}

/** Damages the cluster when its line is printed. @returns why it could not. */
async function damageAt(
  lines: AsyncIterable<unknown>,
  place: Place,
  { sort, moment, choice }: PlannedRun,
): Promise<string | undefined> {
  if (sort.kind !== 'outside' || moment === undefined) return undefined;
  const { line: text, nth } = MOMENTS[moment];
  let seen = 0;
  let problem: string | undefined = `the run never printed "${text}" (${nth})`;
  // Reads to the end: a run whose reader has gone ends.
  for await (const line of lines) {
    if (!String(line).includes(text) || ++seen !== nth) continue;
    problem = await sort.damage(new RunningCluster(place.temporary), choice).then(
      () => undefined,
      (error: unknown) => `the damage could not be done: ${String(error)}`,
    );
  }
  return problem;
}

async function mutantIn(place: Place, plant: (rules: Rules) => void): Promise<string> {
  const data = join(place.folder, 'data');
  await mkdir(join(data, 'operators'), { recursive: true });
  const shipped = await readFile(join(packageRoot(), 'fixtures/operators', `${BASE}.yaml`), 'utf8');
  const profile = parse(shipped) as { version: string; rules: Rules };
  profile.version = MUTANT;
  plant(profile.rules);
  await writeFile(join(data, 'operators', `${MUTANT}.yaml`), stringify(profile));
  return data;
}

async function verdictIn(out: string) {
  const [name] = (await readdir(out, { withFileTypes: true }).catch(() => [])).filter((entry) => entry.isDirectory());
  if (name === undefined) return undefined;
  const events = await readJournal(join(out, name.name, 'journal.jsonl'));
  const last = events.findLast(({ type }) => type === 'verdict');
  return last?.type === 'verdict' ? last : undefined;
}
