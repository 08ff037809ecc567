import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJournal } from '../../../src/journal/file.js';
import { expectNothingLeft, type Place, remigrate } from './command.js';

/**
 * Writes the scenario `own`, which deploys and then carries out the statements. `volume(POD)` in them is the folder of
 * a node's volume, which something outside of the run can find, too.
 */
export async function writeOwn(place: Place, statements: string): Promise<void> {
  await writeFile(
    join(place.folder, 'own.scenario.ts'),
    `import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenario, step } from 'remigrate';
const volume = (pod: string) => {
  const run = readdirSync(process.env.TMPDIR ?? '').find((name) => name.startsWith('remigrate-')) ?? '';
  return join(process.env.TMPDIR ?? '', run, 'volumes', pod);
};
export default scenario({
  name: 'own',
  title: 'faults',
  expected: { survives: 'It must.' },
  faults: ['kill-node', 'freeze-node'],
  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),
    step('fault', async ({ cluster, topics, faults }) => {
${statements}
    }),
  ],
});
`,
  );
}

/** Runs the scenario `own` with Strimzi 0.45.1. @returns how it ended, and its journal; nothing is left behind. */
export async function runOwn(place: Place, statements: string, ...more: readonly string[]) {
  await writeOwn(place, statements);
  const result = await remigrate(place, ['run', 'own.scenario.ts', '--operator', '0.45.1', '--out', 'out', ...more]);
  const events = await readJournal(join(place.folder, 'out/own-0.45.1/journal.jsonl'));
  await expectNothingLeft(place);
  return { result, events };
}
