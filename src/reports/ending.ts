import type { JournalEvent, KnownIssueReference } from '../journal/events.js';
import { isOnlyVanishedTopics, topicsOfUser, type ViolationFound, violationKey, violations } from '../journal/loss.js';
import { partsInShort, type RunSummary, summarise } from '../journal/summary.js';
import {
  count,
  issueText,
  listNames,
  precedents,
  seconds,
  timeSpan,
  verdictText,
  writerText,
} from '../journal/text.js';
import { type Vanishing, vanishings } from '../journal/vanishing.js';
import { groupBy } from './group-by.js';
import { indented, row, wrap } from './layout.js';
import { narrowestEntry } from './narrowest-entry.js';

export interface EndingOptions {
  /** Where the run's journal and logs are, if they were kept. */
  readonly logs?: string;
  /** Whether known issues excuse nothing: what one explains fails the run, too. */
  readonly strict?: boolean;
}

/**
 * The outcome of a run, for quick reading: the verdict, what was lost, when and by whom, what is broken, what was left
 * behind, the known issue, which parts of the run were real, and where the files are. Lines of at most 120 characters.
 */
export function describeEnding(events: readonly JournalEvent[], options: EndingOptions = {}): readonly string[] {
  const run = summarise(events);
  const { scenario, operatorVersion, kafkaVersion } = run.started;
  return [
    ...wrap(`${headline(run, events, options)}: ${scenario} with Strimzi ${operatorVersion} and Kafka ${kafkaVersion}`),
    ...findings(run, events),
    ...row('Parts', [partsInShort(run.started)]),
    ...files(options),
    ...proposal(events),
  ];
}

/** The same for the end of a story, which has already said what ran and which parts were real. */
export function describeEndingOfStory(events: readonly JournalEvent[], options: EndingOptions = {}): readonly string[] {
  const run = summarise(events);
  return [...wrap(headline(run, events, options)), ...findings(run, events), ...files(options), ...proposal(events)];
}

/** The entry that would explain what nothing explains, to be pasted: its lines are not wrapped. */
function proposal(events: readonly JournalEvent[]): readonly string[] {
  const lines = narrowestEntry(events);
  return lines.length === 0 ? [] : ['', ...indented(PASTE), '', ...lines, ''];
}

const PASTE =
  'If this is a known issue, paste these lines into DIR/known-issues.yaml and run with --data DIR. They explain ' +
  'exactly what this run found:';

function headline(run: RunSummary, events: readonly JournalEvent[], { strict = false }: EndingOptions): string {
  const { verdict } = run;
  if (verdict === undefined) {
    return `NO VERDICT, ${run.ended === 'interrupted' ? 'interrupted' : 'the journal ends early'} at ${seconds(run.seconds)}`;
  }
  const unexcused = strict && verdict.asExpected && violations(events).length > 0;
  const step = verdict.step === undefined ? '' : `, in step "${verdict.step}"`;
  return `${verdictText(verdict)}${unexcused ? ', WHICH --strict DOES NOT EXCUSE' : ''}${step}`;
}

function findings(run: RunSummary, events: readonly JournalEvent[]): readonly string[] {
  const found = violations(events);
  const vanished = vanishings(events);
  const vanishedTopics = new Set(vanished.flatMap(({ topics }) => topics));
  const about = (what: ViolationFound['about']) => found.filter((violation) => violation.about === what);
  const otherLoss = about('loss').filter((violation) => !isOnlyVanishedTopics(violation, vanishedTopics));
  return [
    ...row('Why', reasons(run, found)),
    ...vanished.flatMap((vanishing) => vanishingRows(vanishing, run, topicsOfUser(events))),
    ...row('Lost', [...new Set(otherLoss.map(({ message }) => message))]),
    ...row('Broken', [...new Set(about('outage').map(({ message }) => message))]),
    ...row('Left behind', inSteps(about('residue').map(withCause), run)),
    ...row('Out of order', inSteps(about('conduct'), run)),
    ...row('Unexplained', unexplained(run, found)),
    ...row('Known issue', knownIssues(run, found)),
    ...row('Checked', [checked(run, found)]),
  ];
}

function files({ logs }: EndingOptions): readonly string[] {
  return row('Files', logs === undefined ? [] : [logs]);
}

