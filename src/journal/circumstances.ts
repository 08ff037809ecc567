import type { KafkaMetadataState } from '../strimzi/migration-state.js';
import type { Evidence, JournalEvent, Lost, Writer } from './events.js';
import { controllerHolder } from './vanishing.js';

/*
 * What a violation and a known issue are compared by: facts that do not differ from run to run, as times, sessions and
 * contents of znodes do.
 */

/** Of a session: whose it is, without the number of the node. `unknown`: of a client that is in no log. */
export const WRITER_ROLES = ['controller', 'broker', 'operator', 'user', 'harness', 'unknown'] as const;
export type WriterRole = (typeof WRITER_ROLES)[number];

/** What was lost. `all-records`: every record of the topic; `records`: some of them. */
export const LOST_KINDS = [
  'topic',
  'topic-id',
  'topic-partitions',
  'topic-configs',
  'topic-deletion',
  'records',
  'all-records',
] as const;
export type LostKind = (typeof LOST_KINDS)[number];

/** The state of a cluster whose operator has not set one yet. */
export const NO_STATE = 'none';

/** A piece of evidence, without what differs from run to run. */
export interface Fact {
  /** As in the evidence: `/brokers/topics/orders`. */
  readonly subject: string;
  /** As in the evidence: `absent`, or the content of a znode. */
  readonly found: string;
  /** undefined: nothing was lost. */
  readonly lost: LostKind | undefined;
  /** Who made the change; undefined: the evidence names no writer. */
  readonly writer: WriterRole | undefined;
}

/** Whether what was found is the same in another run: `absent`, `unknown to the brokers`, but no numbers, no content. */
export function isWord(found: string): boolean {
  return /^[A-Za-z][A-Za-z_ -]*$/.test(found);
}

/** The circumstances of a violation. */
export interface Circumstances {
  /** `status.kafkaMetadataState` when it was found, or `NO_STATE`. */
  readonly state: KafkaMetadataState | typeof NO_STATE;
  readonly facts: readonly Fact[];
}

/**
 * The circumstances of a violation.
 * @param events the events before the violation
 */
export function circumstancesOf(evidence: readonly Evidence[], events: readonly JournalEvent[]): Circumstances {
  const last = events.findLast((event) => event.type === 'state-changed');
  return {
    state: last?.type === 'state-changed' ? last.to : NO_STATE,
    facts: evidence.map(({ subject, found, lost, writer }) => ({
      subject,
      found,
      lost: lost === undefined ? undefined : lostKind(lost),
      writer: writer === undefined ? undefined : roleOf(writer, events),
    })),
  };
}

function lostKind({ kind, all }: Lost): LostKind {
  return kind === 'records' && all === true ? 'all-records' : kind;
}

/** The role of a writer whose owner is not in the journal may follow from `/controller`: its content names its writer. */
function roleOf({ who, session }: Writer, events: readonly JournalEvent[]): WriterRole {
  const name = who ?? holderOf(session, events) ?? 'unknown';
  return WRITER_ROLES.find((role) => role === name.split(' ')[0]) ?? 'unknown';
}

function holderOf(session: string, events: readonly JournalEvent[]): string | undefined {
  const claim = events.findLast(
    (event) =>
      event.type === 'znode-changed' &&
      event.path === '/controller' &&
      event.change === 'created' &&
      event.writer?.session === session,
  );
  return claim?.type === 'znode-changed' ? controllerHolder(claim.value) : undefined;
}
