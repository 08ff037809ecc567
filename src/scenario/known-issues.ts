import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { INVARIANTS } from '../invariants/index.js';
import type { KnownIssueReference } from '../journal/events.js';
import { packageRoot } from '../package-root.js';

/**
 * Known issues: (issue, operator versions, scenarios, invariants). They are data, `known-issues.yaml`; this module reads
 * them and says what they explain.
 */

/** The file that a folder may contain. */
const FILE = 'known-issues.yaml';

const KNOWN_INVARIANTS = INVARIANTS.map(({ name }) => name);

const knownIssue = z.strictObject({
  /** `strimzi-kafka-operator#11262`; entries may share it. */
  id: z.string().regex(/^\S+$/, 'must be one word'),
  title: z.string().min(1),
  /** The upstream thread, or `unreported`. */
  thread: z
    .string()
    .regex(/^(unreported|https:\/\/\S+)$/, 'must be the https URL of the upstream thread, or "unreported"'),
  operatorVersions: z
    .array(z.string({ error: 'must be a version in quotes' }).regex(/^\d+\.\d+\.\d+\S*$/, 'must be a version'))
    .min(1),
  scenarios: z.array(z.string().min(1)).min(1),
  /** Which violations it explains. */
  invariants: z
    .array(
      z.string().refine((name) => KNOWN_INVARIANTS.includes(name), {
        error: ({ input }) =>
          `there is no invariant "${input}". Did you mean ${closest(String(input), KNOWN_INVARIANTS)}?`,
      }),
    )
    .min(1),
  /** The mechanism, in prose. */
  why: z.string().min(1),
  /** The recording of a real operator that shows it. */
  recording: z.string().regex(/^[\w.-]+$/, 'must be the name of a recording'),
});

const knownIssues = z.array(knownIssue);

/** What one issue does to some operator versions in some scenarios. */
export type KnownIssue = Readonly<z.infer<typeof knownIssue>>;

/** What known issues depend on: the operator version and the scenario of a run. */
export interface RunKind {
  readonly operatorVersion: string;
  /** For a candidate: the version whose known issues are expected. */
  readonly baseline?: string | undefined;
  readonly scenario: string;
}

/** The folder with this package's own known issues. */
export function shippedKnownIssuesFolder(): string {
  return join(packageRoot(), 'fixtures');
}

/**
 * Reads `known-issues.yaml` of every folder that has one.
 * @throws UsageError if a folder does not exist, a file is not a list of known issues (the message names every invalid
 *   field), or two entries have an id, a version and a scenario in common.
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
  return existsSync(file) ? parseKnownIssues(readFileSync(file, 'utf8'), file) : [];
}

/**
 * Checks the text of a `known-issues.yaml`.
 * @param where the file, for the message
 * @throws UsageError that names the file and every invalid field
 */
export function parseKnownIssues(text: string, where: string): readonly KnownIssue[] {
  const result = knownIssues.safeParse(parseYaml(text, where));
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

function refuseRepetition(found: readonly { readonly issue: KnownIssue; readonly file: string }[]): void {
  const seen = new Map<string, string>();
  for (const { issue, file } of found) {
    for (const version of issue.operatorVersions) {
      for (const scenario of issue.scenarios) {
        const what = `${issue.id} with operator ${version} in ${scenario}`;
        const earlier = seen.get(what);
        if (earlier !== undefined) {
          throw new UsageError(`${file}: there are two entries for ${what} (the other is in ${earlier}). Merge them.`);
        }
        seen.set(what, file);
      }
    }
  }
}

/** Whether an issue is expected to show in such a run. */
export function applies(issue: KnownIssue, { operatorVersion, baseline, scenario }: RunKind): boolean {
  return issue.operatorVersions.includes(baseline ?? operatorVersion) && issue.scenarios.includes(scenario);
}

/** The issues that are expected to show in such a run. */
export function applicable(issues: readonly KnownIssue[], run: RunKind): readonly KnownIssue[] {
  return issues.filter((issue) => applies(issue, run));
}

/** Whether an issue explains that such a run violates an invariant. */
export function explains(issue: KnownIssue, violation: RunKind & { readonly invariant: string }): boolean {
  return applies(issue, violation) && issue.invariants.includes(violation.invariant);
}

/** The first issue that explains a violation. */
export function explanationOf(
  issues: readonly KnownIssue[],
  violation: RunKind & { readonly invariant: string },
): KnownIssue | undefined {
  return issues.find((issue) => explains(issue, violation));
}

/** What a journal records about an issue. */
export function issueReference({ id, title, thread }: KnownIssue): KnownIssueReference {
  return { id, title, thread };
}
