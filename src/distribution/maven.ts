import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../package-root.js';
import { runChildProcess } from './child-process.js';
import { findOnPath } from './executable.js';
import { type FetchContext, type KafkaSource, SourceFailed } from './kafka-source.js';
import type { KafkaRelease } from './kafka-versions.js';

/** A first run downloads some 60 MB. A connection on which that takes longer is considered dead. */
const GIVE_UP_AFTER_MS = 15 * 60_000;
const LINES_SHOWN = 6;

/**
 * The full name, with the version from the pom: the short one, `dependency:`, needs one more request to the repository.
 */
const GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies';

/** Fetches Kafka and its dependencies with `mvn`, which has its own settings for repositories, mirrors and proxies. */
export async function mavenSource(): Promise<KafkaSource> {
  const pom = join(packageRoot(), 'fixtures', 'kafka', 'pom.xml');
  const id = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 8);
  return {
    origin: 'maven',
    id: `maven-${id}`,
    fetch: (release, libs, _scratch, context) => copyDependencies(pom, release, libs, context),
  };
}

async function copyDependencies(
  pom: string,
  release: KafkaRelease,
  libs: string,
  context: FetchContext,
): Promise<void> {
  const { env, signal, progress } = context;
  const mvn = await findOnPath('mvn', env);
  if (mvn === undefined) throw new SourceFailed('mvn is not on PATH');
  progress(
    `Fetching Kafka ${release.kafka} and ZooKeeper ${release.zookeeper} with Maven (${mvn}), up to 60 MB. This happens once.`,
  );

  let downloads = 0;
  const deadline = AbortSignal.timeout(GIVE_UP_AFTER_MS);
  const args = ['-B', '-f', pom, `-Dkafka.version=${release.kafka}`, `-DoutputDirectory=${libs}`];
  const { exitCode, output } = await runChildProcess(mvn, [...args, GOAL], {
    env,
    signal: AbortSignal.any([signal, deadline]),
    onLine: (line) => {
      if (!/\bDownloaded from \S+/.test(line)) return;
      downloads += 1;
      const files = downloads === 1 ? '1 file' : `${downloads} files`;
      progress(`Fetching Kafka ${release.kafka}: ${files} downloaded`, { transient: true });
    },
  });
  signal.throwIfAborted();
  if (deadline.aborted) throw new SourceFailed(`${mvn} timed out after ${GIVE_UP_AFTER_MS / 60_000} minutes`);
  if (exitCode !== 0)
    throw new SourceFailed(`${mvn} failed (exit code ${exitCode ?? 'none'}):\n${relevantLines(output)}`);
}

/** The advice that mvn prints after every error. */
const ADVICE = /-[eX] switch|\[Help \d+\] http|For more information about the errors/;

/** The errors that mvn printed, without its advice on switches; its last lines if there are none. */
function relevantLines(output: readonly string[]): string {
  const lines = output.map((line) => line.trimEnd()).filter((line) => !/^(\[\w+\])?\s*$/.test(line));
  const errors = lines.filter((line) => line.startsWith('[ERROR]') && !ADVICE.test(line));
  return (errors.length > 0 ? errors.slice(0, LINES_SHOWN) : lines.slice(-LINES_SHOWN))
    .map((line) => `    ${line}`)
    .join('\n');
}
