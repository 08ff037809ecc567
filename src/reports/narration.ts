import type { ClientAction, EventOf, JournalEvent, KnownIssueReference } from '../journal/events.js';
import { isOnlyVanishedTopics, violationKey } from '../journal/loss.js';
import { meaningOf, signIn } from '../journal/sign-in.js';
import {
  count,
  deletionText,
  gestureText,
  issueText,
  logMessage,
  moreVanishedText,
  shortPodName,
  startText,
  vanishedText,
  verdictText,
  writerText,
} from '../journal/text.js';
import {
  controllerHolder,
  fullSync,
  isPartOf,
  joinVanishings,
  topicsDeletedByUser,
  type Vanishing,
  vanishingAt,
} from '../journal/vanishing.js';

/** What a line of the story is about: reports select and colour lines by it. */
export type LineKind =
  | 'step'
  | 'step-end'
  | 'user'
  | 'client'
  | 'state'
  | 'operator'
  | 'node'
  | 'znode'
  | 'controller'
  | 'loss'
  | 'violation'
  | 'explained'
  | 'verdict';

/** One thing that happened. */
export interface StoryLine {
  /** Seconds since the start. */
  readonly t: number;
  readonly kind: LineKind;
  readonly text: string;
  /** Of a `node` line: who did it, and what; consecutive lines with the same `what` can be one line. */
  readonly node?: { readonly who: string; readonly what: string };
  /** Of a `loss` line: what it reports. A vanishing that was seen in parts has a line for each. */
  readonly vanishing?: Vanishing;
}

/** What must be known about earlier events to describe the next one. */
interface Memory {
  readonly cluster: string;
  /** `controller 1`, `broker 0`: who held `/controller` last. */
  readonly lastHolder: string | undefined;
  readonly phase: string;
  /** The pods that have run and still exist: the first start in a pool that was created again is not a restart. */
  readonly started: ReadonlySet<string>;
  readonly deletedByUser: ReadonlySet<string>;
  /** What has vanished so far, the parts of each vanishing joined. */
  readonly vanishings: readonly Vanishing[];
  /** The violations that have been reported, by `violationKey`. */
  readonly violated: ReadonlySet<string>;
}

const EMPTY_MEMORY: Memory = {
  cluster: '',
  lastHolder: undefined,
  phase: 'absent',
  started: new Set(),
  deletedByUser: new Set(),
  vanishings: [],
  violated: new Set(),
};

/**
 * Describes events as they come: call it with every event of one run, in order. It returns the event's lines, if any.
 * A live report and the story of a finished run use the same words.
 *
 * @param deletedByUser topics whose disappearance is no loss, in addition to those of earlier `client-action` events.
 */
export function createNarrator(
  deletedByUser: ReadonlySet<string> = new Set(),
): (event: JournalEvent) => readonly StoryLine[] {
  const events: JournalEvent[] = [];
  let memory: Memory = { ...EMPTY_MEMORY, deletedByUser };
  return (event) => {
    events.push(event);
    const lines = describeEvent(events, events.length - 1, memory);
    memory = remember(event, lines, memory);
    return lines;
  };
}

/** Describes a whole journal: here, what later events say about earlier ones is used as well. */
export function narrate(events: readonly JournalEvent[]): readonly StoryLine[] {
  let memory: Memory = { ...EMPTY_MEMORY, deletedByUser: topicsDeletedByUser(events) };
  return events.flatMap((event, index) => {
    const lines = describeEvent(events, index, memory);
    memory = remember(event, lines, memory);
    return lines;
  });
}

function remember(event: JournalEvent, lines: readonly StoryLine[], memory: Memory): Memory {
  switch (event.type) {
    case 'run-started':
      return { ...memory, cluster: event.cluster.name };
    case 'node-started':
      return { ...memory, started: new Set([...memory.started, event.pod]) };
    case 'node-gone':
      return { ...memory, started: new Set([...memory.started].filter((pod) => pod !== event.pod)) };
    case 'client-action':
      return event.action === 'delete-topic'
        ? { ...memory, deletedByUser: new Set([...memory.deletedByUser, event.topic]) }
        : memory;
    case 'topics-changed': {
      const parts = lines.flatMap(({ vanishing }) => (vanishing === undefined ? [] : [vanishing]));
      return { ...memory, vanishings: joinVanishings([...memory.vanishings, ...parts]) };
    }
    case 'invariant-evaluated':
      return event.holds
        ? memory
        : { ...memory, violated: new Set([...memory.violated, violationKey(withEvidence(event))]) };
    case 'znode-changed':
      if (event.path === '/controller') {
        return { ...memory, lastHolder: controllerHolder(event.value) ?? memory.lastHolder };
      }
      return event.path === '/migration' ? { ...memory, phase: event.phase ?? memory.phase } : memory;
    default:
      return memory;
  }
}

