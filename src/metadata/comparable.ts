import { UsageError } from '../errors.js';
import { describeUnreadable } from './losses.js';
import { isInternalTopic } from './normalise.js';
import type { SnapshotFile } from './snapshot-file.js';

/** Two snapshots, reduced to what can be compared. */
export interface Comparable {
  readonly before: SnapshotFile;
  readonly after: SnapshotFile;
  /** What the comparison does not cover, one sentence each. */
  readonly caveats: readonly string[];
  /** Whether there was anything to lose. */
  readonly proves: boolean;
}

/** `status.kafkaMetadataState` during a migration. */
const MIGRATING: ReadonlySet<string | undefined> = new Set(['KRaftMigration', 'KRaftDualWriting']);

/**
 * Refuses snapshots that prove nothing, and omits from both what one of them does not have.
 * @throws UsageError for snapshots of different clusters, in the wrong order, or one with itself.
 */
export function comparable(before: SnapshotFile, after: SnapshotFile): Comparable {
  // With an invalid time, neither comparison is true.
  const [first, second] = [Date.parse(before.takenAt), Date.parse(after.takenAt)];
  if (first >= second) {
    throw new UsageError(
      first === second
        ? `Both snapshots were taken at ${after.takenAt}: a snapshot compared with itself proves nothing.`
        : `The second snapshot (${after.takenAt}) was taken before the first (${before.takenAt}). Give the earlier one first.`,
    );
  }
  if (before.clusterId !== undefined && after.clusterId !== undefined && before.clusterId !== after.clusterId) {
    throw new UsageError(
      `The snapshots are of different clusters: the first of ${before.clusterId} (${before.from}), the second of ${after.clusterId} (${after.from}).`,
    );
  }
  const bothHaveInternal = before.internalTopics === true && after.internalTopics === true;
  const [old, present] = bothHaveInternal ? [before, after] : [withoutInternal(before), withoutInternal(after)];
  return {
    before: old,
    after: present,
    caveats: [
      ...(before.unreadable ?? []).map(
        (znode) => `In the earlier snapshot ${describeUnreadable(znode)}; what it should hold was not compared.`,
      ),
      ...(after.unreadable ?? []).map((znode) => `In the later snapshot ${describeUnreadable(znode)}.`),
      ...(bothHaveInternal
        ? []
        : ["Kafka's own topics, __consumer_offsets and __transaction_state, were not compared."]),
      ...(MIGRATING.has(after.state)
        ? [`The later snapshot was taken during a migration (${after.state}), which may still lose something.`]
        : []),
    ],
    proves: old.topics.length > 0,
  };
}

function withoutInternal(snapshot: SnapshotFile): SnapshotFile {
  return { ...snapshot, topics: snapshot.topics.filter(({ name }) => !isInternalTopic(name)) };
}
