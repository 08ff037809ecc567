import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { INVARIANTS } from '../invariants/index.js';
import { type Circumstances, type Fact, isWord, LOST_KINDS, NO_STATE, WRITER_ROLES } from '../journal/circumstances.js';
import type { KnownIssueReference } from '../journal/events.js';
import { count, listNames } from '../journal/text.js';
import { packageRoot } from '../package-root.js';
import { KAFKA_METADATA_STATES } from '../strimzi/migration-state.js';

/**
 * Known issues: which violations, in which steps and states, with which evidence, some operator versions are known to
 * cause in some scenarios. They are data, `known-issues.yaml`; this module reads them and says what they explain.
 *
 * An entry excuses only what it describes. What it omits, the evidence must not have: without `writers` a fact has no
 * writer, without `lost` nothing was lost.
 */

/** The file that a folder may contain. */
const FILE = 'known-issues.yaml';

const ABOUT = new Map(INVARIANTS.map(({ name, about }) => [name, about]));

const names = z.array(z.string().min(1)).min(1);

const factPattern = z.strictObject({
  /** What it is about, `/migration`; `*` stands for any characters: `/brokers/topics/*`. */
  subjects: names,
  /**
   * What is found there, one of these, where `*` stands for any characters; omitted: anything, for content that differs
   * from run to run.
   */
  found: names.optional(),
  /** What was lost; omitted: nothing was. */
  lost: z.enum(LOST_KINDS).optional(),
  /** Whose session made the change; omitted: the evidence names no writer. */
  writers: z.array(z.enum(WRITER_ROLES)).min(1).optional(),
});

const violationPattern = z
  .strictObject({
    /** The name of an invariant, or of a check of the scenario. */
    invariant: z.string().min(1),
    /** Needed for a check of the scenario. */
    about: z.enum(['loss', 'outage', 'residue', 'conduct']).optional(),
    /** The steps after which it may be found. */
    steps: names,
    /** `status.kafkaMetadataState` when it is found. */
    states: z.array(z.enum([...KAFKA_METADATA_STATES, NO_STATE])).min(1),
    /** Each piece of its evidence must fit one of these, and each of these must be fitted by a piece of evidence. */
    evidence: z.array(factPattern),
  })
  .transform((pattern, context) => {
    const { invariant, about } = pattern;
    const known = ABOUT.get(invariant);
    if (known !== undefined && (about === undefined || about === known)) return { ...pattern, about: known };
    if (known === undefined && about !== undefined) return { ...pattern, about };
    context.addIssue(
      known === undefined
        ? {
            code: 'custom',
            path: ['invariant'],
            message: `there is no invariant "${invariant}". Did you mean ${closest(invariant, [...ABOUT.keys()])}? If it is a check of your scenario, add what it is about, for example "about: loss"`,
          }
        : { code: 'custom', path: ['about'], message: `must be ${known}: that is what ${invariant} is about` },
    );
    return z.NEVER;
  });

const version = z.string({ error: 'must be a version in quotes' }).regex(/^\d+\.\d+\.\d+\S*$/, 'must be a version');

const knownIssue = z
  .strictObject({
    /** `strimzi-kafka-operator#11262`; entries may share it. */
    id: z.string().regex(/^\S+$/, 'must be one word'),
    title: z.string().min(1),
    /** The upstream thread, or `unreported`. */
    thread: z
      .string()
      .regex(/^(unreported|https:\/\/\S+)$/, 'must be the https URL of the upstream thread, or "unreported"'),
    operatorVersions: z.array(version).min(1),
    /** Omitted: every Kafka version that these operator versions run. */
    kafkaVersions: z.array(version).min(1).optional(),
    scenarios: names,
    /** Which violations it explains. */
    violations: z.array(violationPattern).min(1),
    /** `sometimes`: it depends on timing, and a run without it is no unexpected pass. Default: always. */
    occurs: z.enum(['always', 'sometimes']).optional(),
    /** The mechanism, in prose. */
    why: z.string().min(1),
    /** The recording of a real operator that shows it, or the run. */
    recording: z
      .string()
      .regex(/^[\w.-]+$/, 'must be the name of a recording')
      .optional(),
    /** Instead of a recording: what was measured with the replayed operator, and when. */
    replayed: z.string().min(1).optional(),
  })
  .refine(({ recording, replayed }) => (recording === undefined) !== (replayed === undefined), {
    error: 'must name what shows it: either "recording" or "replayed"',
    path: ['recording'],
  });

const knownIssues = z.array(knownIssue);

/** A violation that an issue explains. */
export type ViolationPattern = Readonly<z.infer<typeof violationPattern>>;