/** The driver takes the content of `/migration` for that of its own migration (KRaftMigrationDriver.java:714-718). */
const FIRST_COPY_DONE = 'Initial migration of ZK metadata is done';

function describeEvent(events: readonly JournalEvent[], index: number, memory: Memory): readonly StoryLine[] {
  const event = events[index];
  if (event === undefined) return [];
  const line = (kind: LineKind, text: string): readonly StoryLine[] => [{ t: event.t, kind, text }];
  const node = (pod: string, what: string): readonly StoryLine[] => {
    const who = shortPodName(pod, memory.cluster);
    return [{ t: event.t, kind: 'node', text: `${who} ${what}`, node: { who, what } }];
  };
  switch (event.type) {
    case 'step-started':
      return line('step', event.step);
    case 'step-ended':
      return line('step-end', `${event.step}: ${event.outcome}${event.error === undefined ? '' : `: ${event.error}`}`);
    case 'gesture':
      return line('user', `the user ${gestureText(event)}`);
    case 'client-action':
      return line('client', `a client ${clientText(event)}`);
    case 'state-changed':
      return line('state', event.from === null ? `state ${event.to}` : `state ${event.from} -> ${event.to}`);
    case 'operator-restarted':
      return line('operator', 'the operator was restarted');
    case 'operator-deleted-znode':
      return line('operator', `the operator ${deletionText(event)}`);
    case 'node-started':
      return node(event.pod, startedText(event, memory));
    case 'node-stopped':
      if (event.reason === 'forced')
        return node(event.pod, 'was stopped by the operator for a forced restart ("due to []")');
      return event.reason === 'died' ? node(event.pod, diedText('died', event.error)) : [];
    case 'container-restarted':
      return node(event.pod, diedText(restartedText(event), event.error));
    case 'node-unresponsive':
      return node(event.pod, `did not answer: ${event.detail}`);
    case 'fault':
      return faultLines(event, memory);
    case 'node-gone':
      return node(event.pod, 'was removed and not replaced');
    case 'volume-wiped':
      return node(event.pod, 'had its volume deleted');
    case 'znode-changed':
      return znodeLines(event, memory);
    case 'controller-log':
      return controllerLines(event, memory);
    case 'node-log':
      return nodeLogLines(event, memory);
    case 'topics-changed':
      return vanished(vanishingAt(events, index, memory.deletedByUser), memory);
    case 'invariant-evaluated':
      return event.holds
        ? []
        : line(event.knownIssue === undefined ? 'violation' : 'explained', violatedText(event, memory));
    case 'verdict': {
      // Earlier lines have said what was lost or broken, as expected.
      const isReported = ['lost', 'broken'].includes(event.verdict) && event.asExpected;
      const why = isReported ? '' : `: ${event.summary}`;
      return line('verdict', `${verdictText(event)}${why}${knownIssueText(event.knownIssue)}`);
    }
    default:
      return [];
  }
}

/** `ended with exit code 1 and is started again after 10 s` */
function restartedText({ how, backOff }: EventOf<'container-restarted'>): string {
  const ended = how === 'unknown' ? 'ended' : `ended with ${how}`;
  return `${ended} and is started again${backOff === 0 ? '' : ` after ${backOff} s`}`;
}

function diedText(how: string, error: string | undefined): string {
  return error === undefined ? how : `${how}: ${logMessage(error)}`;
}

/** What the scenario itself did to the cluster. */
function faultLines({ t, fault, action, pod }: EventOf<'fault'>, { cluster }: Memory): readonly StoryLine[] {
  const where = pod === undefined ? '' : ` of ${shortPodName(pod, cluster)}`;
  return [
    { t, kind: 'user', text: `the scenario ${action === 'inject' ? 'injected' : 'undid'} fault ${fault}${where}` },
  ];
}

/** ` (known issue strimzi-kafka-operator#11262)`. */
export function knownIssueText(issue: KnownIssueReference | undefined): string {
  return issue === undefined ? '' : ` (known issue ${issueText(issue)})`;
}

