import { relative } from 'node:path';
import swc from '@swc/jest';

/**
 * Compiles as the other tests do, with a mutant in one of the files.
 *
 * @param {{ swc: object, mutant?: { file: string, start: number, end: number, replacement: string } }} options
 */
export default {
  createTransformer({ swc: options, mutant }) {
    const plain = swc.createTransformer(options);
    const isMutated = (file, { config }) => mutant !== undefined && relative(config.rootDir, file) === mutant.file;
    const change = (text) => text.slice(0, mutant.start) + mutant.replacement + text.slice(mutant.end);
    return {
      canInstrument: false,
      // The key does not depend on Jest's configuration, which names the mutant: one cache for all unchanged files.
      getCacheKey: (text, file, { supportsStaticESM, config }) => {
        const mine = isMutated(file, { config }) ? change(text) : text;
        return plain.getCacheKey(mine, file, {
          config: { rootDir: config.rootDir },
          configString: JSON.stringify(options),
          instrument: false,
          supportsStaticESM,
        });
      },
      process: (text, file, context) => plain.process(isMutated(file, context) ? change(text) : text, file, context),
      processAsync: (text, file, context) =>
        plain.processAsync(isMutated(file, context) ? change(text) : text, file, context),
    };
  },
};
