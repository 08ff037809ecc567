import { EnvironmentError } from '../../errors.js';
import type { MetadataSnapshot } from '../model.js';
import type { SnapshotOptions } from '../normalise.js';
import { readZooKeeperSnapshot, type ZooKeeperReads } from './reader.js';

/**
 * Reads the topic metadata of a ZooKeeper that somebody vouches for: Kafka makes /brokers/topics when it starts and deletes
 * only what is below it, and a broker, or a KRaft controller that writes to ZooKeeper, too, holds /controller. Controllers on
 * the volumes of an earlier migration do not claim it: what ZooKeeper holds is no longer what the brokers know then
 * (recording 0.45.1-claims-kept, from 348 s on).
 * @throws EnvironmentError where there is no Kafka, or no controller. @throws as `readZooKeeperSnapshot` does.
 */
export async function readZooKeeperInCharge(
  client: ZooKeeperReads,
  options: SnapshotOptions,
): Promise<MetadataSnapshot> {
  const [topics, controller] = await Promise.all([client.get('/brokers/topics'), client.get('/controller')]);
  if (topics === undefined) {
    throw new EnvironmentError(
      'There is no Kafka in this ZooKeeper: /brokers/topics is absent. Does a /chroot belong to its address?',
    );
  }
  if (controller === undefined) {
    throw new EnvironmentError(
      'Nobody is in charge of this ZooKeeper: /controller is absent. If the brokers run in KRaft mode, read them, with --kafka; else look again.',
    );
  }
  return readZooKeeperSnapshot(client, options);
}