/** A pod's first start, also in a pool that was created again, or a restart. */
function startedText(event: EventOf<'node-started'>, memory: Memory): string {
  if (memory.started.has(event.pod)) return `restarted ${startText(event)}`.trimEnd();
  // What a new pool's controllers find distinguishes the two ways of losing topics.
  const isReported = event.role === 'controller' && event.volume !== undefined;
  const volume = isReported ? `, on ${event.volume === 'empty' ? 'an empty' : 'a used'} volume` : '';
  return `started ${startText(event)}${volume}`.trimEnd();
}

function withEvidence({
  invariant,
  evidence = [],
}: EventOf<'invariant-evaluated'>): Parameters<typeof violationKey>[0] {
  return { invariant, evidence };
}

/** Does not repeat what earlier lines have reported. */
function violatedText(event: EventOf<'invariant-evaluated'>, memory: Memory): string {
  const vanished = new Set(memory.vanishings.flatMap(({ topics }) => topics));
  const violation = withEvidence(event);
  const isReported = isOnlyVanishedTopics(violation, vanished);
  const message = event.message === undefined ? '' : `: ${event.message}`;
  const why = isReported ? ' by this loss' : memory.violated.has(violationKey(violation)) ? ', as before' : message;
  return `${event.about}: ${event.invariant} is violated${why}${knownIssueText(event.knownIssue)}`;
}

function clientText({ action, topic, records }: ClientAction): string {
  if (action === 'create-topic') return `created topic ${topic}`;
  if (action === 'alter-topic') return `changed the configs of topic ${topic}`;
  if (action === 'delete-topic') return `deleted topic ${topic}`;
  return `wrote ${records === undefined ? 'records' : count(records, 'acknowledged record')} to topic ${topic}`;
}

function znodeLines(
  event: Extract<JournalEvent, { readonly type: 'znode-changed' }>,
  memory: Memory,
): readonly StoryLine[] {
  const by = event.writer === undefined ? '' : `, by ${writerText(event.writer)}`;
  const line = (text: string): readonly StoryLine[] => [{ t: event.t, kind: 'znode', text: `${text}${by}` }];
  if (event.path === '/migration' && event.phase !== undefined && event.phase !== memory.phase) {
    if (event.phase === 'absent') return line('/migration was deleted');
    return line(
      event.phase === 'copied'
        ? '/migration has an offset above 0: the first copy to KRaft is done'
        : '/migration was created without an offset',
    );
  }
  if (event.path === '/controller') {
    const holder = controllerHolder(event.value);
    if (holder === undefined || holder === memory.lastHolder) return [];
    return line(`/controller belongs to ${holder}${event.ephemeral === false ? ', as a persistent znode' : ''}`);
  }
  return [];
}

function controllerLines(
  event: Extract<JournalEvent, { readonly type: 'controller-log' }>,
  memory: Memory,
): readonly StoryLine[] {
  const who = shortPodName(event.pod, memory.cluster);
  const line = (text: string): readonly StoryLine[] => [{ t: event.t, kind: 'controller', text }];
  if (fullSync(event) !== undefined) return line(`${who} begins a full metadata sync from KRaft to ZooKeeper`);
  if (event.text.includes(FIRST_COPY_DONE)) {
    return line(`${who} reads in /migration that the first copy is done, and will not copy ZooKeeper's metadata`);
  }
  return event.level === 'ERROR' ? line(`${who} logs ERROR: ${logMessage(event.text)}`) : [];
}

/** What a line of a node's log means. The end of a node has its own line. */
function nodeLogLines(event: EventOf<'node-log'>, memory: Memory): readonly StoryLine[] {
  const seen = signIn(event.text);
  if (seen?.sign.passes === true || seen?.sign.endsNode === true) return [];
  const who = shortPodName(event.pod, memory.cluster);
  const text = logMessage(event.text);
  const level = event.level === '' ? '' : ` ${event.level}`;
  if (event.more !== undefined) {
    return [{ t: event.t, kind: 'node', text: `${who} logged this ${count(event.more, 'more time')}: ${text}` }];
  }
  const meaning = seen === undefined ? '' : `, which means: ${meaningOf(seen)}`;
  return [{ t: event.t, kind: 'node', text: `${who} logs${level}: ${text}${meaning}` }];
}

function vanished(part: Vanishing | undefined, memory: Memory): readonly StoryLine[] {
  if (part === undefined) return [];
  const begun = memory.vanishings.find((earlier) => isPartOf(earlier, part));
  const text = begun === undefined ? vanishedText(part, memory.cluster) : moreVanishedText(part, begun);
  return [{ t: part.from, kind: 'loss', text: `LOSS: ${text}`, vanishing: part }];
}
