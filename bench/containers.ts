import { type FiveSteps, runFiveSteps } from './five-steps.js';
import { machine } from './machine.js';
import { readOptions } from './options.js';
import { median, medianShares, type Shares, sharesOf } from './shares.js';

/**
 * `npm run bench:containers -- --image IMAGE`: the five steps in processes on this machine and in containers, in turn:
 * time to the verdict, and what the difference consists of. Without `--image` Strimzi's is pulled; `npm run image`
 * builds one. `--json` prints one JSON object on standard output, progress goes to standard error. `--small`:
 * one run of each, without the first runs that warm the caches.
 */

const OPERATORS = { survived: '0.45.1', lost: '0.45.0' } as const;
type Ending = keyof typeof OPERATORS;
const ENDINGS: readonly Ending[] = ['survived', 'lost'];

interface Figures {
  /** From the start of the run to its verdict, in seconds, medians. */
  readonly verdict: Readonly<Record<Ending, number>>;
  /** The rest of the command's time: preparation and cleanup. Of a run that survived. */
  readonly around: number;
  /** Of a run that survived, in seconds, medians. */
  readonly shares: Shares;
}

function verdictOf({ events }: FiveSteps): number {
  const verdict = events.find(({ type }) => type === 'verdict');
  if (verdict === undefined) throw new Error('the run has no verdict');
  return verdict.t;
}

function figuresOf(runs: Readonly<Record<Ending, readonly FiveSteps[]>>): Figures {
  return {
    verdict: { survived: median(runs.survived.map(verdictOf)), lost: median(runs.lost.map(verdictOf)) },
    around: median(runs.survived.map((run) => run.seconds - verdictOf(run))),
    shares: medianShares(runs.survived.map(({ events }) => sharesOf(events))),
  };
}

async function measure(runs: number, warm: boolean, containers: readonly string[]) {
  const local: Record<Ending, FiveSteps[]> = { survived: [], lost: [] };
  const inContainers: Record<Ending, FiveSteps[]> = { survived: [], lost: [] };
  if (warm) {
    process.stderr.write('A first run of each, to warm the caches and to have the image\n');
    await runFiveSteps(OPERATORS.survived);
    await runFiveSteps(OPERATORS.survived, containers);
  }
  for (let run = 1; run <= runs; run++) {
    for (const ending of ENDINGS) {
      process.stderr.write(`The five steps with ${OPERATORS[ending]} in both environments, run ${run} of ${runs}\n`);
      local[ending].push(await runFiveSteps(OPERATORS[ending]));
      inContainers[ending].push(await runFiveSteps(OPERATORS[ending], containers));
    }
  }
  return { machine: machine(), runs, local: figuresOf(local), containers: figuresOf(inContainers) };
}

function describe({ machine, runs, local, containers }: Awaited<ReturnType<typeof measure>>): string {
  const row = (what: string, a: number, b: number): string => {
    const [first, second, difference] = [a, b, b - a].map((value) => `${value.toFixed(1)} s`.padStart(12));
    return `${what.padEnd(34)}${first}${second}${difference}`;
  };
  const parts = ['starting', 'stopping', 'migrating', 'harness', 'checks'] as const;
  return [
    `${machine}; medians of ${runs} runs`,
    `${''.padEnd(34)}${['local', 'containers', 'difference'].map((name) => name.padStart(12)).join('')}`,
    ...ENDINGS.map((ending) =>
      row(`to the verdict, ${OPERATORS[ending]} (${ending})`, local.verdict[ending], containers.verdict[ending]),
    ),
    ...parts.map((part) => row(`  ${part}`, local.shares[part], containers.shares[part])),
    row('outside the run: start and cleanup', local.around, containers.around),
    '',
  ].join('\n');
}

const { small, counts, flags, texts } = readOptions({
  counts: { runs: { usual: 3, small: 1 } },
  flags: ['json'],
  texts: ['image'],
});
const image = texts.image === undefined ? [] : ['--image', texts.image];
const figures = await measure(counts.runs, !small, ['--env', 'containers', ...image]);
process.stdout.write(flags.json ? `${JSON.stringify(figures, null, 2)}\n` : describe(figures));
