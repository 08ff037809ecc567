import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { packageRoot } from '../package-root.js';

const version = z.string().regex(/^\d+\.\d+\.\d+$/);
const releases = z.array(
  z.strictObject({ kafka: version, zookeeper: version, jars: z.number().int().positive() }).readonly(),
);

/** One Kafka release and the ZooKeeper that goes with it. */
export type KafkaRelease = z.infer<typeof releases>[number];

/** The Kafka releases that can be run, oldest first: fixtures/kafka/versions.yaml, where each fact has its source. */
export const KAFKA_VERSIONS: readonly KafkaRelease[] = releases.parse(
  parse(readFileSync(join(packageRoot(), 'fixtures', 'kafka', 'versions.yaml'), 'utf8')),
);

/** The Kafka version that is run by default: the newest that every known operator version supports. */
export const DEFAULT_KAFKA_VERSION = '3.9.0';

/**
 * The release of this version, `3.9.0`.
 * @throws UsageError that lists the known versions, if it is not one of them.
 */
export function kafkaRelease(wanted: string): KafkaRelease {
  const release = KAFKA_VERSIONS.find(({ kafka }) => kafka === wanted);
  if (release !== undefined) return release;
  const known = KAFKA_VERSIONS.map(({ kafka }) => kafka).join(', ');
  const why = /^[4-9]\./.test(wanted) ? ' Kafka 4 has no ZooKeeper to migrate from.' : '';
  throw new UsageError(`remigrate does not run Kafka ${wanted}.${why} Choose one of ${known}.`);
}
