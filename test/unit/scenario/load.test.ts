import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import { packageRoot } from '../../../src/package-root.js';
import { loadScenario, shippedScenarios } from '../../../src/scenario/load.js';

const MINE = `
import { check, migrate, scenario, step, type Observation } from 'remigrate';

const looks = (observation: Observation): undefined => void observation.step;

export default scenario({
  name: 'mine',
  title: 'my own',
  expected: { survives: 'It must.' },
  steps: [
    step('migrate', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: true });
    }),
    check('looks', 'residue', looks),
  ],
});
`;

async function errorOf(name: string): Promise<Error> {
  const error: unknown = await loadScenario(name).then(
    () => 'it was loaded',
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(UsageError);
  return error as UsageError;
}

describe('the shipped scenarios', () => {
  it('are all files of the folder, in order', async () => {
    const files = (await readdir(join(packageRoot(), 'scenarios'))).map((file) => file.replace(/\.ts$/, ''));
    expect(await shippedScenarios()).toEqual(files.sort());
    expect(files).toContain('rollback-remigrate');
  });

  it('load by name, have that name, and say what is expected', async () => {
    for (const name of await shippedScenarios()) {
      const loaded = await loadScenario(name);
      expect(loaded).toMatchObject({ kind: 'scenario', name });
      expect(loaded.title).not.toBe('');
      expect(loaded.expected.survives).not.toBe('');
    }
  });

  it('are listed for an unknown name, and the most similar name is suggested', async () => {
    const { message } = await errorOf('rollback-remigrat');
    expect(message).toContain('There is no scenario "rollback-remigrat". Did you mean rollback-remigrate?');
    for (const name of await shippedScenarios()) expect(message).toContain(name);
  });
});

describe("a user's own scenario", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'remigrate-load-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function file(text: string, name = 'mine.scenario.ts'): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  }

  it('is TypeScript that imports from remigrate, anywhere on the machine', async () => {
    const loaded = await loadScenario(await file(MINE));
    expect(loaded).toMatchObject({ kind: 'scenario', name: 'mine' });
    expect(loaded.steps.map(({ kind, name }) => [kind, name])).toEqual([
      ['step', 'migrate'],
      ['check', 'looks'],
    ]);
  });

  it('may be JavaScript', async () => {
    const text = MINE.replace(', type Observation', '').replace(/\(observation: .*/, '() => undefined;');
    await expect(loadScenario(await file(text, 'mine.mjs'))).resolves.toMatchObject({ name: 'mine' });
  });

  it('may be given by a relative path', async () => {
    const path = relative(process.cwd(), await file(MINE));
    await expect(loadScenario(path)).resolves.toMatchObject({ name: 'mine' });
  });

  it('may import a file of its own', async () => {
    await file("export const title: string = 'from elsewhere';", 'words.ts');
    const text = `import { title } from './words.js';\n${MINE.replace("'my own'", 'title')}`;
    await expect(loadScenario(await file(text))).resolves.toMatchObject({ title: 'from elsewhere' });
  });

  it('that does not exist is named with its whole path', async () => {
    const path = join(folder, 'none.ts');
    expect((await errorOf(path)).message).toBe(`There is no scenario file ${path}.`);
  });

  it('cannot be a folder', async () => {
    expect((await errorOf(`${folder}/`)).message).toContain('There is no scenario file');
  });

  it('with a syntax error says where', async () => {
    const path = await file(MINE.replace('steps: [', 'steps: [['));
    const { message } = await errorOf(path);
    expect(message).toContain(`The scenario file ${path} cannot be loaded: `);
    expect(message).toMatch(/\(\d+:\d+\)|:\d+/);
  });

  it('that imports a missing package names it', async () => {
    const { message } = await errorOf(await file(`import 'no-such-package-of-mine';\n${MINE}`));
    expect(message).toContain('no-such-package-of-mine');
  });

  it('that throws while it is loaded is refused with that error', async () => {
    const { message } = await errorOf(await file(MINE.replace("check('looks'", "check('migrate'")));
    expect(message).toContain('scenario mine has two steps named "migrate"');
  });

  it('is known by its file, for messages', async () => {
    const path = await file(MINE);
    expect((await loadScenario(path)).file).toBe(path);
  });

  it.each([
    ['a name with a path', "{ kind: 'scenario', name: '../evil' }", '"../evil" is not a valid scenario name'],
    ['no name', "{ kind: 'scenario' }", 'undefined is not a valid scenario name'],
    ['nothing else', "{ kind: 'scenario', name: 'mine' }", '→ at steps'],
    [
      'no steps',
      "{ kind: 'scenario', name: 'mine', title: 'a', expected: { survives: 'b' }, steps: [] }",
      'scenario mine has no steps',
    ],
  ])('that was not made by scenario() is checked, and refused for %s', async (_what, exported, message) => {
    const path = await file(`export default ${exported};`);
    const error = await errorOf(path);
    expect(error.message).toContain(`The scenario file ${path}: `);
    expect(error.message).toContain(message);
  });

  it.each([
    ['has no default export', MINE.replace('export default', 'export const mine =')],
    ['exports something else', 'export default { name: "mine", steps: [] };'],
    ['exports a number', 'export default 7;'],
    ['is empty', ''],
  ])('that %s is refused, and the error says what it must export', async (_what, text) => {
    const path = await file(text);
    expect((await errorOf(path)).message).toBe(
      `${path} does not export a scenario. Its default export must be what scenario({ ... }) of "remigrate" returns.`,
    );
  });
});
