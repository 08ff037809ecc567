import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { closest } from 'fastest-levenshtein';
import { createJiti } from 'jiti';
import { messageOf, UsageError } from '../errors.js';
import { checkedScenario, type Scenario } from './scenario.js';

const HERE = fileURLToPath(import.meta.url);
/** `.ts` in the sources, `.js` in the build: the shipped scenarios are compiled, too. */
const EXTENSION = extname(HERE);
const SHIPPED = join(dirname(HERE), '../../scenarios');
const INDEX = join(dirname(HERE), `../index${EXTENSION}`);

/** Names of the shipped scenarios, in order. */
export async function shippedScenarios(): Promise<readonly string[]> {
  return (await readdir(SHIPPED))
    .filter((file) => file.endsWith(EXTENSION) && !file.endsWith('.d.ts'))
    .map((file) => file.slice(0, -EXTENSION.length))
    .sort();
}

/**
 * Loads a shipped scenario by its name, or a user's own from a file (`my.scenario.ts`), which imports from `remigrate`.
 * @throws UsageError when the scenario does not exist, or the file cannot be loaded or does not export a scenario.
 */
export async function loadScenario(nameOrFile: string): Promise<Scenario> {
  if (looksLikeFile(nameOrFile)) return loadFile(isAbsolute(nameOrFile) ? nameOrFile : resolve(nameOrFile));
  const names = await shippedScenarios();
  if (!names.includes(nameOrFile)) {
    throw new UsageError(
      `There is no scenario "${nameOrFile}". Did you mean ${closest(nameOrFile, [...names])}? Available scenarios: ${names.join(', ')}. To run a file of your own, give its path.`,
    );
  }
  const module = (await import(pathToFileURL(join(SHIPPED, `${nameOrFile}${EXTENSION}`)).href)) as {
    default: Scenario;
  };
  return module.default;
}

function looksLikeFile(text: string): boolean {
  return /[\\/]|\.[cm]?[jt]s$/.test(text);
}

async function loadFile(file: string): Promise<Scenario> {
  if (!existsSync(file) || !statSync(file).isFile()) throw new UsageError(`There is no scenario file ${file}.`);
  const jiti = createJiti(HERE, { alias: { remigrate: INDEX }, moduleCache: true, fsCache: false });
  let exported: unknown;
  try {
    exported = await jiti.import(file, { default: true });
  } catch (error) {
    throw new UsageError(`The scenario file ${file} cannot be loaded: ${messageOf(error)}`, { cause: error });
  }
  let checked: Scenario | undefined;
  try {
    checked = checkedScenario(exported);
  } catch (error) {
    throw new UsageError(`The scenario file ${file}: ${messageOf(error)}`, { cause: error });
  }
  if (checked === undefined) {
    throw new UsageError(
      `${file} does not export a scenario. Its default export must be what scenario({ ... }) of "remigrate" returns.`,
    );
  }
  return { ...checked, file };
}
