import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { CacheFolder } from '../../../../src/distribution/cache.js';

const GIVE_UP_AFTER_MS = 5 * 60_000;
const GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

/**
 * The jar of Kafka's command line tools (from 3.7 on apart from Kafka's own jar), which people run in a broker's pod.
 * @returns its path; undefined, with a message, if `mvn` cannot fetch it: the images then have no tools.
 */
export async function kafkaTools(
  version: string,
  cache: CacheFolder,
  progress: (text: string) => void,
): Promise<string | undefined> {
  const folder = cache.join('stand-in', `kafka-tools-${version}`);
  const jar = join(folder, `kafka-tools-${version}.jar`);
  try {
    await cache.withLock('stand-in-kafka-tools', (lost) => fetchTools(version, folder, lost), {
      progress,
      signal: AbortSignal.timeout(GIVE_UP_AFTER_MS),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    progress(`Kafka's command line tools are not in the images: they cannot be fetched (${why})`);
    return undefined;
  }
  return jar;
}

async function fetchTools(version: string, folder: string, signal: AbortSignal): Promise<void> {
  if (existsSync(folder)) return;
  const scratch = `${folder}.partial`;
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const artifact = [`-Dartifact=org.apache.kafka:kafka-tools:${version}`, `-DoutputDirectory=${scratch}`];
  await execa('mvn', ['-B', GOAL, ...artifact], { cancelSignal: signal, timeout: GIVE_UP_AFTER_MS, stdin: 'ignore' });
  renameSync(scratch, folder);
}
