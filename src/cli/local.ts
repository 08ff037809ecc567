import { CacheFolder } from '../distribution/cache.js';
import { ClassDataArchives } from '../distribution/class-data.js';
import { findJava } from '../distribution/java.js';
import { resolveKafka } from '../distribution/kafka.js';
import { LocalEnvironment } from '../environments/local/local-environment.js';
import type { Timings } from '../environments/local/overlay.js';
import type { OperatorProfiles } from '../operator/profile.js';

export interface LocalOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly kafkaVersion: string;
  readonly profiles: OperatorProfiles;
  readonly timings: Timings;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The local environment with this machine's Java and with Kafka from `KAFKA_HOME`, the cache, or fetched into it now.
 * @throws UsageError for what the machine lacks.
 */
export async function openLocalEnvironment(options: LocalOptions): Promise<LocalEnvironment> {
  const { env, progress, signal } = options;
  const java = await findJava({ env });
  const cache = await CacheFolder.open(env);
  const kafka = await resolveKafka({ version: options.kafkaVersion, env, cache, progress, signal });
  return new LocalEnvironment({
    java,
    kafka,
    classData: () => new ClassDataArchives(cache),
    profiles: options.profiles,
    timings: options.timings,
  });
}