/** What one issue does to some operator versions in some scenarios. */
export type KnownIssue = Readonly<z.infer<typeof knownIssue>> & {
  /** Where it stands: `fixtures/known-issues.yaml, entry 2`. */
  readonly entry?: string;
};

/** What known issues depend on: the versions and the scenario of a run. */
export interface RunKind {
  readonly operatorVersion: string;
  /** undefined: it is not known, and issues of particular Kafka versions do not apply. */
  readonly kafkaVersion?: string | undefined;
  /** For a candidate: the version whose known issues are expected. */
  readonly baseline?: string | undefined;
  readonly scenario: string;
}

/** A violation in its circumstances: what is compared with known issues. */
export interface ViolationInContext extends RunKind, Circumstances {
  readonly invariant: string;
  readonly step: string;
}

/** Which issue explains a violation, or why the one that is about it does not. */
export type Explanation =
  | { readonly issue: KnownIssue }
  /** `why`: undefined if no issue of this version and scenario is about the invariant. */
  | { readonly issue: undefined; readonly why: string | undefined };

/** The folder with this package's own known issues. */
export function shippedKnownIssuesFolder(): string {
  return join(packageRoot(), 'fixtures');
}

/**
 * Reads `known-issues.yaml` of every folder that has one.
 * @throws UsageError if a folder does not exist, a file is not a list of known issues (the message names every invalid
 *   field), or two entries have an id, an operator version, a Kafka version and a scenario in common.
 */
export function loadKnownIssues(folders: readonly string[]): readonly KnownIssue[] {
  const found = folders.flatMap((folder) => readFolder(folder).map((issue) => ({ issue, file: join(folder, FILE) })));
  refuseRepetition(found);
  return found.map(({ issue }) => issue);
}

function readFolder(folder: string): readonly KnownIssue[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`Known issues: the folder ${folder} does not exist. Give a folder that contains ${FILE}.`);
  }
  const file = join(folder, FILE);
  if (!existsSync(file)) return [];
  const name = join(basename(resolve(folder)), FILE);
  return parseKnownIssues(readFileSync(file, 'utf8'), file).map((issue, index) => ({
    ...issue,
    entry: `${name}, entry ${index + 1}`,
  }));
}

/**
 * Checks the text of a `known-issues.yaml`.
 * @param where the file, for the message
 * @throws UsageError that names the file and every invalid field
 */
export function parseKnownIssues(text: string, where: string): readonly KnownIssue[] {
  const content = parseYaml(text, where);
  refuseOldFormat(content, where);
  const result = knownIssues.safeParse(content);
  if (result.success) return result.data;
  throw new UsageError(`${where} is not a list of known issues:\n${z.prettifyError(result.error)}`, {
    cause: result.error,
  });
}

function parseYaml(text: string, where: string): unknown {
  try {
    // An empty file, or one with only comments, lists no issues.
    return parse(text) ?? [];
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new UsageError(`${where} is not YAML: ${error.message}`, { cause: error });
  }
}

/** An entry of the first format, which named only invariants: it excused whatever violated them, in every step. */
const oldEntry = z.looseObject({ invariants: z.array(z.string()) });

function refuseOldFormat(content: unknown, where: string): void {
  if (!Array.isArray(content)) return;
  content.forEach((entry, index) => {
    const old = oldEntry.safeParse(entry);
    if (!old.success || 'violations' in old.data) return;
    const form = old.data.invariants.flatMap((invariant) => [
      `    - invariant: ${invariant}`,
      '      steps: [STEP]',
      `      states: [${KAFKA_METADATA_STATES[1]}]`,
      '      evidence:',
      '        - { subjects: [/brokers/topics/TOPIC], lost: topic, writers: [controller] }',
    ]);
    throw new UsageError(
      [
        `${where}: entry ${index + 1} has "invariants" and no "violations". It would excuse every violation of these invariants, in every step, whoever caused it.`,
        'Replace "invariants" by what is known, for example:',
        '  violations:',
        ...form,
        'To have the exact lines, remove the entry and run the scenario: the report of the run prints them.',
      ].join('\n'),
    );
  });
}

function refuseRepetition(found: readonly { readonly issue: KnownIssue; readonly file: string }[]): void {
  for (const [index, { issue, file }] of found.entries()) {
    for (const earlier of found.slice(0, index)) {
      const what = commonTo(issue, earlier.issue);
      if (what === undefined) continue;
      throw new UsageError(`${file}: there are two entries for ${what} (the other is in ${earlier.file}). Merge them.`);
    }
  }
}

