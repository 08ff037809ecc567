import type { About, Evidence, JournalEvent, KnownIssueReference, Writer } from './events.js';

/** The moment from which a run has lost something. */
export interface Loss {
  /** Position of the event in the journal. */
  readonly index: number;
  /** Seconds since the start. */
  readonly t: number;
  /** `vanished`: topics were seen to go. `told`: an invariant about loss, or the verdict, says so after the fact. */
  readonly how: 'vanished' | 'told';
}

/** The topics that the user deleted, before or after the journal saw them go: their disappearance is no loss. */
export function topicsDeletedByUser(events: readonly JournalEvent[]): ReadonlySet<string> {
  return new Set(
    events.flatMap((event) => (event.type === 'client-action' && event.action === 'delete-topic' ? [event.topic] : [])),
  );
}

/** The topics that vanished with this event although no user deleted them. */
export function vanishedTopics(event: JournalEvent, byUser: ReadonlySet<string>): readonly string[] {
  return event.type === 'topics-changed' ? (event.deleted ?? []).filter((topic) => !byUser.has(topic)) : [];
}

/** The first loss of a run; undefined if the journal tells of none. */
export function firstLoss(events: readonly JournalEvent[]): Loss | undefined {
  const byUser = topicsDeletedByUser(events);
  for (const [index, event] of events.entries()) {
    if (vanishedTopics(event, byUser).length > 0) return { index, t: event.t, how: 'vanished' };
    const told =
      (event.type === 'invariant-evaluated' && event.about === 'loss' && !event.holds) ||
      (event.type === 'verdict' && event.verdict === 'lost');
    if (told) return { index, t: event.t, how: 'told' };
  }
  return undefined;
}

/** A controller's full metadata sync from KRaft to ZooKeeper. */
export interface FullSync {
  /** When it began, in seconds since the start of the run. */
  readonly t: number;
  /** `my-cluster-controller-1`. */
  readonly pod: string;
}

/** Kafka 3.9.0 `KRaftMigrationDriver.java:823-853`; recording 0.45.0-one-broker at 492.7 s. */
const FULL_SYNC = 'Performing a full metadata sync from KRaft to ZK';

/** The sync that begins with this event, if one does. */
export function fullSync(event: JournalEvent): FullSync | undefined {
  return event.type === 'controller-log' && event.text.includes(FULL_SYNC) ? { t: event.t, pod: event.pod } : undefined;
}

/** Topics that vanished from ZooKeeper together: one client deleted them, after one sync. */
export interface Vanishing {
  /** In order of name. */
  readonly topics: readonly string[];
  /** Of the first and the last of them, in seconds since the start of the run. */
  readonly from: number;
  readonly to: number;
  /** The last full metadata sync of this migration before it. */
  readonly sync: FullSync | undefined;
  /** undefined: the journal does not know, as in a recording. */
  readonly writer: Writer | undefined;
  /** Whose `/controller` was: `controller 1`, `broker 0`. */
  readonly holder: string | undefined;
  /** `status.kafkaMetadataState` at that time. */
  readonly state: string | undefined;
  /** How many topics ZooKeeper had afterwards; undefined: not journalled. */
  readonly left: number | undefined;
}

/** What is further apart than this many seconds did not happen together, whoever did it. */
const TOGETHER = 5;

/** Whether a later part belongs to a vanishing: the same client, after the same sync, without a long pause. */
export function isPartOf(earlier: Vanishing, part: Vanishing): boolean {
  return (
    earlier.writer?.session === part.writer?.session &&
    earlier.sync?.t === part.sync?.t &&
    part.from - earlier.to <= TOGETHER
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
      joined[index] = { ...earlier, topics, to: part.to, left: part.left };
    }
  }
  return joined;
}

/** The topics that the user had made and not deleted, as far as the journal tells. */
export function topicsOfUser(events: readonly JournalEvent[]): ReadonlySet<string> {
  const topics = new Set<string>();
  for (const event of events) {
    if (event.type !== 'client-action') continue;
    if (event.action === 'create-topic') topics.add(event.topic);
    if (event.action === 'delete-topic') topics.delete(event.topic);
  }
  return topics;
}

const TOPICS = '/brokers/topics/';

/** Whether a violation says no more than that topics vanished from ZooKeeper, each of which is among these. */
export function isOfVanished({ evidence }: Pick<ViolationFound, 'evidence'>, vanished: ReadonlySet<string>): boolean {
  return (
    evidence.length > 0 &&
    evidence.every(
      ({ subject, found }) =>
        found === 'absent' && subject.startsWith(TOPICS) && vanished.has(subject.slice(TOPICS.length)),
    )
  );
}

/** What a violation is about: two with the same matter say the same thing of two moments. */
export function matterOf({ invariant, evidence }: Pick<ViolationFound, 'invariant' | 'evidence'>): string {
  return JSON.stringify([invariant, ...evidence.map(({ subject }) => subject)]);
}

/** A violated invariant, once for each step in which it was violated. */
export interface ViolationFound {
  readonly t: number;
  readonly step: string;
  readonly invariant: string;
  readonly about: About;
  readonly message: string;
  readonly evidence: readonly Evidence[];
  readonly knownIssue: KnownIssueReference | undefined;
}

/** Every violation that the journal tells of, in order. */
export function violations(events: readonly JournalEvent[]): readonly ViolationFound[] {
  return events.flatMap((event) =>
    event.type === 'invariant-evaluated' && !event.holds
      ? [
          {
            t: event.t,
            step: event.step,
            invariant: event.invariant,
            about: event.about,
            message: event.message ?? 'violated, and the journal does not say why',
            evidence: event.evidence ?? [],
            knownIssue: event.knownIssue,
          },
        ]
      : [],
  );
}
