import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Command, Option } from 'commander';
import ts from 'typescript';
import { INTERNAL_ERROR, PIPE_CLOSED } from '../../src/cli/exit.js';
import { compareJournals } from '../../src/comparison/compare.js';
import { EnvironmentError, UsageError } from '../../src/errors.js';
import { kubectlScriptOf } from '../../src/harness/kubectl-script.js';
import { migrationZnodeAbsent } from '../../src/invariants/migration-znode-absent.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { readJournal } from '../../src/journal/file.js';
import { packageRoot } from '../../src/package-root.js';
import { describeEnding } from '../../src/reports/ending.js';
import { narrate } from '../../src/reports/narration.js';
import { type CodeBlock, type MarkdownDocument, readMarkdown } from '../support/markdown.js';

/** Checks everything in the documents that can be compared with the code. */

const ROOT = packageRoot();
const README_BYTES = 9_000;
const COLUMNS = 120;
/** Reading the sources takes seconds, or longer on a busy machine. */
const TIMEOUT = 120_000;

/** The first sentence of a page in docs/ says who it is for. */
const READER = /^(This page is for|For) /;

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();

const PAGES = filesIn('docs').filter((path) => path.endsWith('.md'));
const DOCUMENTS: ReadonlyMap<string, MarkdownDocument> = new Map(
  ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...PAGES].map((path) => [path, readMarkdown(read(path))]),
);

function document(path: string): MarkdownDocument {
  const found = DOCUMENTS.get(path);
  if (found === undefined) throw new Error(`${path} is not among the documents`);
  return found;
}

/** What `find` returns for each document, as `FILE:LINE: WHAT`. */
function faults(
  find: (path: string, document: MarkdownDocument) => readonly { readonly number: number; readonly what: string }[],
): readonly string[] {
  return [...DOCUMENTS].flatMap(([path, document]) =>
    find(path, document).map(({ number, what }) => `${path}:${number}: ${what}`),
  );
}

/** Lines that a user may type or copy: code spans, and blocks except TypeScript and YAML. A `\` continues a line. */
function commandLines({ codeSpans, code }: MarkdownDocument): readonly { readonly number: number; text: string }[] {
  const shown = code.filter(({ language }) => language === undefined || language === 'sh');
  return [
    ...codeSpans,
    ...shown.flatMap(({ number, lines }) =>
      lines
        .join('\n')
        .replace(/\\\n\s*/g, '')
        .split('\n')
        .map((text) => ({ number, text: text.replace(/^\$ /, '') })),
    ),
  ];
}

describe('the README', () => {
  it(`is at most ${README_BYTES} bytes`, () => {
    expect(Buffer.byteLength(read('README.md'))).toBeLessThanOrEqual(README_BYTES);
  });
});

describe('prose', () => {
  it(`has at most ${COLUMNS} columns`, () => {
    const long = faults((_path, { prose }) =>
      prose
        .filter(({ text }) => text.length > COLUMNS)
        .map(({ number, text }) => ({ number, what: `${text.length} columns` })),
    );
    expect(long).toEqual([]);
  });

  it.each(PAGES)('%s begins with who it is for', (path) => {
    expect(document(path).prose[1]?.text).toMatch(READER);
  });
});

