import type { JournalEvent } from '../../journal/events.js';
import { readMigration } from '../../metadata/zookeeper/znodes.js';
import type { KafkaMetadataState } from '../../strimzi/migration-state.js';
import { type Driver, leadingDriver } from './driver.js';
import { changesOf } from './znodes.js';

/** A quorum that waits for an epoch that it can reach only by an election. */
export interface StuckQuorum {
  readonly driver: Driver;
  /** The epoch that `/migration` has kept from an earlier quorum. */
  readonly storedEpoch: number;
  /** The epoch of the quorum that claimed `/controller` now. */
  readonly quorumEpoch: number;
  readonly migration: string;
}

/**
 * Whether the migration can never continue: the driver took a leftover `/migration` for its own, and waits in
 * SYNC_KRAFT_TO_ZK until its (epoch, offset) has passed the stored one. The epoch is compared first (Kafka 3.9.0
 * `KRaftMigrationDriver.java:835-839`, `OffsetAndEpoch.java`), so with a lower one no offset is ever enough. This is
 * the form of strimzi-kafka-operator#11262 if, with three controllers, the first quorum needed more elections than the
 * second. With an equal epoch the driver continues when its offset has passed the stored one, and wipes ZooKeeper.
 *
 * @param state `status.kafkaMetadataState`
 * @param migration the content of `/migration` now; by default, the last that was journalled
 */
export function stuckQuorum(
  events: readonly JournalEvent[],
  state: KafkaMetadataState | undefined,
  migration: string | undefined = changesOf('/migration', events).at(-1)?.event.value,
): StuckQuorum | undefined {
  if (state !== 'KRaftMigration' || migration === undefined) return undefined;
  const driver = leadingDriver(events);
  if (driver?.state !== 'SYNC_KRAFT_TO_ZK') return undefined;
  const content = readMigration(migration);
  if (content === undefined || content.kraft_metadata_epoch <= content.kraft_controller_epoch) return undefined;
  return {
    driver,
    storedEpoch: content.kraft_metadata_epoch,
    quorumEpoch: content.kraft_controller_epoch,
    migration,
  };
}
