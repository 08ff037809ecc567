import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { findJava } from '../../src/distribution/java.js';

const CLASS = 'kafka.zk.ZkMigrationIntegrationTest';
const DEADLINE_MS = 900_000;

/**
 * Kafka's own integration test of the migration, each of its tests one deployment and one migration in a single JVM.
 */
export type KafkaTest =
  | { readonly ran: true; readonly tests: number; readonly secondsPerTest: number }
  /** Maven could not fetch it, or it did not pass: there is nothing to compare with. */
  | { readonly ran: false; readonly why: string };

/** Fetches Kafka's published test jars with `mvn` into a temporary folder and runs the class under JUnit's launcher. */
export async function runKafkaTest(pom: string, progress: (text: string) => void): Promise<KafkaTest> {
  const folder = await mkdtemp(join(tmpdir(), 'remigrate-bench-'));
  try {
    progress(`Fetching ${CLASS} with mvn`);
    const fetched = await execa(
      'mvn',
      ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${join(folder, 'lib')}`],
      { reject: false, all: true },
    );
    if (fetched.exitCode !== 0) {
      return { ran: false, why: `mvn could not fetch it: ${fetched.all.trim().split('\n').at(-1)}` };
    }
    const java = await findJava({ env: process.env });
    const log4j = join(folder, 'log4j.properties');
    await writeFile(log4j, 'log4j.rootLogger=OFF\n');
    progress(`Running ${CLASS} (minutes)`);
    const result = await execa(
      java.executable,
      [
        '-Xmx1g',
        `-Dlog4j.configuration=file:${log4j}`,
        `-Djava.io.tmpdir=${folder}`,
        '-cp',
        join(folder, 'lib', '*'),
        'org.junit.platform.console.ConsoleLauncher',
        'execute',
        `--select-class=${CLASS}`,
        `--reports-dir=${join(folder, 'reports')}`,
        '--details=none',
        '--disable-banner',
      ],
      { reject: false, all: true, timeout: DEADLINE_MS, cwd: folder },
    );
    if (result.timedOut) return { ran: false, why: `it timed out after ${DEADLINE_MS / 1000} s` };
    if (result.exitCode !== 0) return { ran: false, why: `it failed: ${result.all.trim().split('\n').at(-1)}` };
    const seconds = testSeconds(await readFile(join(folder, 'reports/TEST-junit-jupiter.xml'), 'utf8'));
    const total = seconds.reduce((sum, one) => sum + one, 0);
    return { ran: true, tests: seconds.length, secondsPerTest: total / seconds.length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seconds of each test in a JUnit report. */
function testSeconds(report: string): readonly number[] {
  return [...report.matchAll(/<testcase [^>]*\btime="([\d.]+)"/g)].map(([, time]) => Number(time));
}
