import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { packageRoot } from '../../src/package-root.js';

const INSTALL_TIMEOUT_MS = 300_000;
const RUN_TIMEOUT_MS = 300_000;

/**
 * Records every module that Node loads, from the first import on: what `import` loads, with a hook, and what `require`
 * loads, from its cache. Use: `node --import ./recorder.mjs`. It writes to the file that LOADED names.
 */
const RECORDER = {
  'recorder.mjs': `import { appendFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
const { cache } = createRequire(import.meta.url);
register('./recording-hooks.mjs', import.meta.url);
process.on('exit', () => appendFileSync(process.env.LOADED, Object.keys(cache).map((file) => file + '\\n').join('')));
`,
  'recording-hooks.mjs': `import { appendFileSync } from 'node:fs';
export function load(url, context, nextLoad) {
  appendFileSync(process.env.LOADED, url + '\\n');
  return nextLoad(url, context);
}
`,
};

describe('the package, packed and installed elsewhere', () => {
  let folder: string;
  let project: string;
  /** Runs a program in the project in which the package is installed. */
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
    'has the inspection as a library of its own, which does not load the rest',
    async () => {
      for (const [name, text] of Object.entries(RECORDER)) await writeFile(join(project, name), text);
      /** What a program loads: parts of remigrate, `inspection`, and npm packages, `npm:kafkajs`. */
      const loadedBy = async (name: string, program: string): Promise<ReadonlySet<string>> => {
        const loaded = join(folder, `${name}.loaded`);
        await writeFile(join(project, `${name}.mjs`), program);
        const run = await execa(process.execPath, ['--import', './recorder.mjs', `${name}.mjs`], {
          cwd: project,
          env: { LOADED: loaded, KUBECONFIG: join(folder, 'no-kubeconfig') },
        });
        expect(run.stdout).toBe('done');
        const modules = (await readFile(loaded, 'utf8')).split('\n');
        const parts = modules.flatMap((module) => /\/remigrate\/dist\/src\/([^/]+)/.exec(module)?.[1] ?? []);
        const packages = modules.flatMap(
          (module) => /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1] ?? [],
        );
        return new Set([...parts, ...packages.map((one) => `npm:${one}`)]);
      };
      const NEEDED = ['inspection', 'kubernetes', 'strimzi', 'metadata', 'waiting', 'errors.js', 'package-root.js'];
      const parts = (loaded: ReadonlySet<string>) => [...loaded].filter((one) => !one.startsWith('npm:'));

      // First with the rest loaded, to show that the recorder would see it.
      const rest = await loadedBy(
        'rest',
        `import 'remigrate';
import './node_modules/remigrate/dist/src/metadata/seeding.js';
console.log('done');
`,
      );
      expect([...rest]).toEqual(expect.arrayContaining(['scenario', 'cluster', 'npm:kafkajs']));

      const file = await loadedBy(
        'file',
        `import { forecast, inspectFile, UsageError } from 'remigrate/inspect';
import { writeFileSync } from 'node:fs';
writeFileSync('lab.txt', '##### remigrate inspect 1 kafka/my-cluster lab\\n');
const [facts] = await inspectFile('lab.txt');
if (forecast(facts).safety !== 'unknown') throw new Error('nothing is known of this cluster');
await inspectFile('nowhere.txt').catch((error) => {
  if (error instanceof UsageError) console.log('done');
});
`,
      );
      expect(parts(file)).toContain('inspection');
      expect(parts(file).filter((part) => !NEEDED.includes(part))).toEqual([]);
      expect([...file].filter((one) => one.startsWith('npm:')).toSorted()).toEqual(['npm:remigrate', 'npm:zod']);

      const context = await loadedBy(
        'context',
        `import { inspectContext } from 'remigrate/inspect';
await inspectContext({ context: 'lab' }).catch(({ message }) => {
  if (message.includes('no-kubeconfig cannot be read')) console.log('done');
});
`,
      );
      expect(parts(context).filter((part) => !NEEDED.includes(part))).toEqual([]);
      expect([...context]).toContain('npm:@kubernetes/client-node');
      for (const name of [
        'kafkajs',
        '@platformatic/kafka',
        'testcontainers',
        'commander',
        'jest',
        'execa',
        'zookeeper',
      ]) {
        expect([...context]).not.toContain(`npm:${name}`);
      }
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'has types for the inspection',
    async () => {
      const program = `import { type ClusterFacts, forecast, type Forecast, inspectContext } from 'remigrate/inspect';
export async function unsafe(context: string): Promise<readonly [ClusterFacts, Forecast][]> {
  const clusters = await inspectContext({ context, namespace: 'kafka' });
  return clusters
    .map((facts): [ClusterFacts, Forecast] => [facts, forecast(facts)])
    .filter(([, { safety }]) => safety === 'unsafe');
}
`;
      const args = ['tsc', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck', '--noEmit'];
      await writeFile(join(project, 'inspect.ts'), program);
      expect(await inProject('npx', [...args, 'inspect.ts'])).toMatchObject({ exitCode: 0 });
      await writeFile(join(project, 'inspect-wrong.ts'), program.replace("'unsafe')", "'dangerous')"));
      expect((await inProject('npx', [...args, 'inspect-wrong.ts'])).all).toContain('dangerous');
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'is a bridge to Jest: a run that survives passes, a loss fails the test and is described',
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