describe('links', () => {
  it('point to files and headings that exist', () => {
    const broken = faults((path, { links }) =>
      links
        .filter(({ target }) => !/^https?:/.test(target) && !leadsSomewhere(path, target))
        .map(({ number, target }) => ({ number, what: target })),
    );
    expect(broken).toEqual([]);
  });

  it('in code and data point to headings of docs/ that exist', () => {
    const broken = ['src', 'test', 'scenarios', 'fixtures', 'bench', '.github', '.ci']
      .flatMap(filesIn)
      .filter((path) => !path.endsWith('.jsonl'))
      .flatMap((path) =>
        [...read(path).matchAll(/docs\/[\w-]+\.md(#[\w-]+)?/g)]
          .map(([target]) => target)
          .filter((target) => !leadsSomewhere('README.md', target))
          .map((target) => `${path}: ${target}`),
      );
    expect(broken).toEqual([]);
  });

  it('name files of the sources that exist', () => {
    const missing = faults((_, { codeSpans }) =>
      codeSpans
        .filter(({ text }) => /^(src|test|scenarios|fixtures|bench|docs|\.ci|\.github)\/[a-z\d./-]*$/.test(text))
        .filter(({ text }) => !existsSync(join(ROOT, text)))
        .map(({ number, text }) => ({ number, what: text })),
    );
    expect(missing).toEqual([]);
  });
});

function leadsSomewhere(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from : join(dirname(from), path);
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || (file.endsWith('.md') && readMarkdown(read(file)).anchors.has(anchor));
}

describe('commands', () => {
  let commands: ReadonlyMap<string, Command>;

  beforeAll(async () => {
    const made: Command[] = [];
    for (const path of filesIn('src/cli')) {
      const names = [...read(path).matchAll(/^export function (\w+Command)\(\)/gm)].map(([, name = '']) => name);
      if (names.length === 0) continue;
      const exported = (await import(join(ROOT, path))) as Readonly<Record<string, () => Command>>;
      made.push(...names.flatMap((name) => exported[name]?.() ?? []));
    }
    commands = new Map(made.map((command) => [command.name(), command]));
  }, TIMEOUT);

  it('of `remigrate` exist', () => {
    expect(commands.size).toBeGreaterThan(5);
    const unknown = faults((_, document) =>
      commandLines(document).flatMap(({ number, text }) =>
        calls(text)
          .filter(({ name }) => !commands.has(name))
          .map(({ name }) => ({ number, what: `remigrate ${name}` })),
      ),
    );
    expect(unknown).toEqual([]);
  });

  it('accept the options that the documents name, with these values', () => {
    const unknown = faults((_, document) =>
      commandLines(document).flatMap(({ number, text }) =>
        optionsIn(text).flatMap(({ owner, flag, value }) => {
          const candidates = owner === undefined ? [...commands.values()] : [commands.get(owner)];
          const found = candidates.flatMap((command) => command?.options.filter(({ long }) => long === flag) ?? []);
          const isThere = flag === '--help' || flag === '--version' || found.some((option) => takes(option, value));
          return isThere ? [] : [{ number, what: `${owner ?? 'remigrate'}: no option ${flag} ${value ?? ''}` }];
        }),
      ),
    );
    expect(unknown).toEqual([]);
  });

  it('of npm are scripts of package.json', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const unknown = faults((_, document) =>
      commandLines(document).flatMap(({ number, text }) =>
        [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start))/g)]
          .map(([, script, short]) => script ?? short ?? '')
          .filter((script) => scripts[script] === undefined)
          .map((script) => ({ number, what: `npm run ${script}` })),
      ),
    );
    expect(unknown).toEqual([]);
  });

  it('use the environment variables that the documents name', () => {
    const readers = ['src', 'test', 'bench', '.ci'].flatMap(filesIn).filter((path) => !path.includes('documents.test'));
    const text = [...readers.filter((path) => !path.endsWith('.jsonl')), 'package.json', 'jest.config.js']
      .map(read)
      .join('\n');
    const unknown = faults((_, document) =>
      commandLines(document).flatMap(({ number, text: line }) =>
        [...line.matchAll(/\bREMIGRATE_[A-Z_]+/g)]
          .filter(([name]) => !new RegExp(`\\b${name}\\b`).test(text))
          .map(([name]) => ({ number, what: name })),
      ),
    );
    expect(unknown).toEqual([]);
  });
});

/** `npx remigrate run x --out y`: calls of the command in a line of code. */
function calls(line: string): readonly { readonly name: string; readonly rest: string }[] {
  const found = /^(?:npx )?remigrate ([a-z]+)\b(.*)$/.exec(line);
  return found?.[1] === undefined ? [] : [{ name: found[1], rest: found[2] ?? '' }];
}

interface NamedOption {
  /** The command in the same line; undefined if the line has none. */
  readonly owner: string | undefined;
  readonly flag: string;
  /** The value of an option with choices; a placeholder (`DIR`, `V[,V...]`) is omitted. */
  readonly value: string | undefined;
}

function optionsIn(line: string): readonly NamedOption[] {
  const [call] = calls(line);
  if (call === undefined && !line.startsWith('--')) return [];
  return [...(call?.rest ?? line).matchAll(/(--[a-z][a-z-]*)(?:[ =]([a-z][a-z-]*)\b(?![:/.=]))?/g)].map(
    ([, flag = '', value]) => ({ owner: call?.name, flag, value }),
  );
}

