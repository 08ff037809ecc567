import { join } from 'node:path';
import { findJournal } from '../src/comparison/recordings.js';
import { readJournal } from '../src/journal/file.js';
import { seconds } from '../src/journal/text.js';
import { packageRoot } from '../src/package-root.js';
import { readOptions } from './options.js';
import { overheadOf } from './overhead.js';

/**
 * `npm run bench:kubernetes -- RUN...`: how much of a run in Kubernetes was the operator's own time, how much its clients
 * took, and how much the harness added, according to its journal. RUN is a folder that `remigrate run --env kubernetes --out` wrote, or a
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
  for (const { run, whole, harness, clients, pauses, before, after } of runs) {
    const own = whole - harness - clients;
    const share = ((100 * harness) / own).toFixed(1);
    process.stdout.write(
      [
        run,
        `  ${seconds(whole)} from the first gesture to the last effect, of which ${seconds(own)} are the operator's own time`,
        `  ${seconds(clients)} of the scenario's clients: Kafka created topics and acknowledged records`,
        `  ${seconds(harness)} added by the harness: ${share} % (goal with a real operator: 2 %)`,
        ...pauses.map(
          (pause) =>
            `    ${seconds(pause.seconds).padStart(8)}${pause.clients === 0 ? '' : ` and ${seconds(pause.clients)} of clients`} until ${pause.until}`,
        ),
        `  not included: ${seconds(before)} before it and ${seconds(after)} after it`,
        '',
      ].join('\n'),
    );
  }
}
