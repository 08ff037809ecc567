import { testFilesOf } from './tiers.js';

/** Says after a run of jest which deep test files were not part of it, so that nobody takes a part for the whole. */
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
        `Not run: ${deepNotRun.length} deep test files (all of them: REMIGRATE_TESTS=all, or npm run test:all)`,
        ...deepNotRun.map((file) => `  test/${file}`),
        '',
      ].join('\n'),
    );
  }
}
