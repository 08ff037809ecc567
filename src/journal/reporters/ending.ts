import type { JournalEvent, KnownIssueReference } from '../events.js';
import { isOfVanished, joinVanishings, topicsOfUser, type Vanishing, type ViolationFound } from '../loss.js';
import { narrate } from '../narration.js';
import { partsText, type RunSummary, summarise } from '../summary.js';
import { count, issueText, named, precedents, seconds, timeSpan, verdictText, writerText } from '../words.js';
import { grouped } from './grouping.js';
import { row, wrap } from './layout.js';

export interface EndingOptions {
  /** Where the run's journal and logs are, if they were kept. */
  readonly logs?: string;
  /** Whether the run was to be excused nothing: what a known issue explains fails it, too. */
  readonly strict?: boolean;
}

/**
 * What a run came to, for a reader who has ten seconds: the verdict, what was lost, when and by whom, what was left
 * behind, the known issue, what of the run was real, and where the rest can be read. Lines of at most 120 characters.
 */
export function tellEnding(events: readonly JournalEvent[], options: EndingOptions = {}): readonly string[] {
  const run = summarise(events);
  const { scenario, operatorVersion, kafkaVersion } = run.started;
  return [
    ...wrap(`${headline(run, options)}: ${scenario} with Strimzi ${operatorVersion} and Kafka ${kafkaVersion}`),
    ...findings(run, events),
    ...row('Parts', [partsText(run.started)]),
    ...files(options),
  ];
}

/** The same, below a story that has said what ran and what of it was real. */
export function tellEndingOfStory(events: readonly JournalEvent[], options: EndingOptions = {}): readonly string[] {
  const run = summarise(events);
  return [...wrap(headline(run, options)), ...findings(run, events), ...files(options)];
}

function headline(run: RunSummary, { strict = false }: EndingOptions): string {
  const { verdict } = run;
  if (verdict === undefined) {
    return `NO VERDICT, ${run.ended === 'interrupted' ? 'interrupted' : 'the journal breaks off'} at ${seconds(run.seconds)}`;
  }
  const unexcused = strict && verdict.asExpected && violationsOf(run).length > 0;
  const step = verdict.step === undefined ? '' : `, in step "${verdict.step}"`;
  return `${verdictText(verdict)}${unexcused ? ', WHICH --strict DOES NOT EXCUSE' : ''}${step}`;
}

function findings(run: RunSummary, events: readonly JournalEvent[]): readonly string[] {
  const found = violationsOf(run);
  const vanishings = vanishingsOf(events);
  const vanished = new Set(vanishings.flatMap(({ topics }) => topics));
  const about = (what: ViolationFound['about']) => found.filter((violation) => violation.about === what);
  const otherLoss = about('loss').filter((violation) => !isOfVanished(violation, vanished));
  return [
    ...row('Why', reasons(run, found)),
    ...vanishings.flatMap((vanishing) => vanishingRows(vanishing, run, topicsOfUser(events))),
    ...row('Lost', [...new Set(otherLoss.map(({ message }) => message))]),
    ...row('Left behind', withoutRepetition(about('residue'))),
    ...row('Out of order', withoutRepetition(about('conduct'))),
    ...row('Unexplained', unexplained(run, found)),
    ...row('Known issue', knownIssues(run, found)),
    ...row('Checked', found.length > 0 ? [] : checked(run)),
  ];
}

function files({ logs }: EndingOptions): readonly string[] {
  return row('Files', logs === undefined ? [] : [`journal and logs are in ${logs}`]);
}

/** Every violation in the order in which it was found. */
function violationsOf(run: RunSummary): readonly ViolationFound[] {
  return run.invariants.flatMap(({ violations }) => violations).toSorted((a, b) => a.t - b.t);
}

/** What vanished from ZooKeeper, joined from the lines that told its parts. */
function vanishingsOf(events: readonly JournalEvent[]): readonly Vanishing[] {
  return joinVanishings(narrate(events).flatMap(({ vanishing }) => (vanishing === undefined ? [] : [vanishing])));
}

/** Why a run says nothing, or is not as expected although every violation is explained. */
function reasons({ verdict, steps }: RunSummary, found: readonly ViolationFound[]): readonly string[] {
  if (verdict === undefined || verdict.asExpected) return [];
  if (verdict.verdict === 'inconclusive')
    return [steps.find(({ error }) => error !== undefined)?.error ?? verdict.summary];
  return found.some(({ knownIssue }) => knownIssue === undefined) ? [] : [verdict.summary];
}

function vanishingRows(vanishing: Vanishing, run: RunSummary, made: ReadonlySet<string>): readonly string[] {
  const { topics, from, to, writer, holder } = vanishing;
  const number = topics.length;
  const total = topics.every((topic) => made.has(topic)) ? made.size : undefined;
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
        ? [`the journal does not know; /controller belonged to ${holder}`]
        : [];
  return [
    ...row('Lost', [`${what} vanished from ZooKeeper: ${named(topics)}`]),
    ...row('When', [when.join(', ')]),
    ...row('By', by),
  ];
}

/**
 * What was found about the same things in several steps, once, with what the operator did about it where the message
 * does not say it.
 */
function withoutRepetition(found: readonly ViolationFound[]): readonly string[] {
  const subjects = ({ invariant, evidence }: ViolationFound) =>
    JSON.stringify([invariant, evidence.map(({ subject }) => subject)]);
  const groups = grouped(found, subjects);
  return [...groups.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const [evidence] = first.evidence;
    const note = first.evidence.length === 1 ? evidence?.note : undefined;
    const text = note === undefined || first.message.includes(note) ? first.message : `${first.message}: ${note}`;
    const again = [...new Set(more.map(({ step }) => step).filter((step) => step !== first.step))];
    const steps = [`after step "${first.step}"`, ...again.map((step) => `again after "${step}"`)];
    return [`${text} (${steps.join(', ')})`];
  });
}

function unexplained(run: RunSummary, found: readonly ViolationFound[]): readonly string[] {
  const names = found.filter(({ knownIssue }) => knownIssue === undefined).map(({ invariant }) => invariant);
  if (names.length === 0) return [];
  const { scenario, operatorVersion } = run.started;
  return [`no known issue of Strimzi ${operatorVersion} in ${scenario} covers ${[...new Set(names)].join(', ')}`];
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

/** What a verdict without violations rests on. */
function checked({ verdict, invariants, steps }: RunSummary): readonly string[] {
  if (verdict?.verdict !== 'survived') return [];
  return [`${verdict.summary}: ${count(invariants.length, 'invariant')} held in ${count(steps.length, 'step')}`];
}
