import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { expectNothingLeft, makePlace, type Place, processesOf, remigrate, removePlace } from './support/command.js';

const TEST_TIMEOUT_MS = 240_000;
const FIVE_STEPS = ['run', 'rollback-remigrate', '--operator', '0.45.1'] as const;

describe('a node that fails', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  /** Starts the five steps, does something when a line is printed, and waits for the end. */
  async function interfere(moment: string, act: () => Promise<void>, ...more: readonly string[]) {
    const run = remigrate(place, [...FIVE_STEPS, ...more]);
    let acted = false;
    for await (const line of run.iterable({ from: 'all' })) {
      if (acted || !line.includes(moment)) continue;
      acted = true;
      await act();
    }
    const result = await run;
    expect(acted).toBe(true);
    return result;
  }

  /** The JVM of a pod that was started or is about to be. */
  async function jvmOf(pod: string): Promise<{ readonly pid: number; readonly args: string }> {
    const deadline = performance.now() + 10_000;
    for (;;) {
      const [jvm] = (await processesOf(place)).filter(({ args }) => args.endsWith(`${pod}.properties`));
      if (jvm !== undefined) return jvm;
      if (performance.now() > deadline) throw new Error(`no process of ${pod} after 10 s`);
    }
  }

  /** Signals the JVM of a pod. */
  async function signal(pod: string, name: NodeJS.Signals): Promise<void> {
    process.kill((await jvmOf(pod)).pid, name);
  }

  it(
    'because it is killed in a step: inconclusive, with the last lines of its log, which is kept',
    async () => {
      const result = await interfere('state ZooKeeper -> KRaftMigration', () =>
        signal('my-cluster-controller-1', 'SIGKILL'),
      );
      expect(result.exitCode).toBe(3);
      expect(result.all).toContain('my-cluster-controller-1 exited unexpectedly (SIGKILL). The last lines of its log:');
      expect(result.all).toMatch(/^ +\d{4}-\d\d-\d\d .*\[.*\]$/m);
      const log = join(place.folder, 'remigrate-results/rollback-remigrate-0.45.1/logs/my-cluster-controller-1.log');
      expect(await readFile(log, 'utf8')).toContain('[ControllerServer id=1] Starting controller');
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'to become ready: inconclusive, and the command names it and how long it waited',
    async () => {
      const result = await interfere(
        'broker-0 started in ZooKeeper mode',
        () => signal('my-cluster-broker-0', 'SIGSTOP'),
        '--timeout',
        '8',
      );
      expect(result.exitCode).toBe(3);
      expect(result.all).toMatch(
        /timed out after 8 s waiting for (my-cluster-broker-0 to become ready|the state ZooKeeper)/,
      );
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'because its port was taken after it was chosen: the command says so, and to run again',
    async () => {
      const blocker = createServer();
      const result = await interfere('broker-0 restarted in ZooKeeper mode, configured for MIGRATION', async () => {
        const broker = await jvmOf('my-cluster-broker-0');
        const properties = await readFile(broker.args.split(' ').at(-1) ?? '', 'utf8');
        const port = Number(/^listeners=.*PLAIN-9092:\/\/127\.0\.0\.1:(\d+)/m.exec(properties)?.[1]);
        // The JVM has only just been started: it binds some hundred milliseconds later.
        await new Promise<void>((resolve, reject) => {
          blocker.once('error', reject);
          blocker.listen({ host: '127.0.0.1', port, exclusive: true }, resolve);
        });
      }).finally(() => blocker.close());
      expect(result.exitCode).toBe(3);
      expect(result.all).toMatch(
        /my-cluster-broker-0 could not start: another process took one of its ports .*Run again\./,
      );
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );
});
