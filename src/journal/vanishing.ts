import { isKraftController, readController } from '../metadata/zookeeper/znodes.js';
import type { JournalEvent, Writer } from './events.js';

/*
 * Which topics vanished from ZooKeeper, when, by whom and after what: the only place that decides it. The invariants'
 * messages, the live report, the story and the ending of a run all use it, so that they name the same cause.
 */

/** A controller's full metadata sync from KRaft to ZooKeeper. */
export interface FullSync {
  /** When it began, in seconds since the start of the run. */
  readonly t: number;
  /** `my-cluster-controller-1`. */
  readonly pod: string;
}

/** Topics that one client deleted from `/brokers/topics` together, and what preceded it. */
export interface Vanishing {
  /** In order of name. */
  readonly topics: readonly string[];
  /** Of the first and the last of them, in seconds since the start of the run. */
  readonly from: number;
  readonly to: number;
  /** The full metadata sync of this migration that preceded it. */
  readonly sync: FullSync | undefined;
  /** The writes that this sync logged: `{DeleteTopic=10}`. undefined: not logged, or not yet. */
  readonly wrote: string | undefined;
  /** undefined: not journalled, as in a recording. */
  readonly writer: Writer | undefined;
  /** Who held `/controller`: `controller 1`, `broker 0`. */
  readonly holder: string | undefined;
  /** `status.kafkaMetadataState` at that time. */
  readonly state: string | undefined;
  /** How many topics ZooKeeper had afterwards; undefined: not journalled. */
  readonly left: number | undefined;
}

/**
 * Seconds by which the line of a sync may come after a deletion that the sync made: the log of a node and that of
 * ZooKeeper are followed separately, and recordings were polled (recordings: "events less than two seconds apart").
 */
const SYNC_TOLERANCE = 2;

/** Deletions that are further apart than this many seconds are not one vanishing, even by the same client. */
const LONGEST_PAUSE = 5;

/** Kafka 3.9.0 `KRaftMigrationDriver.java:823-853`; recording 0.45.0-one-broker at 492.7 s. */
const FULL_SYNC = 'Performing a full metadata sync from KRaft to ZK';
/** The same class, what the sync has written: `{DeleteTopic=1, ...}`. */
const SYNC_WRITES = 'ZK writes when reconciling with KRaft state';

/** The sync that begins with this event, if one does. */
export function fullSync(event: JournalEvent): FullSync | undefined {
  return event.type === 'controller-log' && event.text.includes(FULL_SYNC) ? { t: event.t, pod: event.pod } : undefined;
}

/**
 * Who holds `/controller` with this content: `controller 1`, `broker 0`. A KRaft controller writes its own epoch,
 * which is above -1, a broker writes -1 (recorded). undefined: nobody, or the content cannot be read.
 */
export function controllerHolder(value: string | undefined): string | undefined {
  const controller = value === undefined ? undefined : readController(value);
  if (controller === undefined) return undefined;
  return `${isKraftController(controller) ? 'controller' : 'broker'} ${controller.brokerid}`;
}

/** The topics that the user deleted, journalled before or after they disappeared: that is no loss. */
export function topicsDeletedByUser(events: readonly JournalEvent[]): ReadonlySet<string> {
  return new Set(
    events.flatMap((event) => (event.type === 'client-action' && event.action === 'delete-topic' ? [event.topic] : [])),
  );
}

/** The topics that vanished with this event although no user deleted them. */
export function vanishedTopics(event: JournalEvent, byUser: ReadonlySet<string>): readonly string[] {
  return event.type === 'topics-changed' ? (event.deleted ?? []).filter((topic) => !byUser.has(topic)) : [];
}

/** Every vanishing of a run, in order of its first part. */
export function vanishings(events: readonly JournalEvent[]): readonly Vanishing[] {
  const byUser = topicsDeletedByUser(events);
  return joinVanishings(events.flatMap((_, index) => vanishingAt(events, index, byUser) ?? []));
}

/**
 * How these topics vanished, as far as the journal says: topics that were created again since, and topics whose
 * deletion is not journalled, are omitted.
 */
