import type { About, Evidence, JournalEvent, KnownIssueReference } from './events.js';
import { topicsDeletedByUser, vanishedTopics } from './vanishing.js';

/** When a run first lost something. */
export interface Loss {
  /** Position of the event in the journal. */
  readonly index: number;
  /** Seconds since the start. */
  readonly t: number;
  /**
   * `vanished`: topics were seen to disappear. `reported`: an invariant about loss, or the verdict, reported it later.
   */
  readonly how: 'vanished' | 'reported';
}

/** The first loss of a run; undefined if the journal has none. */
export function firstLoss(events: readonly JournalEvent[]): Loss | undefined {
  const byUser = topicsDeletedByUser(events);
  for (const [index, event] of events.entries()) {
    if (vanishedTopics(event, byUser).length > 0) return { index, t: event.t, how: 'vanished' };
    const reported =
      (event.type === 'invariant-evaluated' && event.about === 'loss' && !event.holds) ||
      (event.type === 'verdict' && event.verdict === 'lost');
    if (reported) return { index, t: event.t, how: 'reported' };
  }
  return undefined;
}

/** When a run first showed that its cluster is broken. */
export interface Outage {
  /** Position of the event in the journal. */
  readonly index: number;
  /** Seconds since the start. */
  readonly t: number;
}

/** The first outage of a run: an invariant about outage, or the verdict, reported it; undefined: the journal has none. */
export function firstOutage(events: readonly JournalEvent[]): Outage | undefined {
  const index = events.findIndex(
    (event) =>
      (event.type === 'invariant-evaluated' && event.about === 'outage' && !event.holds) ||
      (event.type === 'verdict' && event.verdict === 'broken'),
  );
  const event = events[index];
  return event === undefined ? undefined : { index, t: event.t };
}

/** The topics that the user created and did not delete, as far as the journal says. */
export function topicsOfUser(events: readonly JournalEvent[]): ReadonlySet<string> {
  const topics = new Set<string>();
  for (const event of events) {
    if (event.type !== 'client-action') continue;
    if (event.action === 'create-topic') topics.add(event.topic);
    if (event.action === 'delete-topic') topics.delete(event.topic);
  }
  return topics;
}

/** Whether a violation says only that topics vanished from ZooKeeper, and all of them are in `vanished`. */
export function isOnlyVanishedTopics(
  { evidence }: Pick<ViolationFound, 'evidence'>,
  vanished: ReadonlySet<string>,
): boolean {
  return (
    evidence.length > 0 &&
    evidence.every(({ lost, where }) => lost?.kind === 'topic' && where === 'znode' && vanished.has(lost.name))
  );
}

/** What a violation is about: two violations with the same key report the same thing at different times. */
export function violationKey({ invariant, evidence }: Pick<ViolationFound, 'invariant' | 'evidence'>): string {
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
  /** Why a known issue that is about this invariant does not explain it. */
  readonly notExplained: string | undefined;
}

/** Every violation in the journal, in order. */
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
            notExplained: event.notExplained,
          },
        ]
      : [],
  );
}