function takes({ argChoices }: Option, value: string | undefined): boolean {
  return value === undefined || argChoices === undefined || argChoices.includes(value);
}

describe('code samples', () => {
  it(
    'in TypeScript compile, as the files that their first lines name',
    () => {
      const samples = [...DOCUMENTS].flatMap(([path, { code }]) =>
        code.filter(({ language }) => language === 'ts').map((block) => ({ path, block })),
      );
      expect(samples.length).toBeGreaterThan(2);
      expect(compile(samples)).toEqual([]);
    },
    TIMEOUT,
  );
});

/** Packages whose types no sample needs: reading them would take most of the time. */
const SKIPPED_TYPES = /node_modules\/(@kubernetes|@platformatic|kafkajs|testcontainers)\//;

/** The errors of samples, as `FILE:LINE: WHAT`; `remigrate` is what the package exports, from the sources. */
function compile(samples: readonly { readonly path: string; readonly block: CodeBlock }[]): readonly string[] {
  const files = new Map<string, { readonly path: string; readonly block: CodeBlock }>();
  for (const [i, sample] of samples.entries()) {
    const name = /^\/\/ ([\w./-]+\.ts)$/.exec(sample.block.lines[0] ?? '')?.[1];
    files.set(join(ROOT, name ?? `sample-${i}.ts`), sample);
  }
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, ROOT);
  const paths = exportedSources();
  const host = ts.createCompilerHost({ ...options, paths }, true);
  const { getSourceFile, fileExists, directoryExists, readFile } = host;
  const textOf = (file: string) => files.get(file)?.block.lines.join('\n');
  host.fileExists = (file) => files.has(file) || (!SKIPPED_TYPES.test(file) && fileExists(file));
  host.directoryExists = (folder) => !SKIPPED_TYPES.test(`${folder}/`) && directoryExists?.(folder) === true;
  host.readFile = (file) => textOf(file) ?? readFile(file);
  host.getSourceFile = (file, target, ...more) => {
    const text = textOf(file);
    return text === undefined ? getSourceFile(file, target, ...more) : ts.createSourceFile(file, text, target, true);
  };
  const program = ts.createProgram([...files.keys()], { ...options, paths, noEmit: true }, host);
  return [...files].flatMap(([file, { path, block }]) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((one) => {
      const line = one.start === undefined ? 0 : (source?.getLineAndCharacterOfPosition(one.start).line ?? 0);
      return `${path}:${block.number + 1 + line}: ${ts.flattenDiagnosticMessageText(one.messageText, ' ')}`;
    });
  });
}

/** `remigrate/jest` -> `src/jest/index.ts`: what package.json exports, from the sources instead of the build. */
function exportedSources(): Record<string, string[]> {
  const { exports } = JSON.parse(read('package.json')) as {
    readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  };
  return Object.fromEntries(
    Object.entries(exports).flatMap(([name, target]) =>
      typeof target === 'string'
        ? []
        : [[name.replace(/^\./, 'remigrate'), [target.default.replace('/dist/', '/').replace(/\.js$/, '.ts')]]],
    ),
  );
}

