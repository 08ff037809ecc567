import { UsageError } from '../errors.js';
import { isInternalTopic } from './normalise.js';
import type { SnapshotFile } from './snapshot-file.js';

/** Two snapshots, as far as a comparison of them proves anything. */
export interface Comparable {
  readonly before: SnapshotFile;
  readonly after: SnapshotFile;
  /** What the comparison says nothing of, each a sentence. */
  readonly caveats: readonly string[];
  /** Whether there is anything that could have been lost. */
  readonly proves: boolean;
}

const MIDDLE: ReadonlySet<string | undefined> = new Set(['KRaftMigration', 'KRaftDualWriting']);

/**
 * Refuses what can be no proof, and leaves out of both snapshots what one of them does not have.
 * @throws UsageError for snapshots of different clusters, in the wrong order, or one with itself.
 */
export function comparable(before: SnapshotFile, after: SnapshotFile): Comparable {
  // A time that is none is neither.
  const [first, second] = [Date.parse(before.takenAt), Date.parse(after.takenAt)];
  if (first >= second) {
    throw new UsageError(
      first === second
        ? `Both snapshots were taken at ${after.takenAt}: a snapshot compared with itself proves nothing.`
        : `The second snapshot (${after.takenAt}) was taken before the first (${before.takenAt}): give the earlier one first.`,
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
      ...(bothHaveInternal
        ? []
        : ["Kafka's own topics, __consumer_offsets and __transaction_state, were not compared."]),
      ...(MIDDLE.has(after.state)
        ? [`The later one was taken in the middle of a migration (${after.state}), which may still lose something.`]
        : []),
    ],
    proves: old.topics.length > 0,
  };
}

function withoutInternal(snapshot: SnapshotFile): SnapshotFile {
  return { ...snapshot, topics: snapshot.topics.filter(({ name }) => !isInternalTopic(name)) };
}
