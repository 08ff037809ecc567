import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runCLI } from 'jest';
import jestConfig from '../../jest.config.js';

/*
 * Answers, one after the other, whether the tests notice a mutant: reads questions from its standard input, one JSON
 * object on each line, and writes the answers in the same way (protocol.ts). All runs of Jest are in this one process.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TRANSFORMER = fileURLToPath(new URL('transformer.mjs', import.meta.url));

// Every run of Jest adds listeners.
process.setMaxListeners(0);

/** @param {import('./protocol.js').Question} question */
function configurationFor({ mutant, tests }) {
  const unit = jestConfig.projects.find(({ displayName }) => displayName === 'unit');
  if (unit === undefined) throw new Error('jest.config.js has no project "unit"');
  const { displayName: _, transform, ...project } = unit;
  return {
    ...project,
    rootDir: ROOT,
    roots: ['src', 'test', 'scenarios'].map((folder) => join(ROOT, folder)),
    testMatch: tests.map((test) => join(ROOT, test)),
    transform: Object.fromEntries(
      Object.entries(transform).map(([pattern, [, swc]]) => [pattern, [TRANSFORMER, { swc, mutant }]]),
    ),
    testTimeout: jestConfig.testTimeout,
  };
}

/**
 * @param {import('./protocol.js').Question} question
 * @returns {Promise<import('./protocol.js').Answer>}
 */
async function answer(question) {
  const config = JSON.stringify(configurationFor(question));
  const { results } = await runCLI({ config, runInBand: true, silent: true, watchman: false, reporters: [] }, [ROOT]);
  const failed = results.testResults.filter((file) => file.numFailingTests > 0 || file.testExecError !== undefined);
  return {
    files: results.testResults.length,
    failed: failed.map((file) => relative(ROOT, file.testFilePath)),
    message: failed[0]?.failureMessage ?? '',
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
