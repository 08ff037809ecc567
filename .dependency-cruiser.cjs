/**
 * Who may import whom. The order of knowledge is `cli -> scenario -> cluster <- environments -> operator, metadata`:
 * a scenario cannot know where it runs, an invariant cannot know what it is evaluated for, and no two environments can
 * come to lean on each other. Type-only imports count: a type is knowledge too.
 *
 * `test/unit/boundaries.test.ts` breaks each of these rules once (test/fixtures/boundaries) and fails if one stays silent.
 */

/** Everything of ours, as opposed to Node's modules and npm packages, which any part may use. */
const OURS = '^(src|scenarios|test|bench)/';

/** A regular expression for parts of src/: a folder by its name, a single module by its file name. */
function parts(...names) {
  const alternatives = names.map((name) => (name.endsWith('.ts') ? `${name.replaceAll('.', '\\.')}$` : `${name}/`));
  return `^src/(${alternatives.join('|')})`;
}

/** Leaves that every part may import. */
const LEAVES = ['errors.ts', 'package-root.ts', 'waiting'];

/** Folders of src/environments that are no environment, but shared by them. Any other folder there is taken for one. */
const SHARED_BY_ENVIRONMENTS = '(?:guardian|replayed)/';

/** A rule that names what is allowed, so that a part which comes later is forbidden until somebody decides. */
function onlyImports(name, part, allowed, comment) {
  return {
    name,
    severity: 'error',
    comment,
    from: { path: parts(part) },
    to: { path: OURS, pathNot: parts(part, ...allowed) },
  };
}

/** A rule that names what is forbidden. */
function neverImports(name, from, forbidden, comment) {
  return { name, severity: 'error', comment, from: { path: from }, to: { path: forbidden } };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    neverImports(
      'scenario-knows-gestures-only',
      parts('scenario'),
      parts('environments', 'operator', 'distribution', 'cli'),
      'The scenario runner has a Cluster and its gestures. What carries them out is chosen by the command line.',
    ),
    onlyImports(
      'environments-build-from-parts',
      'environments',
      ['cluster', 'operator', 'metadata', 'journal', 'witness', 'distribution', ...LEAVES],
      'An environment carries out gestures and writes the journal. It judges nothing, and does not know who asked.',
    ),
    {
      name: 'environments-apart',
      severity: 'error',
      comment: 'What two environments share stands beside them in src/environments, or in a part below.',
      from: { path: '^src/environments/([^/]+)/' },
      to: { path: `^src/environments/(?!${SHARED_BY_ENVIRONMENTS})[^/]+/`, pathNot: '^src/environments/$1/' },
    },
    onlyImports(
      'operator-plans-and-executes',
      'operator',
      ['cluster', 'journal', ...LEAVES],
      'The replayed operator knows states, profiles and the nodes it is given, in no matter which environment.',
    ),
    {
      name: 'operator-takes-a-journal',
      severity: 'error',
      comment: 'The replayed operator gets its journal from the environment: of src/journal it may import types only.',
      from: { path: parts('operator') },
      to: { path: parts('journal'), dependencyTypesNot: ['type-only'] },
    },
    neverImports(
      'observers-know-no-actors',
      parts('metadata', 'invariants', 'journal', 'witness', 'distribution'),
      parts('environments', 'scenario', 'operator', 'cli'),
      'What observes and judges must be the same whoever acts, and wherever.',
    ),
    onlyImports(
      'cluster-is-below-all',
      'cluster',
      ['errors.ts', 'journal'],
      'Gestures and states are the vocabulary of all other parts; what an environment tells, it tells the journal.',
    ),
    neverImports(
      'leaves-import-nothing',
      '^src/(errors|package-root)\\.ts$',
      OURS,
      'Every part may import the leaves, so they can import no part.',
    ),
    onlyImports(
      'waiting-knows-errors-only',
      'waiting',
      ['errors.ts'],
      'Waiting is the same for whatever is waited for.',
    ),
    neverImports(
      'nothing-imports-the-cli',
      '^src/(?!cli/)',
      parts('cli'),
      'The command line puts the parts together. Nothing else knows that it exists.',
    ),
    neverImports(
      'nothing-imports-the-harness',
      '^src/(?!(cli|jest|harness)/)',
      parts('harness', 'jest'),
      'It puts the parts together for the command line and for Jest. No part knows what it is a part of.',
    ),
    {
      name: 'scenarios-import-remigrate',
      severity: 'error',
      comment: "A shipped scenario is what a user's own would be: it has the public package and nothing else.",
      from: { path: '^scenarios/' },
      to: { pathNot: '^src/index\\.ts$' },
    },
    {
      name: 'scenarios-import-by-name',
      severity: 'error',
      comment: "A scenario says `import ... from 'remigrate'`, so that a copy of it works in a user's own project.",
      from: { path: '^scenarios/' },
      to: { path: '^src/index\\.ts$', dependencyTypesNot: ['aliased'] },
    },
    neverImports(
      'src-ships-alone',
      '^src/',
      '^(scenarios|test|bench)/',
      'What is published cannot import what is not, and scenarios are loaded by path.',
    ),
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Modules that import each other, by values or by types, are one module in several files.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable-module-of-ours',
      severity: 'error',
      comment: 'What cannot be resolved cannot be checked. (Optional npm packages may be absent.)',
      from: {},
      to: { couldNotResolve: true, path: '^(\\.|remigrate$)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Type-only imports vanish in compilation: look before it.
    tsPreCompilationDeps: true,
    // Resolved from the working folder: the fixture tree of the test has its own.
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
