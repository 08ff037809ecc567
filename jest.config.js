import { availableParallelism } from 'node:os';
import { testFilesOf } from './test/tiers.js';

const common = {
  rootDir: '.',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  // The package name in the build's copy of package.json must not shadow the sources.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^remigrate$': '<rootDir>/src/index.ts',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
};

/** Where the tests run: `containers` and `kubernetes` need Docker or kind, and take minutes. The npm scripts set it. */
const where = process.env.REMIGRATE_TESTS_ON ?? 'machine';

const FOLDERS = {
  machine: ['unit', 'conformance', 'integration', 'scenarios'],
  containers: ['containers'],
  kubernetes: ['kubernetes'],
};
const folders = FOLDERS[where];
if (folders === undefined)
  throw new Error(`REMIGRATE_TESTS_ON is ${where}: it must be one of ${Object.keys(FOLDERS)}.`);

const extra = {
  containers: { globalSetup: '<rootDir>/test/containers/global-setup.mjs' },
  kubernetes: {
    globalSetup: '<rootDir>/test/kubernetes/global-setup.mjs',
    globalTeardown: '<rootDir>/test/kubernetes/global-teardown.mjs',
    setupFiles: ['<rootDir>/test/kubernetes/worker-cluster.mjs'],
  },
};

const { run } = testFilesOf(folders, process.env.REMIGRATE_TESTS);

/** @type {import('jest').Config} */
export default {
  // Tests with JVMs and processes mostly wait: use one worker more than there are cores.
  maxWorkers: availableParallelism() + 1,
  // A deadline for tests that hang. On a busy machine, a test that starts processes can be slow.
  testTimeout: 20_000,
  reporters: ['default', ['<rootDir>/test/deep-files-reporter.js', { folders }]],
  projects: folders.map((folder) => ({
    ...common,
    ...extra[folder],
    displayName: folder,
    testMatch: run.filter((file) => file.startsWith(`${folder}/`)).map((file) => `<rootDir>/test/${file}`),
  })),
};
