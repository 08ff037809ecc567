import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../src/package-root.js';
import { type Mutant, mutated } from './mutants.js';

/**
 * Whether TypeScript accepts a mutant: `npm run typecheck` is a test, too. It notices, for example, that a check for
 * undefined is missing. Names that are not used any more do not count.
 */
export class TypeCheck {
  #mutant: { readonly path: string; readonly text: string; readonly version: number } | undefined;
  #versions = 0;
  readonly #service: ts.LanguageService;

  constructor() {
    const config = join(packageRoot(), 'tsconfig.json');
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(config, ts.sys.readFile).config,
      ts.sys,
      dirname(config),
    );
    const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => ({ ...options, noUnusedLocals: false, noUnusedParameters: false }),
      // With what it imports.
      getScriptFileNames: () => (this.#mutant === undefined ? [] : [this.#mutant.path]),
      getScriptVersion: (path) => (this.#mutant?.path === path ? `${this.#mutant.version}` : '0'),
      getScriptSnapshot: (path) => {
        const text = this.#mutant?.path === path ? this.#mutant.text : read(path);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: packageRoot,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
  }

  rejects(mutant: Mutant): boolean {
    const path = join(packageRoot(), mutant.file);
    this.#versions += 1;
    this.#mutant = { path, text: mutated(readFileSync(path, 'utf8'), mutant), version: this.#versions };
    return [...this.#service.getSyntacticDiagnostics(path), ...this.#service.getSemanticDiagnostics(path)].length > 0;
  }
}
