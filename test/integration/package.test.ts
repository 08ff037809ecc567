import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { packageRoot } from '../../src/package-root.js';

const INSTALL_TIMEOUT_MS = 300_000;
const RUN_TIMEOUT_MS = 300_000;

describe('the package, packed and installed elsewhere', () => {
  let folder: string;
  let project: string;
  /** Runs a program in the project that has installed the package. */
  const inProject = (program: string, args: readonly string[]) =>
    execa(program, [...args], { cwd: project, reject: false, all: true, env: { TMPDIR: folder, NO_COLOR: '1' } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'test-package-'));
    project = join(folder, 'project');
    await mkdir(project);
    await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: packageRoot() });
    await writeFile(
      join(project, 'package.json'),
      JSON.stringify({ name: 'elsewhere', private: true, type: 'module', allowScripts: { zookeeper: true } }),
    );
    const installed = await inProject('npm', [
      'install',
      join(folder, 'remigrate-0.1.0.tgz'),
      'jest',
      'typescript@5.9',
    ]);
    if (installed.exitCode !== 0) throw new Error(`npm install failed:\n${installed.all}`);
  }, INSTALL_TIMEOUT_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it(
    'has the command line, with fixtures and scenarios',
    async () => {
      const { all, exitCode } = await inProject('npx', ['remigrate', 'show', '0.45.0-one-broker']);
      expect(exitCode).toBe(0);
      expect(all).toContain('strimzi-kafka-operator#11262');
      expect((await inProject('npx', ['remigrate', 'list'])).all).toContain('rollback-remigrate-volumes-kept');
    },
    RUN_TIMEOUT_MS,
  );

  it(
    'is a library with types',
    async () => {
      const scenario = `import { check, migrate, type Scenario, scenario, step } from 'remigrate';
export const mine: Scenario = scenario({
  name: 'mine', title: 'mine', expected: { survives: 'why' },
  steps: [
    step('deploy', async ({ cluster }) => { await cluster.deploy(); await migrate(cluster, { deleteClaim: true }); }),
    check('any', 'residue', ({ state }) => (state === 'ZooKeeper' ? { message: 'm', evidence: [] } : undefined)),
  ],
});
console.log(mine.name);
`;
      await writeFile(join(project, 'mine.ts'), scenario);
      const args = ['tsc', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck', 'mine.ts'];
      expect(await inProject('npx', args)).toMatchObject({ exitCode: 0 });
      expect(await inProject('node', ['mine.js'])).toMatchObject({ exitCode: 0, all: 'mine' });
      await writeFile(join(project, 'wrong.ts'), scenario.replace("'residue'", "'nonsense'"));
      expect((await inProject('npx', [...args.slice(0, -1), 'wrong.ts'])).all).toContain('nonsense');
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'is a bridge to Jest: what survives passes, a loss fails the test with the story',
    async () => {
      await writeFile(
        join(project, 'five-steps.test.js'),
        `import { testScenario } from 'remigrate/jest';
testScenario('rollback-remigrate', { operators: ['0.45.0', '0.45.1'] });
`,
      );
      const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--testEnvironment', 'node'];
      const { all, exitCode } = await inProject('node', jest);
      expect(exitCode).toBe(1);
      expect(all).toMatch(/✓ with the steps of Strimzi 0\.45\.1/);
      expect(all).toMatch(/✕ with the steps of Strimzi 0\.45\.0/);
      expect(all).toContain('all 9 topics vanished from ZooKeeper');
      expect(all).toContain('https://github.com/strimzi/strimzi-kafka-operator/issues/11262');
      expect(all).not.toMatch(/^\s+at .*remigrate\/dist/m);
    },
    RUN_TIMEOUT_MS,
  );
});
