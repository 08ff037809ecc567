import type { JournalEvent } from '../journal/events.js';
import { partsText, type RunSummary, type StepSummary, summarise } from '../journal/summary.js';
import { count, seconds } from '../journal/text.js';
import { joinVanishings } from '../journal/vanishing.js';
import { describeDetails } from './details.js';
import { describeEndingOfStory, type EndingOptions } from './ending.js';
import { type LineKind, narrate, type StoryLine } from './narration.js';

export { describeEnding } from './ending.js';

/**
 * The story of a run in lines of plain text: what ran and which parts were real, what the user, the operator and the
 * nodes did step by step, the outcome, and every violation with its evidence.
 */
export function describeStory(events: readonly JournalEvent[], options: EndingOptions = {}): readonly string[] {
  const run = summarise(events);
  return [
    ...header(run),
    ...course(run, narrate(events)),
    '',
    ...describeEndingOfStory(events, options),
    ...describeDetails(events),
  ];
}

/** The lines that the ending and the details repeat. */
const IN_THE_ENDING: ReadonlySet<LineKind> = new Set(['verdict', 'violation', 'explained']);

/** What happened, by step. */
function course(run: RunSummary, lines: readonly StoryLine[]): readonly string[] {
  const sections: { readonly step: StepSummary | undefined; readonly lines: StoryLine[] }[] = [
    { step: undefined, lines: [] },
  ];
  for (const line of lines) {
    if (line.kind === 'step') sections.push({ step: run.steps[sections.length - 1], lines: [] });
    else if (line.kind !== 'step-end' && !IN_THE_ENDING.has(line.kind)) sections.at(-1)?.lines.push(line);
  }
  return sections.flatMap((section) => [
    ...(section.step === undefined ? [] : ['', stepLine(section.step)]),
    ...foldNodes(foldLosses(section.lines)).map(timed),
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
  const until = step.endedAt === undefined ? ', not ended' : ` to ${seconds(step.endedAt)}`;
  const outcome = step.outcome === undefined ? '' : `: ${step.outcome}`;
  return `${step.name} (${seconds(step.startedAt)}${until})${outcome}${step.error === undefined ? '' : `: ${step.error}`}`;
}

function timed(line: StoryLine): string {
  return `${seconds(line.t).padStart(10)}  ${line.text}`;
}

/** Joins the parts of one vanishing into one line; the ending has the details. */
function foldLosses(lines: readonly StoryLine[]): readonly StoryLine[] {
  const parts = lines.flatMap(({ vanishing }) => (vanishing === undefined ? [] : [vanishing]));
  const whole = joinVanishings(parts);
  return lines.flatMap((line) => {
    if (line.vanishing === undefined) return [line];
    const begun = whole.find(({ from, topics }) => from === line.t && topics.includes(line.vanishing?.topics[0] ?? ''));
    if (begun === undefined) return [];
    return [{ ...line, text: `LOSS: ${count(begun.topics.length, 'topic')} vanished from ZooKeeper, see below` }];
  });
}

/** Joins consecutive lines of nodes that do the same into one line, with the time of the first. */
function foldNodes(lines: readonly StoryLine[]): readonly StoryLine[] {
  const folded: StoryLine[] = [];
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
