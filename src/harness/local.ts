import type { Environment } from '../cluster/environment.js';
import { CacheFolder } from '../distribution/cache.js';
import { ClassDataArchives } from '../distribution/class-data.js';
import { findJava } from '../distribution/java.js';
import { resolveKafka } from '../distribution/kafka.js';
import { LocalEnvironment } from '../environments/local/local-environment.js';
import type { LocalChoice, OpenOptions } from './environment-choice.js';

/** @throws UsageError if there is no Java or no Kafka that can be used. */
export async function openLocal({ timings, java: found }: LocalChoice, options: OpenOptions): Promise<Environment> {
  const { env, kafkaVersion, profiles, progress, interrupt } = options;
  const java = found ?? (await findJava({ env }));
  const cache = await CacheFolder.open(env);
  const kafka = await resolveKafka({ version: kafkaVersion, env, cache, progress, signal: interrupt });
  return new LocalEnvironment({ java, kafka, classData: () => new ClassDataArchives(cache), profiles, timings });
}
