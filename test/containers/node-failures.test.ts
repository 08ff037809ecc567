import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { readJournal } from '../../src/journal/file.js';
import { expectNothingLeft, makePlace, type Place, remigrate, removePlace } from '../integration/support/command.js';
import { atLine } from '../integration/support/moments.js';
import { expectExitCode } from '../scenarios/support.js';
import { describeInDocker, expectNothingInDocker, IN_CONTAINERS, labelOfCall, ofCall } from './support/in-docker.js';

const TEST_TIMEOUT_MS = 240_000;
const MOMENT_MS = 150_000;

/** Freezes and thaws ZooKeeper, kills the broker, and ends with a frozen broker. */
const FAULTS = `import { scenario, step } from 'remigrate';
export default scenario({
  name: 'faults',
  title: 'faults in containers',
  expected: { survives: 'It must.' },
  faults: ['kill-node', 'freeze-node'],
  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),
    step('faults', async ({ topics, faults }) => {
      await faults.inject('freeze-node', 'zookeeper-0');
      await faults.undo('freeze-node', 'zookeeper-0');
      await faults.inject('kill-node', 'broker-0');
      await topics.create('during');
    }),
    step('frozen at the end', async ({ cluster, faults }) => {
      await faults.inject('freeze-node', 'broker-0');
      await cluster.waitForState('KRaft');
    }),
  ],
});
`;

describeInDocker('a node in a container', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  it(
    'that something outside pauses is named when a wait times out: inconclusive, and nothing is left',
    async () => {
      const run = remigrate(place, [
        ...['run', 'rollback-remigrate', '--operator', '0.45.1', '--timeout', '40'],
        ...IN_CONTAINERS,
      ]);
      let call = '';
      const pause = async (): Promise<void> => {
        call = await labelOfCall(place);
        const list = ['ps', '--quiet', '--filter', 'name=my-cluster-controller-1$', ...ofCall(call)];
        const { stdout } = await execa('docker', list);
        await execa('docker', ['pause', stdout.trim()]);
      };
      const result = await atLine(run, 'state ZooKeeper -> KRaftMigration', pause, MOMENT_MS);
      expect(result.all).toMatch(/my-cluster-controller-1 does not respond \(.*its container is paused\)/);
      expectExitCode(result, 3);
      await expectNothingInDocker(call, place);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is frozen, thawed and killed by the faults of a scenario, and one that is frozen at the end is removed',
    async () => {
      await writeFile(join(place.folder, 'faults.scenario.ts'), FAULTS);
      const run = remigrate(place, [
        ...['run', 'faults.scenario.ts', '--operator', '0.45.1', '--timeout', '40', '--out', 'out'],
        ...IN_CONTAINERS,
      ]);
      let call = '';
      const result = await atLine(
        run,
        'zookeeper-0 started',
        async () => {
          call = await labelOfCall(place);
        },
        MOMENT_MS,
      );
      const events = await readJournal(join(place.folder, 'out/faults-0.45.1/journal.jsonl'));
      const steps = events.flatMap((event) => (event.type === 'step-ended' ? [`${event.step}: ${event.outcome}`] : []));
      expect(steps).toEqual(['deploy: passed', 'faults: passed', 'frozen at the end: failed']);
      expect(result.all).toContain('timed out after 40 s waiting for the state KRaft');
      expectExitCode(result, 3);
      expect(events.filter((event) => event.type === 'container-restarted')[0]).toMatchObject({ how: 'SIGKILL' });
      expect(events.filter((event) => event.type === 'node-unresponsive')).toEqual([
        expect.objectContaining({
          pod: 'my-cluster-broker-0',
          detail: expect.stringMatching(/no answer to ApiVersions .*its container is paused/),
        }),
      ]);
      await expectNothingInDocker(call, place);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );
});
