import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const CHECKER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const CONFIGURATION = join(ROOT, '.dependency-cruiser.cjs');
const FIXTURE = join(ROOT, 'test/fixtures/boundaries');
/** Reading a source tree takes a second, or longer on a busy machine. */
const TIMEOUT = 120_000;

interface Cruise {
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly module: string; readonly resolved: string }[];
  }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
}

/** Runs the checker as `npm run lint` does, on the source tree in `folder`. */
function cruise(folder: string, ...paths: string[]): Cruise {
  const run = spawnSync(process.execPath, [CHECKER, '--config', CONFIGURATION, '--output-type', 'json', ...paths], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.stdout === '') throw new Error(`dependency-cruiser printed nothing: ${run.error?.message ?? run.stderr}`);
  return JSON.parse(run.stdout) as Cruise;
}

/** `src/journal/clean.ts` and its neighbours -> `journal`; `src/errors.ts` -> `errors`. */
function partOf(path: string): string {
  return path.replace(/^src\//, '').replace(/\/[^/]*$|\.ts$/, '');
}

describe('the import boundaries of this tree', () => {
  let tree: Cruise;
  beforeAll(() => {
    tree = cruise(ROOT, 'src', 'scenarios');
  }, TIMEOUT);

  it('are not violated', () => {
    expect(tree.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
  });

  it('are checked in the sources, with their imports resolved', () => {
    const journal = tree.modules.find(({ source }) => source === 'src/journal/journal.ts');
    expect(journal?.dependencies).toContainEqual(
      expect.objectContaining({ module: './events.js', resolved: 'src/journal/events.ts' }),
    );
  });
});

describe('the boundary check', () => {
  let violations: Cruise['summary']['violations'];
  beforeAll(() => {
    violations = cruise(FIXTURE, 'src', 'scenarios').summary.violations;
  }, TIMEOUT);

  /** What each part may import, repeated here independently of the configuration, from the top down. */
  const ENVIRONMENT = [
    'cluster',
    'distribution',
    'journal',
    'kubernetes',
    'metadata',
    'operator',
    'strimzi',
    'witness',
  ];
  const SHARED = ['environments/guardian', 'environments/replayed'];
  const LEAVES = ['errors', 'folders', 'package-root', 'waiting'];
  const ALLOWED: Readonly<Record<string, readonly string[] | 'everything'>> = {
    cli: 'everything',
    'environments/containers': [...ENVIRONMENT, ...SHARED, ...LEAVES],
    'environments/guardian': [...ENVIRONMENT, 'environments/replayed', ...LEAVES],
    'environments/kubernetes': [...ENVIRONMENT, ...SHARED, ...LEAVES],
    'environments/local': [...ENVIRONMENT, ...SHARED, ...LEAVES],
    'environments/replayed': [...ENVIRONMENT, 'environments/guardian', ...LEAVES],
    scenario: ['cluster', 'invariants', 'journal', 'metadata', 'strimzi', ...LEAVES],
    operator: ['cluster', 'journal', 'strimzi', ...LEAVES],
    cluster: ['journal', 'metadata', 'strimzi', ...LEAVES],
    inspection: ['kubernetes', 'metadata', 'strimzi', 'errors', 'waiting'],
    invariants: ['journal', 'metadata', 'strimzi', ...LEAVES],
    reports: ['comparison', 'journal', 'metadata', 'strimzi', ...LEAVES],
    comparison: ['journal', 'strimzi', ...LEAVES],
    witness: ['journal', 'metadata', 'strimzi', ...LEAVES],
    journal: ['metadata', 'strimzi', ...LEAVES],
    strimzi: ['kubernetes', 'metadata', ...LEAVES],
    metadata: LEAVES,
    kubernetes: LEAVES,
    distribution: LEAVES,
    waiting: ['errors'],
  };
  const PARTS = [...Object.keys(ALLOWED), 'errors', 'folders', 'harness', 'jest', 'package-root'];

  it.each(Object.entries(ALLOWED))(
    'allows %s to import the parts below it, and no type of any other part',
    (part, allowed) => {
      const refused = violations
        .filter(({ from }) => from === `src/${part}/imports-all.ts`)
        .map(({ to }) => partOf(to));
      const forbidden = PARTS.filter((other) => other !== part && allowed !== 'everything' && !allowed.includes(other));
      expect([...new Set(refused)].sort()).toEqual(forbidden.sort());
    },
  );

  it('knows every part of this tree', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const known = new Set(PARTS.map((part) => part.split('/')[0]));
    expect(folders.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
  });

  it.each([
    ['operator-takes-a-journal', 'src/operator/imports-a-value.ts', 'src/journal/clean.ts'],
    ['scenario-imports-from-below', 'src/scenario/imports-late.ts', 'src/environments/local/clean.ts'],
    ['scenario-imports-from-below', 'src/scenario/imports-inline-type.ts', 'src/environments/local/clean.ts'],
    ['leaves-import-nothing', 'src/package-root.ts', 'src/cluster/clean.ts'],
    ['scenarios-import-remigrate', 'scenarios/imports-internals.ts', 'src/cluster/clean.ts'],
    ['scenarios-import-remigrate', 'scenarios/imports-node.ts', 'fs/promises'],
    ['scenarios-import-by-name', 'scenarios/imports-by-path.ts', 'src/index.ts'],
    ['src-ships-alone', 'src/cli/imports-bench.ts', 'bench/clean.ts'],
    ['no-unresolvable-module-of-ours', 'src/cli/imports-what-is-not-there.ts', './not-there.js'],
    ['no-cycles', 'src/journal/cycle-a.ts', 'src/journal/cycle-b.ts'],
  ])('reports %s for %s', (rule, from, to) => {
    expect(violations.map((violation) => [violation.rule.name, violation.from, violation.to])).toContainEqual([
      rule,
      from,
      to,
    ]);
  });

  it('does not report allowed imports', () => {
    const innocent = /\/clean\.ts$|^src\/(index|errors)\.ts$|^src\/cli\/imports-all\.ts$/;
    expect(violations.filter(({ from }) => innocent.test(from))).toEqual([]);
  });

  it('has only rules that the fixture violates', () => {
    const configuration = createRequire(import.meta.url)(CONFIGURATION) as {
      readonly forbidden: readonly { readonly name: string; readonly severity: string }[];
    };
    const rules = configuration.forbidden;
    expect(new Set(violations.map(({ rule }) => rule.name))).toEqual(new Set(rules.map(({ name }) => name)));
    expect(rules.filter(({ severity }) => severity !== 'error')).toEqual([]);
  });
});
