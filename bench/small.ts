import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { packageRoot } from '../src/package-root.js';

/**
 * `npm run bench:small`: every bench once, small, to check that it works; the figures are meaningless. `--containers`
 * also runs the one that needs Docker, with `--image IMAGE` instead of Strimzi's image if given. Exit code 1 if any
 * failed.
 */

const { values } = parseArgs({ options: { containers: { type: 'boolean' }, image: { type: 'string' } } });
const image = values.image === undefined ? [] : ['--image', values.image];
const benches: readonly (readonly [string, readonly string[]])[] = [
  ['index', []],
  ['metadata', []],
  ['kubernetes', []],
  ['soak', []],
  ...(values.containers ? [['containers', image] as const] : []),
];

const failed: string[] = [];
for (const [name, options] of benches) {
  const file = `bench/${name}.ts`;
  process.stdout.write(`\n${[file, '--small', ...options].join(' ')}\n`);
  const jiti = join(packageRoot(), 'node_modules/jiti/lib/jiti-cli.mjs');
  const { exitCode } = await execa(process.execPath, [jiti, join(packageRoot(), file), '--small', ...options], {
    stdio: 'inherit',
    reject: false,
  });
  if (exitCode !== 0) failed.push(`${file}: exit code ${exitCode ?? 'none'}`);
}
process.stdout.write(`\n${benches.length - failed.length} of ${benches.length} benches work\n`);
for (const text of failed) process.stdout.write(`  ${text}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