describe('tables', () => {
  const EXPECTED = 0;
  const NOT_EXPECTED = 1;
  const SIGNALS = (['SIGHUP', 'SIGINT', 'SIGTERM'] as const).map((signal) => 128 + constants.signals[signal]);

  it.each(['README.md', 'docs/ci.md'])('of exit codes list every exit code of a run: %s', (path) => {
    const table = document(path).tables.find(({ header }) => header[0] === 'exit code');
    const codes = table?.rows.flatMap(([code = '']) => code.split(', ').map(Number));
    expect(codes).toEqual([
      EXPECTED,
      NOT_EXPECTED,
      new UsageError('').exitCode,
      new EnvironmentError('').exitCode,
      INTERNAL_ERROR,
      ...SIGNALS,
      PIPE_CLOSED,
    ]);
  });

  it('of scenarios list every shipped scenario', () => {
    const table = document('docs/scenarios.md').tables.find(({ header }) => header[0] === 'scenario');
    const named = table?.rows.map(([scenario = '']) => /\(\.\.\/(scenarios\/.*?)\)/.exec(scenario)?.[1]).sort();
    expect(named).toEqual(filesIn('scenarios'));
  });

  it('of gestures and waits list every method of a cluster that is one', () => {
    const source = ts.createSourceFile('cluster.ts', read('src/cluster/cluster.ts'), ts.ScriptTarget.ESNext, true);
    const cluster = source.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === 'Cluster');
    // Questions, and what only the runner calls.
    const others = ['operatorVersion', 'state', 'zookeeper', 'kafka', 'nodes', 'nodeControl', 'unresponsiveNodes'];
    const methods = new Set(cluster?.members.filter(ts.isMethodSignature).map(({ name }) => name.getText(source)));
    for (const other of [...others, 'observed', 'close']) expect(methods.delete(other)).toBe(true);
    const tables = document('docs/scenarios.md').tables.filter(({ header }) =>
      ['gesture', 'wait'].includes(header[0] ?? ''),
    );
    const named = tables.flatMap(({ rows }) => rows.map(([name = '']) => name.replaceAll('`', '')));
    expect(named.sort()).toEqual([...methods].sort());
  });

  it('of the architecture list every part of src/', () => {
    const parts = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const named = document('docs/architecture.md').tables.flatMap(({ rows }) => rows.map(([first = '']) => first));
    expect(named).toEqual(expect.arrayContaining(parts.map(({ name }) => `\`src/${name}\``)));
  });

  it('of the architecture show what each part may import', () => {
    const rules = mayImport();
    expect(Object.keys(rules).length).toBeGreaterThan(10);
    const rows = document('docs/architecture.md').tables.find(({ header }) => header[2] === 'may import')?.rows ?? [];
    const documented = rows.flatMap(([folder = '', , allowed = '']) => {
      const part = /^`src\/([a-z]+)`$/.exec(folder)?.[1];
      if (part === undefined || rules[part] === undefined) return [];
      const named = allowed.replace(/ \([^)]*\)/g, '').split(', ');
      return [[part, named.filter((name) => name !== '').sort()]];
    });
    expect(Object.fromEntries(documented)).toEqual(rules);
  });
});

