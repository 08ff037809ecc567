/*
 * Runs the unit and conformance tests with other versions of Node.js than the one that runs this file. The npm package
 * `node` has the binaries. Tests that need the native package `zookeeper` are not run: it is compiled for one version.
 *
 *   node test/node-versions.mjs [--results FOLDER] [MAJOR...]
 *
 * MAJOR is 20, 22 or 24; by default, all of them except the current version. With --results, Jest's result of each
 * version is written to FOLDER/node-MAJOR.json. Exit code 1 if a version cannot be installed or a test fails with it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const SUPPORTED = ['20', '22', '24'];
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROJECTS = ['unit', 'conformance'];
const CURRENT = process.versions.node.split('.')[0];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { results: { type: 'string' } } });
const versions = positionals.length > 0 ? positionals : SUPPORTED.filter((version) => version !== CURRENT);
const unknown = versions.filter((version) => !SUPPORTED.includes(version));
if (unknown.length > 0) throw new Error(`unknown version ${unknown.join(', ')}: use ${SUPPORTED.join(', ')}.`);

console.log(
  'SKIPPED with other versions of Node.js: all test files of integration, scenarios, containers and kubernetes. They ' +
    `need the native package zookeeper, which npm compiles for the installed Node.js (${process.version}) only.`,
);

/** @returns the path of the binary. @throws Error if npm cannot install it. */
function install(version, folder) {
  const { status } = spawnSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', `node@${version}`], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`npm could not install node@${version}: exit code ${status}`);
  return join(folder, 'node_modules/node/bin/node');
}

function runTests(version) {
  const folder = mkdtempSync(join(tmpdir(), 'node-version-'));
  try {
    const node = version === CURRENT ? process.execPath : install(version, folder);
    console.log(`\n==> ${PROJECTS.join(' and ')} tests with Node.js ${version}`);
    const results =
      values.results === undefined ? [] : ['--json', `--outputFile=${join(values.results, `node-${version}.json`)}`];
    const { status } = spawnSync(
      node,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        'node_modules/jest/bin/jest.js',
        '--selectProjects',
        ...PROJECTS,
        ...results,
      ],
      { cwd: ROOT, stdio: 'inherit' },
    );
    return status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const failed = versions.filter((version) => !runTests(version));
if (failed.length > 0) {
  console.error(`\nTests failed with Node.js ${failed.join(' and ')}.`);
  process.exitCode = 1;
}
