import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../package-root.js';
import { runChildProcess } from './child-process.js';
import { findOnPath } from './executable.js';
import { type FetchContext, type KafkaSource, SourceFailed } from './kafka-source.js';
import type { KafkaRelease } from './kafka-versions.js';

/** A first run downloads some 60 MB; a line on which that takes longer is taken for dead. */
const GIVE_UP_AFTER_MS = 15 * 60_000;
const LINES_SHOWN = 6;

/** By its full name, with the version that the pom gives: the short one, `dependency:`, takes one more look-up, in the network. */
const GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies';

/** Kafka and its dependencies by `mvn`, which knows its repositories, mirrors and proxies by its own settings. */
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
  if (mvn === undefined) throw new SourceFailed('no mvn is on PATH');
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
  if (deadline.aborted) throw new SourceFailed(`${mvn} was not done after ${GIVE_UP_AFTER_MS / 60_000} minutes`);
  if (exitCode !== 0) throw new SourceFailed(`${mvn} failed (exit code ${exitCode ?? 'none'}):\n${lastWords(output)}`);
}

/** What mvn says after each error, whatever it is. */
const ADVICE = /-[eX] switch|\[Help \d+\] http|For more information about the errors/;

/** The end of what mvn printed, its errors if it named some, without its advice on switches. */
function lastWords(output: readonly string[]): string {
  const said = output.map((line) => line.trimEnd()).filter((line) => !/^(\[\w+\])?\s*$/.test(line));
  const errors = said.filter((line) => line.startsWith('[ERROR]') && !ADVICE.test(line));
  return (errors.length > 0 ? errors.slice(0, LINES_SHOWN) : said.slice(-LINES_SHOWN))
    .map((line) => `    ${line}`)
    .join('\n');
}