/** What each part may import, from the configured rules, without the part itself and the leaves. */
function mayImport(): Readonly<Record<string, readonly string[]>> {
  const { forbidden } = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as {
    readonly forbidden: readonly { readonly name: string; readonly to: { readonly pathNot?: string } }[];
  };
  const leaves = new Set(['waiting']);
  return Object.fromEntries(
    forbidden.flatMap(({ name, to }) => {
      const part = /^(.*)-imports-from-below$/.exec(name)?.[1];
      if (part === undefined) return [];
      const allowed = [...(to.pathNot ?? '').matchAll(/([a-z]+)\//g)].map(([, folder = '']) => folder);
      return [[part, allowed.filter((folder) => !['src', part].includes(folder) && !leaves.has(folder)).sort()]];
    }),
  );
}

describe('samples of output', () => {
  const JOURNALS = ['0.45.0', '0.45.1'];
  let journals: readonly { readonly version: string; readonly events: readonly JournalEvent[] }[];

  beforeAll(async () => {
    journals = await Promise.all(
      JOURNALS.map(async (version) => {
        const file = join(ROOT, 'test/fixtures/documents', `rollback-remigrate-${version}.jsonl`);
        return { version, events: withPresentMessages(await readJournal(file)) };
      }),
    );
  });

  const sampleOf = (path: string, name: string): readonly string[] => {
    const block = document(path).code.find(({ sample }) => sample === name);
    if (block === undefined) throw new Error(`${path} has no block under <!-- sample: ${name} -->`);
    return block.lines;
  };

  it('show the endings of the runs', () => {
    const rendered = journals.flatMap(({ version, events }) => ['', `── ${version} ──`, ...describeEnding(events)]);
    expect(firstDifference(sampleOf('README.md', 'endings'), rendered.slice(1))).toBe('none');
  });

  it('show lines that the runs print', () => {
    const printed = new Set(
      journals.flatMap(({ version, events }) =>
        narrate(events).map(({ t, text }) => `[${version}] ${`${t.toFixed(1)} s`.padStart(8)}  ${text}`),
      ),
    );
    const unknown = sampleOf('README.md', 'events')
      .filter((line) => line !== '...')
      .filter((line) => ![...printed].some((one) => fits(line, one)));
    expect(unknown).toEqual([]);
  });

  it('show what `compare` prints for two recordings', async () => {
    const name = 'compare 0.45.0-one-broker 0.45.1-one-broker --across-versions';
    const [, a = '', b = ''] = name.split(' ');
    const [first, second] = await Promise.all(
      [a, b].map((recording) => readJournal(join(ROOT, 'fixtures/recordings', `${recording}.jsonl`))),
    );
    const { firstDifference: found } = compareJournals(first ?? [], second ?? [], { acrossVersions: true });
    const shown = sampleOf('docs/scenarios.md', name).slice(1, -1);
    const printed = found?.explanation.split('\n').slice(0, shown.length) ?? [];
    expect(firstDifference(shown, printed)).toBe('none');
  });
});

describe('the findings', () => {
  const FINDINGS = PAGES.filter((path) => path.startsWith('docs/findings/'));

  it('are linked from the track record', () => {
    const linked = new Set(document('docs/track-record.md').links.map(({ target }) => `docs/${target}`));
    expect(FINDINGS.length).toBeGreaterThan(4);
    expect(FINDINGS.filter((path) => !linked.has(path))).toEqual([]);
  });

  it('say what happens, to whom, how, why, and what is real', () => {
    const PARTS = [
      'what-happens',
      'who-is-affected',
      'steps',
      'evidence',
      'cause',
      'ways-out',
      'what-is-real-and-what-is-replayed',
    ];
    const missing = FINDINGS.flatMap((path) =>
      PARTS.filter((part) => !document(path).anchors.has(part)).map((part) => `${path}: ${part}`),
    );
    expect(missing).toEqual([]);
  });

  it('show the scripts that `show --kubectl` prints', async () => {
    const samples = FINDINGS.flatMap((path) =>
      document(path).code.flatMap(({ sample, lines }) => {
        const recording = /^show (\S+) --kubectl$/.exec(sample ?? '')?.[1];
        return recording === undefined ? [] : [{ recording, lines }];
      }),
    );
    expect(samples.map(({ recording }) => recording).sort()).toEqual(['0.45.1-claims-kept', '0.45.2-broker-added']);
    for (const { recording, lines } of samples) {
      const script = kubectlScriptOf(await readJournal(join(ROOT, 'fixtures/recordings', `${recording}.jsonl`)));
      expect(firstDifference(lines, script.trimEnd().split('\n'))).toBe('none');
    }
  });
});

/** Whether a line of a sample is the printed one; `...` at its end stands for the rest. */
function fits(shown: string, printed: string): boolean {
  return shown.endsWith('...') ? printed.startsWith(shown.slice(0, -3).trimEnd()) : printed === shown;
}

function firstDifference(shown: readonly string[], printed: readonly string[]): string {
  for (const [i, line] of shown.entries()) {
    if (!fits(line, printed[i] ?? '')) return `the document has:\n${line}\nthe program prints:\n${printed[i] ?? ''}`;
  }
  return shown.length === printed.length ? 'none' : `the program also prints:\n${printed[shown.length]}`;
}

/** The events of a run, with the present messages of the invariant about /migration. */
function withPresentMessages(events: readonly JournalEvent[]): readonly JournalEvent[] {
  return events.map((event, i) => {
    if (event.type !== 'invariant-evaluated' || event.holds || event.invariant !== migrationZnodeAbsent.name)
      return event;
    const before = events.slice(0, i);
    const state = before.findLast(({ type }) => type === 'state-changed');
    const znode = before.findLast((one) => one.type === 'znode-changed' && one.path === '/migration');
    const value = znode?.type === 'znode-changed' ? znode.value : undefined;
    const violation = migrationZnodeAbsent.evaluate({
      step: event.step,
      moment: 'ended',
      state: state?.type === 'state-changed' ? state.to : undefined,
      topology: { brokers: 1, controllers: 1, zookeepers: 1 },
      expectedTopics: [],
      deletedTopics: [],
      zookeeper: undefined,
      kraft: undefined,
      records: undefined,
      znodes: { '/migration': value === undefined ? undefined : { value, ephemeral: false } },
      events: before,
    });
    return violation === undefined ? event : { ...event, ...violation };
  });
}
