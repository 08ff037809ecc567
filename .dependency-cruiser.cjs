/**
 * What each part may import. Imports point one way, down the list MAY_IMPORT: a scenario does not know where it runs,
 * an invariant does not know what it is evaluated for, an inspection cannot use code that changes clusters, and
 * environments do not depend on each other. Type-only imports count as imports.
 *
 * `test/unit/boundaries.test.ts` violates each of these rules once (test/fixtures/boundaries) and fails if a rule does
 * not report its violation.
 */

/** The code of this repository, as opposed to Node's modules and npm packages, which any part may use. */
const OURS = '^(src|scenarios|test|bench)/';

/** A regular expression for parts of src/: a folder name, or the file name of a single module. */
function parts(...names) {
  const alternatives = names.map((name) => (name.endsWith('.ts') ? `${name.replaceAll('.', '\\.')}$` : `${name}/`));
  return `^src/(${alternatives.join('|')})`;
}

/** Leaves that every part may import. */
const LEAVES = ['errors.ts', 'folders.ts', 'package-root.ts', 'waiting'];

/**
 * What each part may import, besides its own modules, from the bottom up. All other parts are forbidden, including
 * parts that are added later.
 */
const MAY_IMPORT = {
  waiting: { parts: ['errors.ts'], why: 'Waiting does not depend on what is waited for.' },
  kubernetes: { parts: LEAVES, why: 'It knows one API server, not what is installed in it.' },
  metadata: { parts: LEAVES, why: 'It reads what Kafka stores. It does not depend on what operates the cluster.' },
  distribution: { parts: LEAVES, why: 'It provides Java and Kafka. It does not depend on what is run with them.' },
  strimzi: {
    parts: ['kubernetes', 'metadata', ...LEAVES],
    why: "Strimzi's vocabulary is the same for real and replayed operators.",
  },
  journal: {
    parts: ['metadata', 'strimzi', ...LEAVES],
    why: 'It is the vocabulary of a run: it knows states and znodes, but nothing that changes a cluster.',
  },
  witness: { parts: ['journal', 'metadata', 'strimzi', ...LEAVES], why: 'It only observes.' },
  comparison: { parts: ['journal', 'strimzi', ...LEAVES], why: 'It compares two journals from any source.' },
  reports: {
    parts: ['comparison', 'journal', 'metadata', 'strimzi', ...LEAVES],
    why: 'Reports are made only from journals.',
  },
  invariants: {
    parts: ['journal', 'metadata', 'strimzi', ...LEAVES],
    why: 'The checks are the same in every environment.',
  },
  inspection: {
    parts: ['kubernetes', 'metadata', 'strimzi', 'errors.ts', 'waiting'],
    why: 'It reads real clusters, without a run, and without the files of this package.',
  },
  cluster: {
    parts: ['journal', 'metadata', 'strimzi', ...LEAVES],
    why: 'It defines the gestures and the interfaces of environments.',
  },
  operator: {
    parts: ['cluster', 'journal', 'strimzi', ...LEAVES],
    why: 'It does not know where its nodes run.',
  },
  scenario: {
    parts: ['cluster', 'invariants', 'journal', 'metadata', 'strimzi', ...LEAVES],
    why: 'The runner knows a Cluster and its gestures. The harness chooses what carries them out.',
  },
  environments: {
    parts: [
      'cluster',
      'distribution',
      'journal',
      'kubernetes',
      'metadata',
      'operator',
      'strimzi',
      'witness',
      ...LEAVES,
    ],
    why: 'An environment carries out gestures and writes the journal. It judges nothing, and does not know its caller.',
  },
};

/** Folders of src/environments that environments share. Every other folder there is an environment. */
const SHARED_BY_ENVIRONMENTS = '(?:guardian|replayed)/';

function onlyImports(part, { parts: allowed, why }) {
  return {
    name: `${part}-imports-from-below`,
    severity: 'error',
    comment: why,
    from: { path: parts(part) },
    to: { path: OURS, pathNot: parts(part, ...allowed) },
  };
}

/** A rule that forbids imports from given paths. */
function neverImports(name, from, forbidden, comment) {
  return { name, severity: 'error', comment, from: { path: from }, to: { path: forbidden } };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(MAY_IMPORT).map(([part, rule]) => onlyImports(part, rule)),
    {
      name: 'environments-apart',
      severity: 'error',
      comment: 'Code that environments share is in a file of src/environments, in a shared folder, or in a part below.',
      from: { path: '^src/environments/([^/]+)/' },
      to: { path: `^src/environments/(?!${SHARED_BY_ENVIRONMENTS})[^/]+/`, pathNot: '^src/environments/$1/' },
    },
    {
      name: 'operator-takes-a-journal',
      severity: 'error',
      comment:
        'The replayed operator gets its journal from the environment: it may import only types from src/journal.',
      from: { path: parts('operator') },
      to: { path: parts('journal'), dependencyTypesNot: ['type-only'] },
    },
    neverImports(
      'leaves-import-nothing',
      '^src/(errors|folders|package-root)\\.ts$',
      OURS,
      'Every part may import the leaves, so they may import no part.',
    ),
    neverImports(
      'nothing-imports-the-cli',
      '^src/(?!cli/)',
      parts('cli'),
      'The command line puts the parts together. No other part may depend on it.',
    ),
    neverImports(
      'nothing-imports-the-harness',
      '^src/(?!(cli|jest|harness)/)',
      parts('harness', 'jest'),
      'It puts the parts together for the command line and for Jest. No other part may depend on it.',
    ),
    {
      name: 'scenarios-import-remigrate',
      severity: 'error',
      comment: "A shipped scenario is like a user's own: it uses only the public package.",
      from: { path: '^scenarios/' },
      to: { pathNot: '^src/index\\.ts$' },
    },
    {
      name: 'scenarios-import-by-name',
      severity: 'error',
      comment: "A scenario uses `import ... from 'remigrate'`, so that a copy of it works in a user's own project.",
      from: { path: '^scenarios/' },
      to: { path: '^src/index\\.ts$', dependencyTypesNot: ['aliased'] },
    },
    neverImports(
      'src-ships-alone',
      '^src/',
      '^(scenarios|test|bench)/',
      'Published code cannot import code that is not published. Scenarios are loaded by path.',
    ),
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Modules that import values or types from each other are really one module.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable-module-of-ours',
      severity: 'error',
      comment: 'An import that cannot be resolved cannot be checked. (Optional npm packages may be absent.)',
      from: {},
      to: { couldNotResolve: true, path: '^(\\.|remigrate$)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Compilation removes type-only imports: check them before it.
    tsPreCompilationDeps: true,
    // Resolved from the working directory: the test's fixture tree has its own file.
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
