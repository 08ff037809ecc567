import type { Evidence, JournalEvent } from '../events.js';
import type { ViolationFound } from '../loss.js';
import { type Line, type LineKind, narrate } from '../narration.js';
import { partsText, type RunSummary, type StepSummary, summarise } from '../summary.js';
import { count, seconds, writerText } from '../words.js';

export interface StoryOptions {
  /** Where the run's logs and data are, if they were kept. */
  readonly logs?: string;
}

/**
 * The story of a run in lines of plain text: its steps, what the user, the operator and the nodes did in them, what was
 * lost or left behind, which known issue explains it, and what of it was real.
 */
export function tellStory(events: readonly JournalEvent[], options: StoryOptions = {}): readonly string[] {
  const run = summarise(events);
  return [...header(run), ...course(run, narrate(events)), '', ...ending(run, events, options)];
}

/** The end of the story alone: verdict, what was lost or left behind, the known issue, where the logs are. */
export function tellEnding(events: readonly JournalEvent[], options: StoryOptions = {}): readonly string[] {
  return ending(summarise(events), events, options);
}

/** The lines that `ending` tells, all together. */
const TOLD_AT_THE_END: ReadonlySet<LineKind> = new Set(['verdict', 'violation', 'explained']);

/** What happened, under the step in which it did. */
function course(run: RunSummary, lines: readonly Line[]): readonly string[] {
  const sections: { readonly step: StepSummary | undefined; readonly lines: Line[] }[] = [
    { step: undefined, lines: [] },
  ];
  for (const line of lines) {
    if (line.kind === 'step') sections.push({ step: run.steps[sections.length - 1], lines: [] });
    else if (line.kind !== 'step-end' && !TOLD_AT_THE_END.has(line.kind)) sections.at(-1)?.lines.push(line);
  }
  return sections.flatMap((section) => [
    ...(section.step === undefined ? [] : ['', stepLine(section.step)]),
    ...foldNodes(section.lines).map(timed),
  ]);
}

function header(run: RunSummary): readonly string[] {
  const { started } = run;
  const { brokers, controllers, zookeepers } = started.topology;
  const nodes = [count(brokers, 'broker'), count(controllers, 'controller'), count(zookeepers, 'ZooKeeper node')];
  return [
    started.title,
    `${started.scenario} with Strimzi ${started.operatorVersion} and Kafka ${started.kafkaVersion}: ${nodes.join(', ')}`,
    partsText(started),
  ];
}

function stepLine(step: StepSummary): string {
  const until = step.endedAt === undefined ? 'never ended' : `to ${seconds(step.endedAt)}`;
  const outcome = step.outcome === undefined ? '' : `: ${step.outcome}`;
  return `${step.name} (${seconds(step.startedAt)} ${until})${outcome}${step.error === undefined ? '' : `: ${step.error}`}`;
}

function timed(line: Line): string {
  return `${seconds(line.t).padStart(10)}  ${line.text}`;
}

/** Nodes that do the same, one after another, in one line, with the time of the first. */
function foldNodes(lines: readonly Line[]): readonly Line[] {
  const folded: Line[] = [];
  for (const line of lines) {
    const before = folded.at(-1);
    const again = before?.node?.who.split(', ').includes(line.node?.who ?? '');
    if (line.node === undefined || before?.node === undefined || before.node.what !== line.node.what || again) {
      folded.push(line);
      continue;
    }
    const node = { who: `${before.node.who}, ${line.node.who}`, what: line.node.what };
    folded[folded.length - 1] = { ...before, text: `${node.who} ${node.what}`, node };
  }
  return folded;
}

const ABOUT = { loss: 'Lost', residue: 'Left behind', conduct: 'Out of order' } as const;

function ending(run: RunSummary, events: readonly JournalEvent[], options: StoryOptions): readonly string[] {
  const found = run.invariants.flatMap((invariant) => invariant.violations);
  const inOrder = (['loss', 'residue', 'conduct'] as const).flatMap((about) =>
    found.filter((violation) => violation.about === about),
  );
  return [
    verdictLine(run, events),
    ...inOrder.flatMap(violationLines),
    ...knownIssueLines(run, inOrder),
    ...(options.logs === undefined ? [] : [`Logs: ${options.logs}`]),
  ];
}

function verdictLine(run: RunSummary, events: readonly JournalEvent[]): string {
  const { verdict } = run;
  if (verdict === undefined) {
    const why = run.ended === 'interrupted' ? 'it was interrupted' : 'the journal breaks off';
    return `No verdict: ${why} at ${seconds(events.at(-1)?.t ?? 0)}.`;
  }
  const because = verdict.because === undefined ? '' : ` (${verdict.because})`;
  const expectation = verdict.asExpected ? `as expected${because}` : `but ${verdict.expected} was expected${because}`;
  return `Verdict: ${verdict.verdict}, ${expectation}: ${verdict.summary}.`;
}

const SHOWN = 5;

function violationLines(violation: ViolationFound): readonly string[] {
  const more = violation.evidence.length - SHOWN;
  return [
    `${ABOUT[violation.about]} in step "${violation.step}", ${violation.invariant}: ${violation.message}`,
    ...violation.evidence.slice(0, SHOWN).map((evidence) => `  ${evidenceText(evidence)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function evidenceText(evidence: Evidence): string {
  const details = [
    ...(evidence.at === undefined ? [] : [`at ${seconds(evidence.at)}`]),
    ...(evidence.writer === undefined ? [] : [`by ${writerText(evidence.writer)}`]),
    ...(evidence.note === undefined ? [] : [evidence.note]),
  ];
  const found = `${evidence.subject}: expected ${evidence.expected}, found ${evidence.found}`;
  return details.length === 0 ? found : `${found} (${details.join(', ')})`;
}

function knownIssueLines(run: RunSummary, found: readonly ViolationFound[]): readonly string[] {
  const issues = [run.verdict?.knownIssue, ...found.map((violation) => violation.knownIssue)].filter(
    (issue) => issue !== undefined,
  );
  const byId = new Map(issues.map((issue) => [issue.id, issue]));
  return [...byId.values()].map((issue) => `Known issue ${issue.id}: ${issue.title} (${issue.thread})`);
}
