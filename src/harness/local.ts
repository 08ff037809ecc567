import type { Environment } from '../cluster/environment.js';
import { CacheFolder } from '../distribution/cache.js';
import { ClassDataArchives } from '../distribution/class-data.js';
import { findJava } from '../distribution/java.js';
import { resolveKafka } from '../distribution/kafka.js';
import {
  OPEN_FILES_OF_A_NODE,
  openFilesProblem,
  PROCESSES_OF_A_RUN,
  processesProblem,
} from '../distribution/limits.js';
import { LocalEnvironment } from '../environments/local/local-environment.js';
import { UsageError } from '../errors.js';
import type { LocalChoice, OpenOptions } from './environment-choice.js';

/** @throws UsageError if there is no Java or no Kafka that can be used, or the system limits open files too much. */
export async function openLocal({ timings, java: found }: LocalChoice, options: OpenOptions): Promise<Environment> {
  const { env, kafkaVersion, profiles, progress, interrupt } = options;
  const problem = openFilesProblem(OPEN_FILES_OF_A_NODE) ?? processesProblem(PROCESSES_OF_A_RUN);
  if (problem !== undefined) throw new UsageError(problem);
  const java = found ?? (await findJava({ env }));
  const cache = await CacheFolder.open(env);
  const kafka = await resolveKafka({ version: kafkaVersion, env, cache, progress, signal: interrupt });
  return new LocalEnvironment({ java, kafka, classData: () => new ClassDataArchives(cache), profiles, timings });
}
