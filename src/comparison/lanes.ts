import type { EventOf, JournalEvent, NodeStarted } from '../journal/events.js';
import { deletionText, gestureText, shortPodName, startText } from '../journal/text.js';

/*
 * A journal laid out in lanes, one per subject, with only what means the same in every environment. Two runs agree if
 * their lanes are equal; `orders.ts` compares the order of events in different lanes.
 */

/** One thing that happened in a lane. Two items are equal if kind and facts are. */
export interface LaneItem {
  readonly kind: string;
  /** What is compared, by name. */
  readonly facts: Readonly<Record<string, string>>;
  /** The item as text, without its subject: `started in KRaft mode, configured for POST_MIGRATION`. */
  readonly text: string;
  /** Seconds since the start. */
  readonly t: number;
  /** Position of the event in the journal. */
  readonly index: number;
}

/** Lanes by their name, each in the order of time. */
export type Lanes = ReadonlyMap<string, readonly LaneItem[]>;

export const USER_LANE = 'user';
export const STATE_LANE = 'state';
export const ZNODE_DELETIONS_LANE = "operator's znode deletions";
export const MIGRATION_LANE = '/migration';

/** The name of a node's lane: `node broker-0`. */
export function nodeLane(pod: string, clusterName: string): string {
  return `node ${shortPodName(pod, clusterName)}`;
}

/**
 * Lays out a journal whose first event is `run-started`.
 *
 * What comes after the verdict is the removal of the cluster, and belongs to no lane.
 */
export function layOut(events: readonly JournalEvent[]): Lanes {
  const cluster =
    events[0]?.type === 'run-started' ? events[0].cluster : { name: '', namespace: '', clusterDomain: '' };
  const end = events.findIndex((event) => event.type === 'verdict');
  const compared = events.slice(0, end === -1 ? undefined : end);
  const normalise = placeholders(cluster);
  const clusterIds = new Map<string, string>();

  const lanes = new Map<string, LaneItem[]>([
    [USER_LANE, []],
    [STATE_LANE, []],
    [ZNODE_DELETIONS_LANE, []],
    [MIGRATION_LANE, []],
  ]);
  const put = (lane: string, item: LaneItem) => {
    const items = lanes.get(lane);
    if (items === undefined) lanes.set(lane, [item]);
    else items.push(item);
  };
  for (const [index, event] of compared.entries()) {
    const at = { t: event.t, index };
    switch (event.type) {
      case 'gesture':
        put(USER_LANE, { ...gestureItem(event), ...at });
        break;
      case 'state-changed':
        put(STATE_LANE, {
          kind: 'state',
          facts: { state: event.to, 'strimzi.io/kraft': event.annotation },
          text: `became ${event.to} with strimzi.io/kraft: ${event.annotation}`,
          ...at,
        });
        break;
      case 'node-started':
        put(nodeLane(event.pod, cluster.name), { ...startItem(event, normalise, clusterIds), ...at });
        break;
      case 'node-stopped':
        // One of the ends of a node that its container's restarts do not help; restarts are in no lane either.
        if (event.reason === 'died' && event.error !== undefined) break;
        put(nodeLane(event.pod, cluster.name), { ...stopItem(event), ...at });
        break;
      case 'node-gone':
        put(nodeLane(event.pod, cluster.name), {
          kind: 'gone',
          facts: {},
          text: 'was removed and not replaced',
          ...at,
        });
        break;
      case 'volume-wiped':
        put(nodeLane(event.pod, cluster.name), { kind: 'wiped', facts: {}, text: 'had its volume deleted', ...at });
        break;
      case 'operator-deleted-znode':
        put(ZNODE_DELETIONS_LANE, {
          kind: 'deletion',
          facts: { path: event.path, outcome: event.outcome },
          text: deletionText(event),
          ...at,
        });
        break;
      case 'znode-changed':
        if (event.path === '/migration' && event.phase !== undefined) {
          put(MIGRATION_LANE, { kind: 'phase', facts: { phase: event.phase }, text: PHASES[event.phase], ...at });
        }
        break;
      default:
    }
  }
  const states = lanes.get(STATE_LANE) ?? [];
  return new Map(
    [...lanes].map(([name, items]) => {
      if (name === MIGRATION_LANE) return [name, foldPhases(items)];
      if (name === ZNODE_DELETIONS_LANE) return [name, foldRetries(items, states)];
      return [name, name.startsWith('node ') ? foldNode(items) : items];
    }),
  );
}

