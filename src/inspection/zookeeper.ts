import type { ZooKeeperReads } from '../metadata/zookeeper/reader.js';
import { parseController, parseMigration } from '../metadata/zookeeper/znodes.js';
import type { Znodes } from './facts.js';

/**
 * Reads what ZooKeeper tells of a migration. Writes nothing.
 * @throws EnvironmentError when ZooKeeper does not answer, or a znode holds something that Kafka does not write.
 */
export async function readZnodes(client: ZooKeeperReads): Promise<Znodes> {
  const [migration, controller, epoch, topics] = await Promise.all([
    client.get('/migration'),
    client.get('/controller'),
    client.get('/controller_epoch'),
    client.children('/brokers/topics'),
  ]);
  return {
    migration: migration === undefined ? undefined : parseMigration('/migration', migration.data),
    controller:
      controller === undefined
        ? undefined
        : {
            id: parseController('/controller', controller.data).brokerid,
            // A broker's is ephemeral, a KRaft controller's is not (Kafka 3.9.0 `KafkaZkClient.scala:174-233`).
            owner: controller.stat.ephemeralOwner === undefined ? 'kraft-controller' : 'broker',
          },
    controllerEpoch: epoch === undefined ? undefined : Number(epoch.data),
    topics: topics?.length ?? 0,
  };
}
