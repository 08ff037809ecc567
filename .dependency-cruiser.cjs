/**
 * Who may import whom: imports point one way, down the list MAY_IMPORT. A scenario cannot know where it runs, an
 * invariant cannot know what it is evaluated for, an inspection cannot reach what acts on clusters, and no two
 * environments can come to lean on each other. Type-only imports count: a type is knowledge too.
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

/**
 * What each part may import, beside its own modules. A part that is not named in a list is forbidden there, so that a
 * part which comes later is forbidden until somebody decides. From the bottom up.
 */
const MAY_IMPORT = {
  waiting: { parts: ['errors.ts'], why: 'Waiting is the same for whatever is waited for.' },
  kubernetes: { parts: LEAVES, why: 'One API server, whatever is installed in it.' },
  metadata: { parts: LEAVES, why: 'What Kafka keeps, whoever asks, and whatever operates the cluster.' },
  distribution: { parts: LEAVES, why: 'Where Java and Kafka come from, whatever is run with them.' },
  strimzi: {
    parts: ['kubernetes', 'metadata', ...LEAVES],
    why: "Strimzi's vocabulary, the same for real and replayed.",
  },
  journal: {
    parts: ['metadata', 'strimzi', ...LEAVES],
    why: 'The vocabulary of a run: it knows states and znodes, and nobody who acts.',
  },
  witness: { parts: ['journal', 'metadata', 'strimzi', ...LEAVES], why: 'It observes, whoever acts.' },
  comparison: { parts: ['journal', 'strimzi', ...LEAVES], why: 'Two journals side by side, wherever they come from.' },
  reports: {
    parts: ['comparison', 'journal', 'metadata', 'strimzi', ...LEAVES],
    why: 'A report comes from journals alone.',
  },
  invariants: { parts: ['journal', 'metadata', 'strimzi', ...LEAVES], why: 'What judges is the same whoever acts.' },
  inspection: {
    parts: ['kubernetes', 'metadata', 'strimzi', 'errors.ts', 'waiting'],
    why: 'It looks at real clusters, without a run, and without the files of this package.',
  },
  cluster: {
    parts: ['journal', 'metadata', 'strimzi', ...LEAVES],
    why: 'Gestures and the interfaces of those who act.',
  },
  operator: {
    parts: ['cluster', 'journal', 'strimzi', ...LEAVES],
    why: 'It knows the nodes that it is given, wherever.',
  },
  scenario: {
    parts: ['cluster', 'invariants', 'journal', 'metadata', 'strimzi', ...LEAVES],
    why: 'The runner has a Cluster and its gestures. What carries them out is chosen by the harness.',
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
    why: 'An environment carries out gestures and writes the journal. It judges nothing, and does not know who asked.',
  },
};

/** Folders of src/environments that are no environment, but shared by them. Any other folder there is taken for one. */
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

/** A rule that names what is forbidden. */
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
      comment: 'What two environments share stands beside them in src/environments, or in a part below.',
      from: { path: '^src/environments/([^/]+)/' },
      to: { path: `^src/environments/(?!${SHARED_BY_ENVIRONMENTS})[^/]+/`, pathNot: '^src/environments/$1/' },
    },
    {
      name: 'operator-takes-a-journal',
      severity: 'error',
      comment: 'The replayed operator gets its journal from the environment: of src/journal it may import types only.',
      from: { path: parts('operator') },
      to: { path: parts('journal'), dependencyTypesNot: ['type-only'] },
    },
    neverImports(
      'leaves-import-nothing',
      '^src/(errors|package-root)\\.ts$',
      OURS,
      'Every part may import the leaves, so they can import no part.',
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
