import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateCache } from '../src/distribution/cache.js';
import { packageRoot } from '../src/package-root.js';
import { type FiveSteps, runFiveSteps } from './five-steps.js';
import { runKafkaTest } from './kafka-test/run.js';
import { machine } from './machine.js';
import { readOptions } from './options.js';
import { median, medianShares, type Shares, sharesOf } from './shares.js';

/**
 * `npm run bench`: the five steps for 0.45.0 and 0.45.1, several times, next to Kafka's own integration test of the
 * migration, on one machine. `--json` prints one JSON object on standard output, progress goes to standard error.
 * `--small`: one run of each, without the first run that warms the caches and without Kafka's test.
 */

const LOSES = '0.45.0';
const SURVIVES = '0.45.1';

interface Figures {
  readonly machine: string;
  readonly runs: number;
  readonly seconds: {
    readonly survived: number;
    readonly lost: number;
    readonly cold: number;
    readonly kafkaTest?: number;
  };
  /** Of a run that survived, in seconds, medians. */
  readonly shares: Shares;
  readonly kafkaTest: string;
  readonly ratios: {
    readonly fiveStepsToKafkaTest: number | null;
    readonly lostToSurvived: number;
    readonly harnessShare: number;
    readonly coldToWarmStart: number;
  };
}

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

/** A run with Kafka's jars in the cache and no class-data archive. */
async function runCold(): Promise<FiveSteps> {
  const cache = await mkdtemp(join(tmpdir(), 'remigrate-bench-'));
  try {
    await cp(join(locateCache(process.env), 'kafka'), join(cache, 'kafka'), {
      recursive: true,
      preserveTimestamps: true,
    });
    return await runFiveSteps(SURVIVES, ['--env', 'local'], cache);
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

async function repeat(times: number, operatorVersion: string): Promise<readonly FiveSteps[]> {
  const runs: FiveSteps[] = [];
  for (let run = 1; run <= times; run++) {
    progress(`The five steps with ${operatorVersion}, run ${run} of ${times}`);
    runs.push(await runFiveSteps(operatorVersion));
  }
  return runs;
}

async function measure(runs: number, warm: boolean, withKafkaTest: boolean): Promise<Figures> {
  if (warm) {
    progress('A first run, to warm the caches');
    await runFiveSteps(SURVIVES);
  }
  const survived = await repeat(runs, SURVIVES);
  const lost = await repeat(runs, LOSES);
  progress('The five steps with a cold class-data cache');
  const cold = await runCold();
  const kafkaTest = withKafkaTest
    ? await runKafkaTest(join(packageRoot(), 'bench/kafka-test/pom.xml'), progress)
    : ({ ran: false, why: 'not requested' } as const);
  const seconds = {
    survived: median(survived.map((run) => run.seconds)),
    lost: median(lost.map((run) => run.seconds)),
    cold: cold.seconds,
    ...(kafkaTest.ran ? { kafkaTest: kafkaTest.secondsPerTest } : {}),
  };
  const shares = medianShares(survived.map(({ events }) => sharesOf(events)));
  return {
    machine: machine(),
    runs,
    seconds,
    shares,
    kafkaTest: kafkaTest.ran ? `${kafkaTest.tests} tests` : `skipped: ${kafkaTest.why}`,
    ratios: {
      fiveStepsToKafkaTest: kafkaTest.ran ? seconds.survived / kafkaTest.secondsPerTest : null,
      lostToSurvived: seconds.lost / seconds.survived,
      harnessShare: shares.harness / shares.whole,
      coldToWarmStart: cold.seconds / seconds.survived,
    },
  };
}

function describe({ machine, runs, seconds, shares, kafkaTest, ratios }: Figures): string {
  const s = (value: number): string => `${value.toFixed(1)} s`;
  const share = (value: number): string => `${s(value)}, ${((100 * value) / shares.whole).toFixed(0)} %`;
  return [
    `${machine}; medians of ${runs} runs`,
    `five steps with ${SURVIVES} (survived): ${s(seconds.survived)}`,
    `five steps with ${LOSES} (lost):     ${s(seconds.lost)}`,
    `with a cold class-data cache:        ${s(seconds.cold)}`,
    `one of Kafka's own tests:            ${seconds.kafkaTest === undefined ? kafkaTest : `${s(seconds.kafkaTest)} (mean of ${kafkaTest})`}`,
    '',
    'Time of a surviving run, without checks:',
    `  nodes starting  ${share(shares.starting)}`,
    `  nodes stopping  ${share(shares.stopping)}`,
    `  migrating       ${share(shares.migrating)}`,
    `  harness         ${share(shares.harness)} (clients included)`,
    `  checks          ${s(shares.checks)}`,
    '',
    'Ratios:',
    ...Object.entries(ratios).map(([name, value]) => `  ${name}: ${value === null ? kafkaTest : value.toFixed(2)}`),
    '',
  ].join('\n');
}

const { small, counts, flags } = readOptions({
  counts: { runs: { usual: 3, small: 1 } },
  flags: ['json', 'no-kafka-test'],
});
const figures = await measure(counts.runs, !small, !small && !flags['no-kafka-test']);
process.stdout.write(flags.json ? `${JSON.stringify(figures, null, 2)}\n` : describe(figures));