export function vanishingsOfTopics(topics: readonly string[], events: readonly JournalEvent[]): readonly Vanishing[] {
  const deletions = new Map<number, string[]>();
  for (const topic of topics) {
    const index = events.findLastIndex(
      (event) =>
        event.type === 'topics-changed' && [...(event.deleted ?? []), ...(event.created ?? [])].includes(topic),
    );
    const last = events[index];
    if (last?.type !== 'topics-changed' || last.deleted?.includes(topic) !== true) continue;
    deletions.set(index, [...(deletions.get(index) ?? []), topic]);
  }
  return joinVanishings(
    [...deletions].sort(([a], [b]) => a - b).flatMap(([index, deleted]) => partAt(events, index, deleted) ?? []),
  );
}

/**
 * The part of a vanishing that the event at `index` reports, with what the events say about it; during a run, only the
 * events so far. undefined: the event deletes nothing, or only what the user deleted.
 * @param byUser the topics that the user deleted
 */
export function vanishingAt(
  events: readonly JournalEvent[],
  index: number,
  byUser: ReadonlySet<string>,
): Vanishing | undefined {
  const event = events[index];
  const topics = event === undefined ? [] : vanishedTopics(event, byUser);
  return topics.length === 0 ? undefined : partAt(events, index, topics);
}

function partAt(events: readonly JournalEvent[], index: number, topics: readonly string[]): Vanishing | undefined {
  const event = events[index];
  if (event?.type !== 'topics-changed') return undefined;
  const before = events.slice(0, index);
  const sync = syncBefore(event.t, before, events);
  return {
    topics: [...topics].sort(),
    from: event.t,
    to: event.t,
    sync,
    wrote: sync === undefined ? undefined : writesOf(sync, events),
    writer: event.writer,
    holder: holderAfter(before),
    state: stateAfter(before),
    left: event.topics?.length,
  };
}

/**
 * The last full sync of this migration that began before a change at `t`: the sync of an earlier migration cannot be
 * the cause.
 * @param before the events before the change
 */
function syncBefore(t: number, before: readonly JournalEvent[], events: readonly JournalEvent[]): FullSync | undefined {
  const pool = before.findLastIndex((event) => event.type === 'gesture' && event.gesture === 'create-controller-pool');
  return events
    .slice(pool + 1)
    .map(fullSync)
    .findLast((sync) => sync !== undefined && sync.t <= t + SYNC_TOLERANCE);
}

/** The writes that a sync logged: its controller logs them once, at the end of the sync. */
function writesOf(sync: FullSync, events: readonly JournalEvent[]): string | undefined {
  const begun = events.findIndex((event) => event.t === sync.t && fullSync(event)?.pod === sync.pod);
  const later = events.slice(begun + 1);
  const next = later.findIndex((event) => fullSync(event)?.pod === sync.pod);
  const writes = later
    .slice(0, next === -1 ? later.length : next)
    .find((event) => event.type === 'controller-log' && event.pod === sync.pod && event.text.includes(SYNC_WRITES));
  return writes?.type === 'controller-log' ? /\{[^}]*\}/.exec(writes.text)?.[0] : undefined;
}

function stateAfter(events: readonly JournalEvent[]): string | undefined {
  const last = events.findLast((event) => event.type === 'state-changed');
  return last?.type === 'state-changed' ? last.to : undefined;
}

function holderAfter(events: readonly JournalEvent[]): string | undefined {
  const last = events.findLast((event) => event.type === 'znode-changed' && event.path === '/controller');
  return last?.type === 'znode-changed' ? controllerHolder(last.value) : undefined;
}

/** Whether a later part belongs to a vanishing: the same client, after the same sync, without a long pause. */
export function isPartOf(earlier: Vanishing, part: Vanishing): boolean {
  return (
    earlier.writer?.session === part.writer?.session &&
    earlier.sync?.t === part.sync?.t &&
    part.from - earlier.to <= LONGEST_PAUSE
  );
}

/** Joins the parts of each vanishing, in order of their first. */
export function joinVanishings(parts: readonly Vanishing[]): readonly Vanishing[] {
  const joined: Vanishing[] = [];
  for (const part of parts) {
    const index = joined.findIndex((earlier) => isPartOf(earlier, part));
    const earlier = joined[index];
    if (earlier === undefined) joined.push(part);
    else {
      const topics = [...new Set([...earlier.topics, ...part.topics])].sort();
      joined[index] = { ...earlier, topics, to: part.to, left: part.left, wrote: earlier.wrote ?? part.wrote };
    }
  }
  return joined;
}
