import type { Evidence, JournalEvent, KnownIssueReference } from './events.js';

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

/** A violated invariant, once for each step in which it was violated. */
export interface ViolationFound {
  readonly t: number;
  readonly step: string;
  readonly invariant: string;
  readonly about: 'loss' | 'residue' | 'conduct';
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
