import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { CacheFolder } from '../../src/distribution/cache.js';
import { findJava } from '../../src/distribution/java.js';
import { resolveKafka } from '../../src/distribution/kafka.js';
import { readJournal } from '../../src/journal/file.js';
import { expectNothingLeft, makePlace, type Place, processesOf, remigrate, removePlace } from './support/command.js';
import { atLine } from './support/moments.js';
import { remigrateOnTerminal, screenOf } from './support/terminal.js';

/** A first resolution of Kafka downloads 46 MB. */
const SETUP_TIMEOUT_MS = 10 * 60_000;
const TEST_TIMEOUT_MS = 120_000;

const STACK_TRACE = /^\s+at .+:\d+:\d+/m;
const ESCAPE = '\u001b';

/** A scenario of the user's own, called `mine`. */
const scenarioOf = (...steps: readonly string[]): string => `import { scenario, step } from 'remigrate';
export default scenario({
  name: 'mine',
  title: 'a scenario of my own',
  expected: { survives: 'nothing is migrated' },
  steps: [${steps.join(', ')}],
});
`;
const DEPLOY =
  "step('deploy', async ({ cluster, topics }) => { await cluster.deploy(); await topics.create('before'); })";
/** Deploys and then waits for a state that is never reached, until a test ends it. */
const HANG = "step('hang', async ({ cluster }) => { await cluster.deploy(); await cluster.waitForState('KRaft'); })";
const RUN_MINE = ['run', 'my.scenario.ts', '--operator', '0.45.1'] as const;

let place: Place;
let cache: string;
let java: string;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'test-cli-cache-'));
  const { env } = process;
  ({ executable: java } = await findJava({ env }));
  // Once for all tests: none of them waits for Maven.
  await resolveKafka({
    version: '3.9.0',
    env,
    cache: await CacheFolder.open({ REMIGRATE_CACHE: cache }),
    progress: () => undefined,
  });
}, SETUP_TIMEOUT_MS);
afterAll(() => rm(cache, { recursive: true, force: true }));

beforeEach(async () => {
  place = await makePlace();
});
/** Whatever a command did: it leaves no process and nothing in its folder for temporary files. */
afterEach(async () => {
  try {
    await expectNothingLeft(place);
  } finally {
    await removePlace(place);
  }
}, TEST_TIMEOUT_MS);

const command = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  remigrate(place, args, { REMIGRATE_CACHE: cache, ...env });

/** The same on a terminal, which `script` of util-linux or BSD provides. */
const onTerminal = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  remigrateOnTerminal(place, args, { REMIGRATE_CACHE: cache, CI: '', ...env });

