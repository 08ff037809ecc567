import type { EventOf, JournalEvent } from '../../journal/events.js';
import { fullSync } from '../../journal/loss.js';
import { after, count, named, timeSpan } from '../../journal/words.js';
import { is, lastPoolCreation } from './history.js';
import { byWriter } from './wording.js';

/** Topics that one client deleted from `/brokers/topics`, and what preceded it. */
export interface Vanishing {
  readonly topics: readonly string[];
  /** Of the first and the last of them, seconds since the start of the run. */
  readonly from: number;
  readonly to: number;
  readonly writer: EventOf<'topics-changed'>['writer'];
  /** `0.4 s after the full metadata sync of my-cluster-controller-1` */
  readonly preceded: string | undefined;
  /** What that sync says it wrote: `{DeleteTopic=10}`. */
  readonly wrote: string | undefined;
}

/**
 * The log of a node and that of ZooKeeper are followed apart, and recordings were polled: a line less than this many
 * seconds after a change may have come before it (recordings: "events less than two seconds apart").
 */
const SIMULTANEOUS = 2;

/** Kafka 3.9.0 `KRaftMigrationDriver`, what the sync has written: `{DeleteTopic=1, ...}`. */
const SYNC_WRITES = 'ZK writes when reconciling with KRaft state';

/** Which clients deleted these topics from ZooKeeper, as the journal tells. Topics whose deletion it does not tell are left out. */
export function vanishings(topics: readonly string[], events: readonly JournalEvent[]): readonly Vanishing[] {
  const bySession = new Map<string, { topics: string[]; from: number; to: number; event: EventOf<'topics-changed'> }>();
  for (const topic of topics) {
    const last = events.findLast(
      (event) => is(event, 'topics-changed') && [...(event.deleted ?? []), ...(event.created ?? [])].includes(topic),
    );
    if (!is(last, 'topics-changed') || !last.deleted?.includes(topic)) continue;
    const session = last.writer?.session ?? '';
    const group = bySession.get(session);
    if (group === undefined) bySession.set(session, { topics: [topic], from: last.t, to: last.t, event: last });
    else {
      group.topics.push(topic);
      if (last.t < group.from) Object.assign(group, { from: last.t, event: last });
      group.to = Math.max(group.to, last.t);
    }
  }
  return [...bySession.values()]
    .sort((a, b) => a.from - b.from)
    .map(({ event, ...group }) => ({ ...group, writer: event.writer, ...precededBy(event, events) }));
}

/** `10 topics vanished from ZooKeeper at 13.9 s, 0.4 s after ..., by session 0x..., controller 1: a, b` */
export function describeVanishing(vanishing: Vanishing): string {
  return `${count(vanishing.topics.length, 'topic')} vanished from ZooKeeper ${when(vanishing)}: ${named(vanishing.topics)}`;
}

/** `at 13.9 s, 0.4 s after the full metadata sync of my-cluster-controller-1, by session 0x..., controller 1` */
export function when({ from, to, preceded, writer }: Vanishing): string {
  return `${timeSpan(from, to)}${preceded === undefined ? '' : `, ${preceded}`}${byWriter(writer)}`;
}

/** What preceded a vanishing, for its evidence: `0.4 s after the full metadata sync of P, which wrote {DeleteTopic=10}` */
export function precedent({ preceded, wrote }: Vanishing): string | undefined {
  return preceded === undefined || wrote === undefined ? preceded : `${preceded}, which wrote ${wrote}`;
}

function precededBy(
  change: EventOf<'topics-changed'>,
  events: readonly JournalEvent[],
): Pick<Vanishing, 'preceded' | 'wrote'> {
  const migration = events.slice(lastPoolCreation(events.slice(0, events.indexOf(change))) + 1);
  const sync = migration.map(fullSync).findLast((begun) => begun !== undefined && begun.t <= change.t + SIMULTANEOUS);
  if (sync === undefined) return { preceded: undefined, wrote: undefined };
  const writes = migration.findLast(
    (event) => isLine(event, SYNC_WRITES) && event.t >= sync.t && event.t <= change.t + SIMULTANEOUS,
  );
  const order = sync.t <= change.t ? after(change.t - sync.t) : 'together with';
  return {
    preceded: `${order} the full metadata sync of ${sync.pod}`,
    wrote: is(writes, 'controller-log') ? /\{[^}]*\}/.exec(writes.text)?.[0] : undefined,
  };
}

function isLine(event: JournalEvent, text: string): boolean {
  return is(event, 'controller-log') && event.text.includes(text);
}
