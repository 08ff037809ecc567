import { join } from 'node:path';
import { findJournal } from '../src/comparison/recordings.js';
import { readJournal } from '../src/journal/file.js';
import { seconds } from '../src/journal/text.js';
import { packageRoot } from '../src/package-root.js';
import { readOptions } from './options.js';
import { overheadOf } from './overhead.js';

/**
 * `npm run bench:kubernetes -- RUN...`: how much of a run in Kubernetes was the operator's own time, and how much the
 * harness added, according to its journal. RUN is a folder that `remigrate run --env kubernetes --out` wrote, or a
 * recording. `--json` prints one JSON object on standard output. `--small` uses a recording if no run is named.
 */
const { small, flags, positionals: named } = readOptions({ flags: ['json'], positionals: true });
const positionals =
  small && named.length === 0 ? [join(packageRoot(), 'fixtures/recordings/0.45.1-one-broker.jsonl')] : named;
if (positionals.length === 0)
  throw new Error('name a run: npm run bench:kubernetes -- results/rollback-remigrate-0.45.1');

const runs = await Promise.all(
  positionals.map(async (run) => ({ run, ...overheadOf(await readJournal(await findJournal(run))) })),
);
if (flags.json) process.stdout.write(`${JSON.stringify(runs, null, 2)}\n`);
else {
  for (const { run, whole, harness, pauses, before, after } of runs) {
    const share = ((100 * harness) / (whole - harness)).toFixed(1);
    process.stdout.write(
      [
        run,
        `  ${seconds(whole)} from the first gesture to the last effect, of which ${seconds(whole - harness)} are the operator's own time`,
        `  ${seconds(harness)} added by the harness: ${share} % (goal with a real operator: 2 %)`,
        ...pauses.map(({ until, seconds: pause }) => `    ${seconds(pause).padStart(8)} until ${until}`),
        `  not included: ${seconds(before)} before it and ${seconds(after)} after it`,
        '',
      ].join('\n'),
    );
  }
}
