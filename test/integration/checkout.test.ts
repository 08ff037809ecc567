import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { packageRoot } from '../../src/package-root.js';

const TEST_TIMEOUT_MS = 300_000;

/** The parts of a checkout that the build and the commands of the README need. */
const CHECKOUT = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts', 'src', 'scenarios', 'fixtures'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'test-checkout-'));
  for (const name of CHECKOUT) await cp(join(packageRoot(), name), join(folder, name), { recursive: true });
  await symlink(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it(
  'the commands of the README work in the given order',
  async () => {
    const run = async (program: string, ...args: readonly string[]): Promise<string> => {
      // Otherwise npx would build again. It makes the command executable only when it first sees the package.
      const env = {
        npm_config_cache: join(folder, 'npm-cache'),
        npm_config_offline: 'true',
        npm_config_ignore_scripts: program === 'npx' ? 'true' : 'false',
        NO_COLOR: '1',
      };
      const { all, exitCode, message } = await execa(program, [...args], {
        cwd: folder,
        env,
        reject: false,
        all: true,
        stdin: 'ignore',
      });
      if (exitCode !== 0) throw new Error(`${program} ${args.join(' ')}: ${message}`);
      return all;
    };
    await run('npm', 'run', 'build');
    // What npx runs: without its executable bit this is "Permission denied".
    expect(await run(join(folder, 'dist/src/cli/main.js'), '--version')).toMatch(/^\d+\.\d+\.\d+$/);
    expect(await run('npx', 'remigrate', '--version')).toMatch(/^\d+\.\d+\.\d+$/m);
    expect(await run('npx', 'remigrate', 'list')).toContain('rollback-remigrate-volumes-kept');
  },
  TEST_TIMEOUT_MS,
);