const PHASES = {
  absent: 'was absent',
  initial: 'existed without an offset',
  copied: 'had an offset above 0',
} as const;

function gestureItem(event: EventOf<'gesture'>): Omit<LaneItem, 't' | 'index'> {
  const { t: _t, type: _type, gesture, ...parameters } = event;
  const facts = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
  return { kind: gesture, facts, text: gestureText(event) };
}

/**
 * A start is compared by role, mode, ordinal and every key of its configuration. Its volume is not: in Kubernetes the
 * content of a claim cannot be seen.
 */
function startItem(
  start: NodeStarted,
  normalise: (value: string) => string,
  clusterIds: Map<string, string>,
): Omit<LaneItem, 't' | 'index'> {
  const facts: Record<string, string> = {
    role: start.role,
    'node id': String(start.nodeId),
    mode: start.mode,
    'configuration state': start.configurationState ?? 'none',
  };
  for (const [key, value] of Object.entries(start.configuration)) facts[`server.config ${key}`] = normalise(value);
  for (const [key, value] of Object.entries(start.configMap)) {
    facts[`ConfigMap ${key}`] = key === 'cluster.id' ? ownId(value, clusterIds) : normalise(value);
  }
  return { kind: 'start', facts, text: `started ${startText(start)}`.trimEnd() };
}

/** Every run has its own cluster ID: two runs can only be compared by where it changes. */
function ownId(value: string, clusterIds: Map<string, string>): string {
  const known = clusterIds.get(value) ?? `<cluster id ${clusterIds.size + 1}>`;
  clusterIds.set(value, known);
  return known;
}

/**
 * Why a node stopped is compared only as far as a recording shows: `forced` is in the operator's log, and a death is a
 * restart in the pod's status. Whether the operator rolled a pod, its owner was deleted or the user deleted it is only
 * visible in what came next, in a recording and in the lane: a start follows, or the node is gone.
 */
function stopItem(event: EventOf<'node-stopped'>): Omit<LaneItem, 't' | 'index'> {
  const why = event.reason === 'forced' || event.reason === 'died' ? event.reason : 'ordered';
  const text = { forced: 'was stopped by force ("due to []")', died: 'died', ordered: 'was stopped' }[why];
  return { kind: 'stop', facts: { why }, text };
}

