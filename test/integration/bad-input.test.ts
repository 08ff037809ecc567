import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { execa } from 'execa';
import { expectRefusal, makePlace, type Place, removePlace } from './support/command.js';

const TEST_TIMEOUT_MS = 120_000;
const SCENARIO = (steps: string) => `import { check, scenario, step } from 'remigrate';
export default scenario({ name: 'mine', title: 'mine', expected: { survives: 'why' }, steps: [${steps}] });
`;

describe('bad input', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  const refuses = (
    args: readonly string[],
    exitCode: number,
    sentences: readonly (string | RegExp)[],
    env: Readonly<Record<string, string>> = {},
  ) => expectRefusal(place, args, { exitCode, sentences, env });

  /** A PATH with the basic tools and the programs of the test. */
  async function pathWith(programs: Readonly<Record<string, string>>): Promise<string> {
    const bin = join(place.folder, 'bin');
    await mkdir(bin);
    for (const tool of ['sh', 'ps', 'env', 'uname', 'cat']) {
      const { stdout } = await execa('/bin/sh', ['-c', `command -v ${tool}`]);
      await symlink(stdout, join(bin, tool));
    }
    for (const [name, script] of Object.entries(programs)) {
      await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(bin, name), 0o755);
    }
    return `${bin}:${dirname(process.execPath)}/no-such-folder`;
  }

  const FIVE_STEPS = ['run', 'rollback-remigrate', '--operator', '0.45.1'] as const;
  /** Without Docker, too, which would be used instead. */
  const WITHOUT_JAVA_HOME = { JAVA_HOME: '', DOCKER_HOST: 'unix:///nowhere/docker.sock' } as const;

  it.each([
    [
      'an unknown scenario',
      ['run', 'rollback-remigrat'],
      ['There is no scenario "rollback-remigrat"', 'Did you mean rollback-remigrate?', 'migrate-and-finalize'],
    ],
    [
      'an unknown operator version',
      ['run', 'rollback-remigrate', '--operator', '0.45.11'],
      ['0.45.11', /0\.45\.0.*0\.45\.1.*0\.45\.2/],
    ],
    [
      'fewer nodes than the scenario needs',
      ['run', 'broker-volume-replaced-then-rolled-back', '--operator', '0.45.1', '--brokers', '1'],
      ['scenario broker-volume-replaced-then-rolled-back needs 3 brokers, but --brokers is 1.', 'Omit it'],
    ],
    ['an operator version with a path in it', ['run', 'rollback-remigrate', '--operator', '../x'], ['../x']],
    [
      'an operator version with a path in it, where versions need no profile',
      ['run', 'rollback-remigrate', '--operator', '0.45.9-../../x', '--env', 'kubernetes'],
      ['"0.45.9-../../x" is not a version'],
    ],
    ['an unknown Kafka version', [...FIVE_STEPS, '--kafka', '3.9.7'], ['3.9.7', /3\.9\.0/]],
    [
      'a Kafka version that the operator version does not support',
      ['run', 'rollback-remigrate', '--operator', '0.45.0', '--kafka', '3.9.2'],
      ['Strimzi 0.45.0 does not support Kafka 3.9.2. Choose one of 3.8.1, 3.9.0.'],
    ],
    ['two brokers', [...FIVE_STEPS, '--brokers', '2'], ['It must be 1 or 3.']],
    ['an unknown option', [...FIVE_STEPS, '--operater', '1'], ["unknown option '--operater'"]],
    [
      'a timeout that is not a number',
      [...FIVE_STEPS, '--timeout', 'soon'],
      ['It must be a number of seconds above 0'],
    ],
    ['an unknown run to show', ['show', '0.45.0-one-borker'], ['Did you mean 0.45.0-one-broker?']],
    [
      'two recordings of different scenarios to compare',
      ['compare', '0.45.0-one-broker', '0.45.0-claims-kept'],
      ['rollback-remigrate-volumes-kept'],
    ],
    ['a scenario file that does not exist', ['run', './nowhere.ts'], ['There is no scenario file', 'nowhere.ts']],
    [
      'a data folder that does not exist',
      [...FIVE_STEPS, '--data', 'nowhere'],
      ['The data folder nowhere does not exist.'],
    ],
  ] as const)(
    '%s: exit 2',
    async (_what, args, sentences) => {
      await refuses(args, 2, sentences);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'no Java: exit 2, and what to install',
    async () => {
      const PATH = await pathWith({});
      const sentences = [/Java/, /17 to 23/, /openjdk-17/, 'Docker does not respond at unix:///nowhere/docker.sock'];
      await refuses(FIVE_STEPS, 2, sentences, { PATH, ...WITHOUT_JAVA_HOME });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'Java 11: exit 2, and which versions are supported',
    async () => {
      const PATH = await pathWith({
        java: `cat >&2 <<END
Property settings:
    java.home = /opt/java-11
    java.specification.version = 11
    java.vm.info = mixed mode, sharing
    java.vm.vendor = Acme
    java.vm.version = 11.0.22+7
    os.arch = amd64

openjdk version "11.0.22"
END`,
      });
      await refuses(FIVE_STEPS, 2, [/11/, /17 to 23/], { PATH, ...WITHOUT_JAVA_HOME });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a java that cannot be run: exit 2',
    async () => {
      const PATH = await pathWith({ java: 'exit 127' });
      await refuses(FIVE_STEPS, 2, [/java/i, /17 to 23/], { PATH, ...WITHOUT_JAVA_HOME });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a JAVA_HOME without Java: exit 2, and names it',
    async () => {
      await refuses(FIVE_STEPS, 2, [`JAVA_HOME`, place.folder], {
        ...WITHOUT_JAVA_HOME,
        JAVA_HOME: place.folder,
      });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'no Maven, no KAFKA_HOME and no archive: exit 2, and names all ways to provide Kafka',
    async () => {
      const { stdout: java } = await execa('/bin/sh', ['-c', 'command -v java']);
      const PATH = await pathWith({ java: `exec ${java} "$@"` });
      await refuses(FIVE_STEPS, 2, [/mvn|Maven/, /KAFKA_HOME/, /REMIGRATE_KAFKA_URL/], {
        PATH,
        REMIGRATE_CACHE: join(place.folder, 'cache'),
        REMIGRATE_KAFKA_URL: `file://${place.folder}/none-{version}.tgz`,
      });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a KAFKA_HOME that is not Kafka: exit 2',
    async () => {
      await refuses(FIVE_STEPS, 2, ['KAFKA_HOME', place.folder], { KAFKA_HOME: place.folder });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a KAFKA_HOME of Kafka 4, which has no ZooKeeper: exit 2',
    async () => {
      const home = join(place.folder, 'kafka_2.13-4.0.0');
      await mkdir(join(home, 'libs'), { recursive: true });
      for (const jar of ['kafka_2.13-4.0.0.jar', 'kafka-clients-4.0.0.jar'])
        await writeFile(join(home, 'libs', jar), '');
      await refuses(FIVE_STEPS, 2, ['KAFKA_HOME', /ZooKeeper/, /4\.0\.0/], { KAFKA_HOME: home });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a TMPDIR in which no folder can be created: exit 2',
    async () => {
      const TMPDIR = join(place.folder, 'nowhere');
      await refuses(FIVE_STEPS, 2, [`The folder of the run cannot be created in ${TMPDIR}`, 'TMPDIR'], { TMPDIR });
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    ['a syntax error', 'export default scenario({', [/cannot be loaded/]],
    ['no default export', 'export const other = 1;', ['does not export a scenario']],
    [
      'two steps with one name',
      SCENARIO("step('a', async () => {}), step('a', async () => {})"),
      ['two steps named "a"'],
    ],
    ['no steps', SCENARIO(''), ['scenario mine has no steps']],
    [
      'a step that is not a function',
      SCENARIO("step('deploy', 'deploy')"),
      ['scenario mine, step "deploy": expected a function, got string'],
    ],
    [
      'a step that does not await its gestures',
      SCENARIO("step('deploy', ({ cluster }) => { cluster.deploy(); })"),
      [/scenario mine \(.*my\.scenario\.ts\), step "deploy": the step returned undefined instead of a promise\./],
    ],
    [
      'a step that does not await its last gesture',
      SCENARIO("step('deploy', async ({ cluster }) => { cluster.waitForState('KRaft'); })"),
      [/scenario mine \(.*my\.scenario\.ts\), step "deploy": the step did not await cluster\.waitForState\('KRaft'\)/],
    ],
    [
      'a step that does not await a function, which then fails',
      SCENARIO(`step('restart', async ({ cluster }) => {
        const restart = async () => { await cluster.restartBroker(7); };
        restart();
        await new Promise((resolve) => setTimeout(resolve, 0));
      })`),
      ['step "restart": the step did not await cluster.restartBroker(7)'],
    ],
    [
      'an unknown value of strimzi.io/kraft',
      SCENARIO("step('annotate', async ({ cluster }) => cluster.annotate('kraft-now'))"),
      ['step "annotate": strimzi.io/kraft cannot be set to "kraft-now"; its values are disabled, migration'],
    ],
    [
      'a value of strimzi.io/kraft that is said to be unknown, but is not',
      SCENARIO("step('annotate', async ({ cluster }) => cluster.annotate('Migration', { unknown: true }))"),
      [
        'step "annotate": strimzi.io/kraft cannot be set to "Migration" with { unknown: true }',
        "annotate('migration')",
      ],
    ],
    [
      'a step that throws nothing',
      SCENARIO("step('boom', async () => { throw undefined; })"),
      ['step "boom": the step threw undefined. Throw an Error that says what went wrong.'],
    ],
    [
      'a check that is async',
      SCENARIO("step('a', async () => {}), check('wrong', 'loss', async () => { throw new Error('never seen'); })"),
      [/scenario mine \(.*my\.scenario\.ts\), check "wrong": the check returned a promise\. A check must not be async/],
    ],
    [
      'a name that leads out of --out',
      "export default { kind: 'scenario', name: '../evil', steps: [] };",
      ['The scenario file', 'my.scenario.ts', '"../evil" is not a valid scenario name'],
    ],
    [
      'an unknown group of topics',
      SCENARIO("step('deploy', async ({ topics }) => topics.create('befor'))"),
      ['there is no topic group "befor"; the groups are before, during'],
    ],
  ] as const)(
    'a scenario file with %s: exit 2',
    async (_what, text, sentences) => {
      await writeFile(join(place.folder, 'my.scenario.ts'), text);
      await refuses(['run', 'my.scenario.ts', '--operator', '0.45.1'], 2, sentences);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a step that throws: exit 3, and names the step',
    async () => {
      const steps =
        "step('deploy', async ({ cluster }) => cluster.deploy()), step('boom', async () => { throw new Error('kaboom'); })";
      await writeFile(join(place.folder, 'my.scenario.ts'), SCENARIO(steps));
      await refuses(['run', 'my.scenario.ts', '--operator', '0.45.1'], 3, ['step "boom": kaboom', 'INCONCLUSIVE']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a scenario that checks nothing: exit 3, and says why',
    async () => {
      await writeFile(join(place.folder, 'my.scenario.ts'), SCENARIO("step('nothing', async () => {})"));
      const sentences = ['INCONCLUSIVE', 'nothing was checked', '0 checks of 0 invariants in 1 step'];
      await refuses(['run', 'my.scenario.ts', '--operator', '0.45.1'], 3, sentences);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'an --out that is a file: exit 2',
    async () => {
      await writeFile(join(place.folder, 'out'), '');
      await refuses([...FIVE_STEPS, '--out', 'out'], 2, ['--out:', 'cannot write to']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a full disk under --out: exit 2, before anything is started',
    async () => {
      // A device that is always full, on every Linux.
      await symlink('/dev/full', join(place.folder, 'result.json'));
      await refuses([...FIVE_STEPS, '--out', '.'], 2, ['--out:', 'cannot write to', /ENOSPC|no space/]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'an invalid profile: exit 2, and names file and field',
    async () => {
      await mkdir(join(place.folder, 'data/operators'), { recursive: true });
      await writeFile(join(place.folder, 'data/operators/0.45.9.yaml'), "version: '0.45.9'\n");
      await refuses([...FIVE_STEPS, '--data', 'data'], 2, ['0.45.9.yaml is not a valid operator profile', 'rules']);
    },
    TEST_TIMEOUT_MS,
  );
});
