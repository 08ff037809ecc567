const common = {
  rootDir: '.',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  // The build's copy of package.json's name must not shadow the sources.
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

/** @type {import('jest').Config} */
export default {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    { ...common, displayName: 'conformance', testMatch: ['<rootDir>/test/conformance/**/*.test.ts'] },
    { ...common, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.test.ts'] },
    { ...common, displayName: 'scenarios', testMatch: ['<rootDir>/test/scenarios/**/*.test.ts'] },
    // They need Docker and kind, and minutes: `npm run test:kubernetes`.
    ...(process.env.REMIGRATE_KUBERNETES === undefined
      ? []
      : [
          {
            ...common,
            displayName: 'kubernetes',
            testMatch: ['<rootDir>/test/kubernetes/**/*.test.ts'],
            globalSetup: '<rootDir>/test/kubernetes/global-setup.mjs',
            globalTeardown: '<rootDir>/test/kubernetes/global-teardown.mjs',
            setupFiles: ['<rootDir>/test/kubernetes/worker-cluster.mjs'],
          },
        ]),
    // They need Docker, and minutes: `npm run test:containers`.
    ...(process.env.REMIGRATE_CONTAINERS === undefined
      ? []
      : [
          {
            ...common,
            displayName: 'containers',
            testMatch: ['<rootDir>/test/containers/**/*.test.ts'],
            globalSetup: '<rootDir>/test/containers/global-setup.mjs',
          },
        ]),
  ],
};