/** The first kind of run that two entries for one issue have in common. */
function commonTo(a: KnownIssue, b: KnownIssue): string | undefined {
  if (a.id !== b.id) return undefined;
  const operator = a.operatorVersions.find((version) => b.operatorVersions.includes(version));
  const scenario = a.scenarios.find((name) => b.scenarios.includes(name));
  const apart = a.kafkaVersions !== undefined && b.kafkaVersions?.every((kafka) => !a.kafkaVersions?.includes(kafka));
  if (operator === undefined || scenario === undefined || apart === true) return undefined;
  return `${a.id} with operator ${operator} in ${scenario}`;
}

/** Whether an issue is expected to show in such a run. */
export function applies(issue: KnownIssue, { operatorVersion, kafkaVersion, baseline, scenario }: RunKind): boolean {
  return (
    issue.operatorVersions.includes(baseline ?? operatorVersion) &&
    (issue.kafkaVersions === undefined || issue.kafkaVersions.includes(kafkaVersion ?? '')) &&
    issue.scenarios.includes(scenario)
  );
}

/** The issues that are expected to show in such a run. */
export function applicable(issues: readonly KnownIssue[], run: RunKind): readonly KnownIssue[] {
  return issues.filter((issue) => applies(issue, run));
}

/**
 * The first issue that explains a violation: it names the invariant, the step and the state, and describes every piece
 * of evidence. One piece that does not fit is enough that the violation is not explained.
 */
export function explanationOf(issues: readonly KnownIssue[], violation: ViolationInContext): Explanation {
  const candidates = applicable(issues, violation).flatMap((issue) =>
    issue.violations
      .filter(({ invariant }) => invariant === violation.invariant)
      .map((pattern) => ({ issue, misfit: misfitOf(pattern, violation) })),
  );
  const fitting = candidates.find(({ misfit }) => misfit === undefined);
  if (fitting !== undefined) return { issue: fitting.issue };
  const misfits = candidates.flatMap(({ issue, misfit }) => (misfit === undefined ? [] : [{ ...misfit, issue }]));
  const [nearest] = misfits.toSorted((a, b) => b.fits - a.fits);
  return { issue: undefined, why: nearest && `known issue ${nearest.issue.id} ${nearest.text}` };
}

interface Misfit {
  /** How much of the pattern fits: for choosing the nearest. */
  readonly fits: number;
  readonly text: string;
}

/** Why a violation of the invariant does not fit; undefined: it does. */
function misfitOf({ steps, states, evidence }: ViolationPattern, violation: ViolationInContext): Misfit | undefined {
  const { step, state, facts } = violation;
  if (!steps.includes(step)) return { fits: 0, text: `expects it in step ${oneOf(steps.map((name) => `"${name}"`))}` };
  if (!(states as readonly string[]).includes(state)) {
    return { fits: 1, text: `expects it in state ${oneOf(states)}, not in ${state}` };
  }
  const strangers = facts.filter((fact) => !evidence.some((pattern) => fits(pattern, fact)));
  if (strangers.length > 0) {
    const share = strangers.length === facts.length ? '' : `${strangers.length} of `;
    return {
      fits: 2 + facts.length - strangers.length,
      text: `does not describe ${share}${count(facts.length, 'fact')}: ${listNames(strangers.map(factText))}`,
    };
  }
  const missing = evidence.filter((pattern) => !facts.some((fact) => fits(pattern, fact)));
  return missing.length === 0
    ? undefined
    : { fits: 2, text: `expects evidence about ${oneOf(missing.flatMap(({ subjects }) => subjects))}, too` };
}

function fits({ subjects, found, lost, writers }: z.infer<typeof factPattern>, fact: Fact): boolean {
  return (
    subjects.some((subject) => isGlobOf(subject, fact.subject)) &&
    (found === undefined || found.some((text) => isGlobOf(text, fact.found))) &&
    lost === fact.lost &&
    (writers === undefined ? fact.writer === undefined : fact.writer !== undefined && writers.includes(fact.writer))
  );
}

/** Whether a text fits a pattern in which `*` stands for any characters. */
function isGlobOf(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}

/** `/brokers/topics/orders (absent, lost: topic, by user)` */
function factText({ subject, found, lost, writer }: Fact): string {
  const more = [
    ...(isWord(found) ? [found] : []),
    lost === undefined ? 'nothing lost' : `lost: ${lost}`,
    writer === undefined ? 'no writer' : `by ${writer}`,
  ];
  return `${subject} (${more.join(', ')})`;
}

function oneOf(alternatives: readonly string[]): string {
  return alternatives.join(' or ');
}

/** What a journal records about an issue. */
export function issueReference({ id, title, thread, entry }: KnownIssue): KnownIssueReference {
  return { id, title, thread, ...(entry === undefined ? {} : { entry }) };
}