/** Writes a file into the working folder. */
async function write(name: string, text: string): Promise<string> {
  const file = join(place.folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

async function program(name: string, script: string): Promise<void> {
  await chmod(await write(name, `#!/bin/sh\n${script}\n`), 0o755);
}

/** Lists the working folder, without the folder for temporary files. */
async function workingFolder(): Promise<readonly string[]> {
  return (await readdir(place.folder)).filter((name) => join(place.folder, name) !== place.temporary).sort();
}

/** The command prints only a message for the user, exits with code 2, and leaves the working folder unchanged. */
async function refuses(args: readonly string[], sentences: readonly string[]): Promise<void> {
  const before = await workingFolder();
  const result = await command(args);
  for (const sentence of sentences) expect(result.stderr).toContain(sentence);
  expect(result.stderr).toMatch(/^remigrate: /);
  expect(result.stderr).not.toMatch(STACK_TRACE);
  expect(result.stdout).toBe('');
  expect(result.exitCode).toBe(2);
  expect(await workingFolder()).toEqual(before);
}

describe('help', () => {
  it('names the commands', async () => {
    const { exitCode, stdout, stderr } = await command(['--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const name of ['run', 'compare', 'show', 'list', 'doctor'])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it('names the options of a command', async () => {
    const { exitCode, stdout } = await command(['run', '--help']);
    expect(exitCode).toBe(0);
    for (const option of [
      'operator',
      'kafka',
      'brokers',
      'out',
      'keep',
      'strict',
      'bail',
      'timeout',
      'timings',
      'data',
    ])
      expect(stdout).toContain(`--${option}`);
    expect(stdout).not.toMatch(/default: (false|\[\])/);
  });

  it('is printed, with exit code 2, if no command is given', async () => {
    const { exitCode, stdout, stderr } = await command([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('Usage: remigrate');
  });

  it('is mentioned if a command or an option is unknown', async () => {
    await refuses(
      ['runn'],
      ["unknown command 'runn'", 'Did you mean run?', "Run 'remigrate --help' for a list of commands."],
    );
    await refuses(
      ['run', '--operater', '1'],
      ["unknown option '--operater'", "Run 'remigrate run --help' for a list of options."],
    );
  });

  it('is not printed with the version', async () => {
    const { exitCode, stdout } = await command(['--version']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe('what is refused', () => {
  it('a Kafka without ZooKeeper, and why', () =>
    refuses(
      ['run', 'rollback-remigrate', '--kafka', '4.0.0'],
      ['remigrate does not run Kafka 4.0.0. Kafka 4 has no ZooKeeper to migrate from.', '3.9.0'],
    ));

  it('unknown timings', () =>
    refuses(
      ['run', 'rollback-remigrate', '--timings', 'slow'],
      ["'slow' is invalid. Allowed choices are fast, kafka-defaults."],
    ));

  it('two scenarios with one name, which would write to one folder', async () => {
    await write('my.scenario.ts', scenarioOf(DEPLOY));
    await refuses(['run', 'my.scenario.ts', './my.scenario.ts'], ['Two scenarios have the name "mine".']);
  });

  it('invalid known issues, with file and fields', async () => {
    await write('data/known-issues.yaml', "- id: 'two words'\n  title: 3\n");
    await refuses(
      ['run', 'rollback-remigrate', '--operator', '0.45.1', '--data', 'data'],
      ['data/known-issues.yaml is not a list of known issues', 'must be one word', '[0].id', '[0].title', '[0].thread'],
    );
  });

  it('known issues that name only invariants, with the lines to write instead', async () => {
    const entry = [
      '- id: mine',
      '  title: t',
      '  thread: unreported',
      '  operatorVersions: ["0.45.1"]',
      '  scenarios: [rollback-remigrate]',
      '  invariants: [records-survive]',
      '  why: w',
      '  recording: r',
    ];
    await write('data/known-issues.yaml', `${entry.join('\n')}\n`);
    await refuses(
      ['run', 'rollback-remigrate', '--operator', '0.45.1', '--data', 'data'],
      [
        'data/known-issues.yaml: entry 1 has "invariants" and no "violations"',
        '- invariant: records-survive\n      steps: [STEP]\n      states: [KRaftMigration]\n      evidence:',
        'the report of the run prints them',
      ],
    );
  });

  it('known issues that are not YAML, with file and line', async () => {
    await write('data/known-issues.yaml', '- id: [x\n');
    await refuses(
      ['run', 'rollback-remigrate', '--operator', '0.45.1', '--data', 'data'],
      ['data/known-issues.yaml is not YAML', 'line 2'],
    );
  });

  it('a file that is not a journal', async () => {
    await write('notes.txt', 'hello\n');
    await refuses(['show', 'notes.txt'], ['notes.txt, line 1: not JSON. A journal has one event per line.']);
  });
});

describe('list', () => {
  it('names scenarios, versions, invariants and recordings', async () => {
    const { exitCode, stdout } = await command(['list']);
    expect(exitCode).toBe(0);
    for (const line of [
      /^ {2}rollback-remigrate +deploy, migrate, roll back/m,
      /^ {2}0\.45\.0 +Kafka .*3\.9\.0/m,
      /^ {2}3\.9\.0 +ZooKeeper 3\.8\.4/m,
      /^ {2}migration-znode-absent +residue: /m,
      /^ {2}0\.45\.0-one-broker$/m,
    ])
      expect(stdout).toMatch(line);
  });
});

describe('doctor', () => {
  it('finds what is needed', async () => {
    const { exitCode, stdout } = await command(['doctor']);
    expect(stdout).not.toContain('MISSING');
    expect(stdout).toMatch(/^ok +Java: .*\/java$/m);
    expect(exitCode).toBe(0);
  });

  it('says what is missing and what to install, with exit code 2', async () => {
    const { exitCode, stdout } = await command(['doctor'], {
      PATH: '/nonexistent',
      JAVA_HOME: '',
      DOCKER_HOST: 'unix:///nonexistent/docker.sock',
    });
    expect(stdout).toMatch(/^MISSING +Java: Java was not found: .*\n +Install .*openjdk-17/m);
    expect(exitCode).toBe(2);
  });
});

describe('show', () => {
  it("describes the real operator's loss, without Java", async () => {
    const { exitCode, stdout } = await command(['show', '0.45.0-one-broker'], { PATH: '/nonexistent', JAVA_HOME: '' });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Kafka, ZooKeeper and the operator are real');
    expect(stdout).toContain('all 4 topics vanished from ZooKeeper: after-rollback, before-1, before-2, during');
    expect(stdout).toContain('at 493.1 s, 0.4 s after the full metadata sync of controller-1, in state KRaftMigration');
    expect(stdout).toContain('https://github.com/strimzi/strimzi-kafka-operator/issues/11262');
  });

  it('prints a script for kubectl', async () => {
    const { exitCode, stdout } = await command(['show', '0.45.2-broker-added', '--kubectl']);
    expect(exitCode).toBe(0);
    expect(stdout.startsWith('#!/usr/bin/env bash\n# Migrate, add a broker, roll back.\n')).toBe(true);
    // The resources of runs on Kubernetes, without those runs' namespace and label.
    expect(stdout).toContain('kind: KafkaNodePool\nmetadata:\n  name: broker\n');
    expect(stdout).not.toMatch(/^ +namespace:|remigrate\.io/m);
  });
});

describe('compare', () => {
  it('agrees if two operator versions do the same: 0', async () => {
    const { exitCode, stdout } = await command([
      ...['compare', '0.45.1-one-broker', '0.45.2-one-broker', '--across-versions'],
    ]);
    expect(stdout).toMatch(/^They agree\.\nCompared: /);
    expect(exitCode).toBe(0);
  });

  it('explains the first difference: 1', async () => {
    const { exitCode, stdout } = await command([
      ...['compare', '0.45.0-one-broker', '0.45.1-one-broker', '--across-versions'],
    ]);
    expect(stdout).toContain('B: the operator deleted /migration');
    expect(exitCode).toBe(1);
  });

  it('does not compare runs of different kinds: 2', () =>
    refuses(
      ['compare', '0.45.0-one-broker', '0.45.1-one-broker'],
      ['cannot be compared, because they differ (Strimzi: 0.45.0 and 0.45.1)'],
    ));
});

describe("a run of the user's own scenario", () => {
  it(
    'passes, and leaves journal, reports, logs and snapshots under --out',
    async () => {
      await write('my.scenario.ts', scenarioOf(DEPLOY));
      const { exitCode, all, stdout } = await command([...RUN_MINE, '--out', 'out'], { NO_COLOR: '', CI: '' });
      expect(all).toContain('SURVIVED as expected');
      expect(exitCode).toBe(0);
      // Without a terminal every event is a line of its own.
      expect(all).not.toContain(ESCAPE);
      expect(stdout).toMatch(/^\[0\.45\.1\] +\d+\.\d s {2}state ZooKeeper$/m);

      expect(await workingFolder()).toEqual(['my.scenario.ts', 'out']);
      const out = join(place.folder, 'out');
      expect((await readdir(out)).sort()).toEqual(['junit.xml', 'mine-0.45.1', 'result.json']);
      const result = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
      expect(result.runs).toMatchObject([{ run: 'mine-0.45.1', verdict: 'survived', asExpected: true }]);
      expect(await readFile(join(out, 'junit.xml'), 'utf8')).toMatch(/<testsuite [^>]*name="mine/);
      const run = join(out, 'mine-0.45.1');
      const events = await readJournal(join(run, 'journal.jsonl'));
      expect(events.at(-1)).toMatchObject({ type: 'run-ended', how: 'completed' });
      expect((await readdir(join(run, 'logs'))).sort()).toEqual([
        'my-cluster-broker-0.log',
        'my-cluster-zookeeper-0.log',
      ]);
      const [snapshot] = await readdir(join(run, 'snapshots'));
      expect(await readFile(join(run, 'snapshots', String(snapshot)), 'utf8')).toContain('before-1');

      // `show` accepts the run's folder; for its parent the error names the runs in it.
      expect((await command(['show', 'out/mine-0.45.1'])).stdout).toContain('a scenario of my own');
      await refuses(['show', 'out'], ['It contains the runs mine-0.45.1: give one of these folders.']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'leaves a journal that names the step if a step throws',
    async () => {
      await write('my.scenario.ts', scenarioOf("step('throw', async () => { throw new Error('my own error'); })"));
      const { exitCode, all } = await command(RUN_MINE);
      expect(all).toContain('INCONCLUSIVE, in step "throw"');
      expect(all).toContain('my own error');
      expect(all).not.toMatch(STACK_TRACE);
      expect(exitCode).toBe(3);
      const folder = join('remigrate-results', 'mine-0.45.1');
      expect(all).toContain(folder);
      expect((await command(['show', folder])).stdout).toMatch(/^throw .*: failed: my own error$/m);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    '--timeout limits a wait for a state, and the state is named',
    async () => {
      // Nothing is deployed: no state is ever reached.
      await write('my.scenario.ts', scenarioOf("step('wait', ({ cluster }) => cluster.waitForState('ZooKeeper'))"));
      const { exitCode, all } = await command([...RUN_MINE, '--timeout', '0.5']);
      expect(all).toMatch(/step "wait": timed out after 0\.5 s waiting for .*ZooKeeper/);
      expect(exitCode).toBe(3);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    ['fast', '6000'],
    ['kafka-defaults', '18000'],
  ])(
    '--timings %s: the session with ZooKeeper times out after %s ms',
    async (timings, milliseconds) => {
      await write('my.scenario.ts', scenarioOf(DEPLOY));
      expect((await command([...RUN_MINE, '--timings', timings, '--out', 'out'])).exitCode).toBe(0);
      const log = await readFile(join(place.folder, 'out/mine-0.45.1/logs/my-cluster-broker-0.log'), 'utf8');
      expect(log).toContain(`zookeeper.session.timeout.ms = ${milliseconds}`);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "--keep keeps the run's folder, volumes included, and no process",
    async () => {
      await write('my.scenario.ts', scenarioOf("step('deploy', async ({ cluster }) => { await cluster.deploy(); })"));
      const { exitCode, stderr } = await command([...RUN_MINE, '--keep']);
      expect(exitCode).toBe(0);
      const [, kept] = /^0\.45\.1: kept (.*)$/m.exec(stderr) ?? [];
      const [only, ...others] = await readdir(place.temporary);
      expect(others).toEqual([]);
      expect(kept).toBe(join(place.temporary, String(only)));
      expect(await readdir(String(kept))).toEqual(expect.arrayContaining(['configurations', 'results', 'volumes']));
      expect(await processesOf(place)).toEqual([]);
      await rm(String(kept), { recursive: true });
    },
    TEST_TIMEOUT_MS,
  );
});

/** Other moments than interrupts.test.ts, in which nodes are up. `afterEach` asserts that nothing is left behind. */
describe('a command that is ended', () => {
  it('by SIGINT right after its start', async () => {
    const run = command(['run', 'rollback-remigrate', '--operator', '0.45.1']);
    run.kill('SIGINT');
    const { exitCode, signal, all } = await run;
    // Node.js ends it before remigrate listens for signals. A shell reports that as 130, too.
    expect(exitCode ?? signal).toBe('SIGINT');
    expect(all).not.toMatch(STACK_TRACE);
  });

  it(
    'by SIGINT while Java is looked up',
    async () => {
      await program('jdk/bin/java', `kill -INT $PPID; exec '${java}' "$@"`);
      const { exitCode, all } = await command(['run', 'rollback-remigrate', '--operator', '0.45.1'], {
        JAVA_HOME: join(place.folder, 'jdk'),
      });
      expect(all).toContain('SIGINT: stopping the nodes');
      expect(all).not.toContain('zookeeper-0 started');
      expect(all).not.toMatch(STACK_TRACE);
      expect(exitCode).toBe(130);
      expect(await workingFolder()).toEqual(['jdk']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'by SIGINT while Kafka is fetched',
    async () => {
      await program('bin/mvn', 'exec sleep 600');
      const run = command(['run', 'rollback-remigrate', '--operator', '0.45.1'], {
        PATH: `${join(place.folder, 'bin')}:${process.env.PATH}`,
        KAFKA_HOME: '',
        REMIGRATE_KAFKA_URL: '',
        REMIGRATE_CACHE: join(place.folder, 'cache'),
      });
      const { exitCode, all } = await atLine(run, 'Fetching Kafka 3.9.0', () => void run.kill('SIGINT'));
      expect(all).toContain('stopped before any node was started');
      expect(all).not.toMatch(STACK_TRACE);
      expect(exitCode).toBe(130);
      // No partial download of Kafka, and no lock that the next run would have to wait for.
      expect(await readdir(join(place.folder, 'cache'))).toEqual(['kafka']);
      expect(await readdir(join(place.folder, 'cache', 'kafka'))).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'by SIGINT and a second signal right after it',
    async () => {
      await write('my.scenario.ts', scenarioOf(HANG));
      const run = command(RUN_MINE);
      const { exitCode, all } = await atLine(run, 'broker-0 started', () => {
        run.kill('SIGINT');
        run.kill('SIGTERM');
      });
      expect(all).not.toMatch(STACK_TRACE);
      // The order in which both arrive is not defined. The exit code is the second's: it was not ignored.
      const [, first] = /^(SIG[A-Z]+): stopping the nodes$/m.exec(all) ?? [];
      expect([first, exitCode]).toEqual(first === 'SIGTERM' ? ['SIGTERM', 130] : ['SIGINT', 143]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'by SIGHUP, with two versions side by side: both are ended and reported',
    async () => {
      await write('my.scenario.ts', scenarioOf(HANG));
      const run = command(['run', 'my.scenario.ts', '--operator', '0.45.0,0.45.1']);
      const { exitCode, all } = await atLine(run, 'broker-0 started', () => void run.kill('SIGHUP'));
      for (const version of ['0.45.0', '0.45.1']) expect(all).toContain(`${version}: nodes stopped, folder removed`);
      expect(all).not.toMatch(STACK_TRACE);
      expect(exitCode).toBe(129);
      expect(await workingFolder()).toEqual(['my.scenario.ts']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'by SIGINT on a terminal: the messages stay on the screen, and the live line does not',
    async () => {
      await write('my.scenario.ts', scenarioOf(HANG));
      const run = onTerminal(RUN_MINE, { NO_COLOR: '' });
      const { all } = await atLine(run, 'broker-0 started', async () => {
        const harness = (await processesOf(place)).find(({ args }) => args.startsWith(process.execPath));
        process.kill(Number(harness?.pid), 'SIGINT');
      });
      expect(all).toContain(`${ESCAPE}[1A`);
      const screen = screenOf(all);
      expect(screen).toContain('SIGINT: stopping the nodes');
      expect(screen).toContain('0.45.1: nodes stopped, folder removed');
      expect(screen.filter((line) => line.includes('broker-0 started'))).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'by the reader of its output, who closes the pipe',
    async () => {
      await write('my.scenario.ts', scenarioOf(HANG));
      const run = command(RUN_MINE);
      const { exitCode, stderr } = await atLine(run, 'zookeeper-0 started', () => void run.stdout.destroy());
      expect(stderr).toBe('');
      expect(exitCode).toBe(141);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'by a bug: a stack trace, and an exit code that is not a verdict',
    async () => {
      const bug = "setTimeout(() => { throw new TypeError('not caught'); })";
      await write(
        'my.scenario.ts',
        scenarioOf(HANG.replace('await cluster.waitForState', `${bug}; await cluster.waitForState`)),
      );
      const { exitCode, stderr } = await command(RUN_MINE);
      expect(stderr).toContain('unexpected error, a bug in remigrate or in a scenario file: TypeError: not caught');
      expect(stderr).toMatch(STACK_TRACE);
      expect(exitCode).toBe(70);
    },
    TEST_TIMEOUT_MS,
  );
});

describe('the support of these tests', () => {
  it(
    'a process and a folder that are left behind are found',
    async () => {
      const left = execa('sleep', ['600'], { env: { TMPDIR: place.temporary }, reject: false });
      await mkdir(join(place.temporary, 'remigrate-left'));
      await expect(expectNothingLeft(place)).rejects.toThrow(/left behind .*\nremigrate-left\nsleep 600$/);
      left.kill();
      await left;
      await rm(join(place.temporary, 'remigrate-left'), { recursive: true });
    },
    TEST_TIMEOUT_MS,
  );

  it('a line that is never printed is named, with what was printed instead', async () => {
    const run = command(['--version']);
    await expect(atLine(run, 'no such line', () => undefined)).rejects.toThrow(
      /did not print "no such line" before it ended\. It printed:\n\d+\.\d+/,
    );
  });
});
