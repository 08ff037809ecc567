import type { Znode } from '../metadata/zookeeper/client.js';
import type { ZooKeeperReads } from '../metadata/zookeeper/reader.js';
import { parseController, parseMigration } from '../metadata/zookeeper/znodes.js';
import type { Znodes } from './facts.js';

/** The part of a znode that is judged. */
export interface ReadZnode {
  readonly data: string;
  readonly stat: Pick<Znode['stat'], 'ctime' | 'ephemeralOwner'>;
}

/** The znodes that show where a migration stands; undefined: the znode does not exist. */
export interface ReadZnodes {
  readonly migration: ReadZnode | undefined;
  readonly controller: ReadZnode | undefined;
  readonly controllerEpoch: ReadZnode | undefined;
  /** The children of /brokers/topics. */
  readonly topics: readonly string[] | undefined;
}

/**
 * Reads the znodes that show where a migration stands. Read-only.
 * @throws EnvironmentError when ZooKeeper does not answer, or a znode holds something that Kafka does not write.
 */
export async function readZnodes(client: ZooKeeperReads): Promise<Znodes> {
  const [migration, controller, controllerEpoch, topics] = await Promise.all([
    client.get('/migration'),
    client.get('/controller'),
    client.get('/controller_epoch'),
    client.children('/brokers/topics'),
  ]);
  return znodesFrom({ migration, controller, controllerEpoch, topics });
}

/** What a znode without content is read as: zookeeper-shell.sh prints null where there is no data. */
const BLANK: ReadonlyMap<string, 'no-data' | 'empty'> = new Map([
  ['null', 'no-data'],
  ['', 'empty'],
]);

/** @throws EnvironmentError when a znode holds something that Kafka does not write. */
export function znodesFrom({ migration, controller, controllerEpoch, topics = [] }: ReadZnodes): Znodes {
  const blank = migration === undefined ? undefined : BLANK.get(migration.data.trim());
  return {
    migration:
      migration === undefined || blank !== undefined
        ? undefined
        : { ...parseMigration('/migration', migration.data), createdAt: migration.stat.ctime },
    ...(blank === undefined ? {} : { blankMigration: blank }),
    controller:
      controller === undefined
        ? undefined
        : {
            id: parseController('/controller', controller.data).brokerid,
            // A broker's is ephemeral, a KRaft controller's is not (Kafka 3.9.0 `KafkaZkClient.scala:174-233`).
            owner: controller.stat.ephemeralOwner === undefined ? 'kraft-controller' : 'broker',
          },
    controllerEpoch: controllerEpoch === undefined ? undefined : Number(controllerEpoch.data),
    topics: topics.length,
  };
}
