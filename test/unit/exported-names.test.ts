import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { packageRoot } from '../../src/package-root.js';

const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:class|interface|type|function\*?|const|enum) (?<name>\w+)/gm;

/** The modules that declare each exported name. Exporting a name again from another module declares nothing. */
function modulesByName(sources: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const modules = new Map<string, string[]>();
  for (const [module, text] of sources) {
    // A function may have several signatures.
    const names = new Set([...text.matchAll(DECLARATION)].map(({ groups }) => groups?.name ?? ''));
    for (const name of names) modules.set(name, [...(modules.get(name) ?? []), module]);
  }
  return modules;
}

function ambiguous(sources: ReadonlyMap<string, string>): readonly string[] {
  return [...modulesByName(sources)]
    .filter(([, modules]) => modules.length > 1)
    .map(([name, modules]) => `${name}: ${modules.join(', ')}`);
}

function sourcesOf(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

it('an exported name has one meaning', () => {
  const sources = sourcesOf(join(packageRoot(), 'src'));
  expect(modulesByName(sources).get('runScenario')).toEqual(['scenario/runner.ts']);
  expect(ambiguous(sources)).toEqual([]);
});

it('a name with two meanings is found', () => {
  const sources = new Map([
    [
      'a.ts',
      'export interface Pool {}\nexport function read(a: string): void;\nexport function read(a: number): void;',
    ],
    ['b.ts', 'export type Pool = string;\nexport { read } from "./a.js";'],
  ]);
  expect(ambiguous(sources)).toEqual(['Pool: a.ts, b.ts']);
});
