import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { expectNothingLeft, makePlace, type Place, remigrate, removePlace } from '../integration/support/command.js';
import { atLine } from '../integration/support/moments.js';
import { expectExitCode } from '../scenarios/support.js';
import { describeInDocker, expectNothingInDocker, IN_CONTAINERS, inDocker, labelOfCall } from './support/in-docker.js';

const TEST_TIMEOUT_MS = 240_000;
const MOMENT_MS = 150_000;
/** The first node is being started; nodes are running; a node is being restarted. */
const MOMENTS = ['zookeeper-0 started', 'state ZooKeeper -> KRaftMigration', 'configured for MIGRATION'] as const;

describeInDocker('a run in containers that is ended', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  /** Ends a run when this line is printed. @returns its label, and how it ended. */
  async function endAt(moment: string, signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL') {
    const run = remigrate(place, ['run', 'rollback-remigrate', '--operator', '0.45.1', ...IN_CONTAINERS]);
    let call = '';
    const act = async (): Promise<void> => {
      call = await labelOfCall(place);
      const kinds = new Set((await inDocker(call)).map((one) => one.split(' ')[0]));
      run.kill(signal);
      // Everything that the tests look for later existed.
      expect(kinds).toEqual(new Set(['container', 'network', ...(kinds.has('volume') ? ['volume'] : [])]));
    };
    const result = await atLine(run, moment, act, MOMENT_MS);
    return { call, result };
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'by %s removes its containers, volumes and networks, and exits %i',
    async (signal, exitCode) => {
      const { call, result } = await endAt(MOMENTS[1], signal);
      expect(result.all).toContain(`${signal}: stopping the nodes`);
      expect(result.exitCode).toBe(exitCode);
      expect(result.all).not.toMatch(/^\s+at .*\.js:\d+/m);
      await expectNothingInDocker(call, place);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it.each(MOMENTS)(
    'by SIGKILL at "%s" leaves nothing: the guardian removes everything',
    async (moment) => {
      const { call, result } = await endAt(moment, 'SIGKILL');
      expect(result.signal).toBe('SIGKILL');
      await expectNothingInDocker(call, place);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'does not affect another run, which continues when the first is killed',
    async () => {
      const other = await makePlace();
      try {
        const going = remigrate(other, ['run', 'rollback-only', '--operator', '0.45.1', ...IN_CONTAINERS]);
        const { call } = await endAt(MOMENTS[0], 'SIGKILL');
        const result = await going;
        expect(result.all).toContain('SURVIVED as expected');
        expectExitCode(result, 0);
        await expectNothingInDocker(call, place);
        await expectNothingLeft(other);
      } finally {
        await removePlace(other);
      }
    },
    TEST_TIMEOUT_MS,
  );
});

describeInDocker('the search for leftovers in Docker', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  it(
    'finds a container, a volume and a network',
    async () => {
      const call = `remigrate-containers-${randomBytes(8).toString('hex')}`;
      const label = `remigrate.io/call=${call}`;
      const made: (readonly string[])[] = [];
      try {
        await execa('docker', ['volume', 'create', '--label', label, `${call}-volume`]);
        made.push(['volume', 'rm', `${call}-volume`]);
        await execa('docker', ['network', 'create', '--label', label, `${call}-network`]);
        made.push(['network', 'rm', `${call}-network`]);
        const image = IN_CONTAINERS[3].replace('{kafka}', '3.9.0');
        await execa('docker', ['create', '--label', label, '--name', `${call}-container`, image, 'true']);
        made.push(['rm', `${call}-container`]);
        await expect(expectNothingInDocker(call, place)).rejects.toThrow(
          [
            'left behind after 15 s:',
            `container ${call}-container`,
            `volume ${call}-volume`,
            `network ${call}-network`,
          ].join('\n'),
        );
      } finally {
        for (const command of made.reverse()) await execa('docker', [...command]);
      }
      await expectNothingInDocker(call, place);
    },
    TEST_TIMEOUT_MS,
  );

  it('fails if no call is running', async () => {
    await expect(labelOfCall(place)).rejects.toThrow('no guardian of a call in containers is running in this place');
  });
});

describe('the tests in containers', () => {
  it('run if there is Docker, or say why not', () => {
    if (process.env.REMIGRATE_TEST_DOCKER !== '1') console.warn('SKIPPED: the tests in containers: there is no Docker');
    expect(['1', undefined]).toContain(process.env.REMIGRATE_TEST_DOCKER);
  });
});