/** Why a run is inconclusive, or is not as expected although every violation is explained. */
function reasons({ verdict, steps }: RunSummary, found: readonly ViolationFound[]): readonly string[] {
  if (verdict === undefined || verdict.asExpected) return [];
  if (verdict.verdict === 'inconclusive')
    return [steps.find(({ error }) => error !== undefined)?.error ?? verdict.summary];
  return found.some(({ knownIssue }) => knownIssue === undefined) ? [] : [verdict.summary];
}

function vanishingRows(vanishing: Vanishing, run: RunSummary, created: ReadonlySet<string>): readonly string[] {
  const { topics, from, to, writer, holder } = vanishing;
  const number = topics.length;
  const total = topics.every((topic) => created.has(topic)) ? created.size : undefined;
  const what =
    total === undefined
      ? count(number, 'topic')
      : number === total
        ? `all ${count(number, 'topic')}`
        : `${number} of ${count(total, 'topic')}`;
  const when = [timeSpan(from, to), ...precedents(vanishing, run.started.cluster.name)];
  const by =
    writer !== undefined
      ? [writerText(writer)]
      : holder !== undefined
        ? [`unknown; /controller belonged to ${holder}`]
        : [];
  return [
    ...row('Lost', [`${what} vanished from ZooKeeper: ${listNames(topics)}`]),
    ...row('When', [when.join(', ')]),
    ...row('By', by),
  ];
}

/** Adds what the operator did about a znode, unless the message says it. */
function withCause(violation: ViolationFound): ViolationFound {
  const { message, evidence } = violation;
  const [only] = evidence.length === 1 ? evidence : [];
  return only?.note === undefined || only.noteInMessage === true
    ? violation
    : { ...violation, message: `${message}: ${only.note}` };
}

/** Says only once what was found in several steps, and names the steps unless it was only the step of the verdict. */
function inSteps(found: readonly ViolationFound[], { verdict }: RunSummary): readonly string[] {
  return [...groupBy(found, violationKey).values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const again = [...new Set(more.map(({ step }) => step))].filter((step) => step !== first.step);
    if (first.step === verdict?.step && again.length === 0) return [first.message];
    const steps = [`after step "${first.step}"`, ...again.map((step) => `again after "${step}"`)];
    return [`${first.message} (${steps.join(', ')})`];
  });
}

function unexplained(run: RunSummary, found: readonly ViolationFound[]): readonly string[] {
  const unknown = found.filter(({ knownIssue }) => knownIssue === undefined);
  if (unknown.length === 0) return [];
  const names = [...new Set(unknown.map(({ invariant }) => invariant))];
  const { scenario, operatorVersion, baseline } = run.started;
  const nearest = unknown.flatMap(({ invariant, notExplained }) =>
    notExplained === undefined ? [] : [`${invariant}: ${notExplained}`],
  );
  return [
    `no known issue of Strimzi ${baseline ?? operatorVersion} in ${scenario} covers ${names.join(', ')}${nearest.length === 0 ? '' : ' as found here'}`,
    ...new Set(nearest),
  ];
}

function knownIssues(run: RunSummary, found: readonly ViolationFound[]): readonly string[] {
  const issues = [run.verdict?.knownIssue, ...found.map(({ knownIssue }) => knownIssue)];
  const byId = new Map(issues.flatMap((issue) => (issue === undefined ? [] : [[issue.id, issue] as const])));
  return [...byId.values()].flatMap(issueParagraphs);
}

function issueParagraphs(issue: KnownIssueReference): readonly string[] {
  const title = `${issueText(issue)}: ${issue.title}`;
  return issue.thread === 'unreported' ? [title] : [title, issue.thread];
}

/** How much was checked, and for a verdict without violations what that shows. */
function checked({ verdict, invariants, steps, checks }: RunSummary, found: readonly ViolationFound[]): string {
  const [names, where] = [count(invariants.length, 'invariant'), count(steps.length, 'step')];
  if (verdict?.verdict !== 'survived' || found.length > 0) return `${count(checks, 'check')} of ${names} in ${where}`;
  return `${verdict.summary}: ${names} held in ${where} (${count(checks, 'check')})`;
}
