import { testFilesOf } from './tiers.js';

/** Lists the deep test files that were not run, so that a partial run is not mistaken for a complete one. */
export default class DeepFilesReporter {
  #options;

  /**
   * @param {unknown} _globalConfig
   * @param {{ folders: readonly string[] }} options
   */
  constructor(_globalConfig, options) {
    this.#options = options;
  }

  /** @param {Set<{ config: { displayName?: { name: string } } }>} contexts of the projects that were run */
  onRunComplete(contexts) {
    const run = new Set([...contexts].map(({ config }) => config.displayName?.name));
    const folders = this.#options.folders.filter((folder) => run.has(folder));
    const { deepNotRun } = testFilesOf(folders, process.env.REMIGRATE_TESTS);
    if (deepNotRun.length === 0) return;
    process.stderr.write(
      [
        '',
        `Not run: ${deepNotRun.length} deep test files (to run all: REMIGRATE_TESTS=all, or npm run test:all)`,
        ...deepNotRun.map((file) => `  test/${file}`),
        '',
      ].join('\n'),
    );
  }
}
