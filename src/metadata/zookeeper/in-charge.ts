import { EnvironmentError } from '../../errors.js';
import type { MetadataSnapshot } from '../model.js';
import type { SnapshotOptions } from '../normalise.js';
import { readZooKeeperSnapshot, type ZooKeeperReads } from './reader.js';

/**
 * Reads the topic metadata of a ZooKeeper that has an active controller. Kafka creates /brokers/topics when it starts
 * and deletes only what is below it. A broker holds /controller, or a KRaft controller that writes to ZooKeeper too.
 * Controllers on the volumes of an earlier migration do not claim it: then ZooKeeper no longer holds what the brokers
 * know (recording 0.45.1-claims-kept, from 348 s on).
 * @throws EnvironmentError if there is no Kafka, or no controller. @throws as `readZooKeeperSnapshot` does.
 */
export async function readZooKeeperInCharge(
  client: ZooKeeperReads,
  options: SnapshotOptions,
): Promise<MetadataSnapshot> {
  const [topics, controller] = await Promise.all([client.get('/brokers/topics'), client.get('/controller')]);
  if (topics === undefined) {
    throw new EnvironmentError(
      'There is no Kafka in this ZooKeeper: /brokers/topics does not exist. Check whether its address needs a /chroot.',
    );
  }
  if (controller === undefined) {
    throw new EnvironmentError(
      'This ZooKeeper has no active controller: /controller does not exist. If the brokers run in KRaft mode, read them with --kafka. Otherwise try again.',
    );
  }
  return readZooKeeperSnapshot(client, options);
}