/** Replaces the names that two runs do not share: the cluster's, its namespace and its domain. */
function placeholders(cluster: {
  readonly name: string;
  readonly namespace: string;
  readonly clusterDomain: string;
}): (value: string) => string {
  // Only at the start of a host name: `/data/kafka-log0` does not contain the name of a cluster called kafka.
  const name = new RegExp(`(?<![\\w-]|(?<!/)/)${escaped(cluster.name)}(?=-[a-z0-9-]*[.:])`, 'g');
  // Most values appear in the configuration of every start.
  const known = new Map<string, string>();
  return (value) => {
    const normalised =
      known.get(value) ??
      value
        .replaceAll(`.svc.${cluster.clusterDomain}`, '.svc.<cluster domain>')
        .replaceAll(`.${cluster.namespace}.svc`, '.<namespace>.svc')
        .replace(name, '<cluster>');
    known.set(value, normalised);
    return normalised;
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Omits consecutive repeats. Before the first migration the znode is absent, whether that was seen or not. */
function foldPhases(items: readonly LaneItem[]): readonly LaneItem[] {
  const folded: LaneItem[] = [];
  for (const item of items) {
    if (item.facts.phase !== (folded.at(-1)?.facts.phase ?? 'absent')) folded.push(item);
  }
  return folded;
}

/**
 * A pass that fails after the deletions is repeated with them; how often depends only on timing (0.45.1-disabled-first:
 * ten times in a minute). So within one state the deletions of a repeated pass do not count: it deletes the same znodes
 * in the same order, and finds what the pass before it deleted, deleted again or absent. `/controller` exists again,
 * because a broker has claimed it; `/migration` does not. A znode that was absent and is then deleted is no repeat:
 * somebody wrote it in between. A pass begins its deletions with `/controller` (Strimzi 0.45.1
 * KRaftMigrationUtils.java:49-88).
 */
function foldRetries(items: readonly LaneItem[], states: readonly LaneItem[]): readonly LaneItem[] {
  const passes: LaneItem[][] = [];
  for (const item of items) {
    if (item.facts.path === '/controller' || passes.length === 0) passes.push([item]);
    else passes.at(-1)?.push(item);
  }
  const inState = (pass: readonly LaneItem[]) =>
    states.filter((state) => state.index < (pass[0]?.index ?? Number.POSITIVE_INFINITY)).length;
  return passes
    .filter((pass, i) => {
      const before = passes[i - 1];
      return before === undefined || inState(before) !== inState(pass) || !isRepeat(before, pass);
    })
    .flat();
}

function isRepeat(before: readonly LaneItem[], pass: readonly LaneItem[]): boolean {
  return (
    before.length === pass.length &&
    pass.every((item, i) => {
      const earlier = before[i];
      const same = item.facts.path === earlier?.facts.path;
      return same && (item.facts.outcome === 'absent' || item.facts.outcome === earlier?.facts.outcome);
    })
  );
}

/** Whether two items mean the same. */
export function sameItem(a: LaneItem | undefined, b: LaneItem | undefined): boolean {
  if (a === undefined || b === undefined || a.kind !== b.kind) return false;
  const names = Object.keys(a.facts);
  return names.length === Object.keys(b.facts).length && names.every((name) => a.facts[name] === b.facts[name]);
}

/** The first fact, in order of name, in which two items differ; undefined: in none. */
export function differingFact(a: LaneItem, b: LaneItem): string | undefined {
  return [...new Set([...Object.keys(a.facts), ...Object.keys(b.facts)])]
    .sort()
    .find((name) => a.facts[name] !== b.facts[name]);
}

/** What a node's lane is folded to: forced restarts to one, and `gone` before `wiped`. */
function foldNode(items: readonly LaneItem[]): readonly LaneItem[] {
  return foldForcedRestarts(goneBeforeWiped(items));
}

/** The pod and its claim are deleted within the same second: which deletion was seen first means nothing. */
function goneBeforeWiped(items: readonly LaneItem[]): readonly LaneItem[] {
  const ordered = [...items];
  for (const [i, item] of ordered.entries()) {
    const next = ordered[i + 1];
    if (item.kind === 'wiped' && next?.kind === 'gone') ordered.splice(i, 2, next, item);
  }
  return ordered;
}

/**
 * A forced stop and a start with the same configuration are a forced restart, and any number of them in a row counts as
 * one: the operator repeats it while a broker rejects its configuration (0.45.0-one-broker), so the number depends on
 * timing.
 */
function foldForcedRestarts(items: readonly LaneItem[]): readonly LaneItem[] {
  const folded: LaneItem[] = [];
  let running: LaneItem | undefined;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (item === undefined) break;
    const next = items[i + 1];
    if (item.kind === 'stop' && item.facts.why === 'forced' && sameItem(running, next)) {
      if (folded.at(-1)?.kind !== FORCED_RESTART) {
        folded.push({ ...item, kind: FORCED_RESTART, facts: {}, text: 'was restarted by force ("due to []")' });
      }
      i++;
      continue;
    }
    if (item.kind === 'start') running = item;
    folded.push(item);
  }
  return folded;
}

/** The kind of an item that stands for any number of forced restarts. */
export const FORCED_RESTART = 'forced restart';
