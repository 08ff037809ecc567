import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { expectNothingLeft, makePlace, type Place, processesOf, remigrate, removePlace } from './support/command.js';
import { runOwn, writeOwn } from './support/own-scenario.js';

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
    'because something outside of the run kills it in a step: inconclusive, with the signal; its log is kept',
    async () => {
      const result = await interfere('state ZooKeeper -> KRaftMigration', () =>
        signal('my-cluster-controller-1', 'SIGKILL'),
      );
      expect(result.exitCode).toBe(3);
      expect(result.all).toContain(
        'my-cluster-controller-1 exited unexpectedly (SIGKILL). The run did not send this signal',
      );
      const log = join(place.folder, 'remigrate-results/rollback-remigrate-0.45.1/logs/my-cluster-controller-1.log');
      expect(await readFile(log, 'utf8')).toContain('[ControllerServer id=1] Starting controller');
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'to become ready, because something outside has stopped it: inconclusive, and the command names it',
    async () => {
      const result = await interfere(
        'broker-0 started in ZooKeeper mode',
        () => signal('my-cluster-broker-0', 'SIGSTOP'),
        '--timeout',
        '8',
      );
      expect(result.exitCode).toBe(3);
      expect(result.all).toMatch(
        /my-cluster-broker-0 does not respond \(its process is stopped \(state T\)\): something outside .* timed out after 8 s waiting for (my-cluster-broker-0 to become ready|the state ZooKeeper)/,
      );
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'to respond after it was ready, because something outside has stopped it: inconclusive, and not an outage',
    async () => {
      const result = await interfere(
        'state ZooKeeper -> KRaftMigration',
        () => signal('my-cluster-controller-1', 'SIGSTOP'),
        '--timeout',
        '20',
      );
      expect(result.exitCode).toBe(3);
      expect(result.all).toMatch(
        /my-cluster-controller-1 does not respond \(no answer to ApiVersions at 127\.0\.0\.1:\d+ within 10 s; its process is stopped \(state T\)\)/,
      );
      expect(result.all).not.toMatch(/NOT EXPECTED|every node is ready/);
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

  it(
    'at every start with the same fatal error is restarted as by the kubelet, and then the cluster is broken',
    async () => {
      const { result, events } = await runOwn(
        place,
        `
        const file = join(volume('my-cluster-broker-0'), 'kafka-log0/meta.properties');
        writeFileSync(file, readFileSync(file, 'utf8').replace('version=0', 'version=1').replace('broker.id', 'node.id'));
        await faults.inject('kill-node', 'broker-0');
        await cluster.waitForState('KRaft');`,
      );
      expect(result.exitCode).toBe(1);
      expect(result.all).toMatch(
        /my-cluster-broker-0 does not stay up: its volume was formatted in KRaft mode, so that \S+meta\.properties has/,
      );
      expect(result.all).toContain('it ended 3 times with the same error');
      expect(result.all).toMatch(/Found unexpected version in \S+meta\.properties/);
      const restarts = events.filter((event) => event.type === 'container-restarted');
      expect(restarts.map(({ how, backOff }) => [how, backOff])).toEqual([
        ['SIGKILL', 0],
        ['exit code 1', 10],
        ['exit code 1', 20],
      ]);
      expect(restarts[0]).not.toHaveProperty('error');
      const [stopped] = events.filter((event) => event.type === 'node-stopped');
      expect(stopped).toMatchObject({ reason: 'died', error: expect.stringContaining('Found unexpected version in') });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'by a fault that the environment cannot inject is refused before anything is started',
    async () => {
      const refused = ['run', 'own.scenario.ts', '--operator', '0.45.1', '--env', 'kubernetes', '--context', 'none'];
      await writeOwn(place, '');
      const result = await remigrate(place, [...refused, '--operator-manifests', place.folder]);
      expect(result.exitCode).toBe(2);
      expect(result.all).toContain(
        'scenario own injects the fault freeze-node, which the environment kubernetes cannot',
      );
      expect(result.all).toContain('Use --env local or --env containers.');
    },
    TEST_TIMEOUT_MS,
  );
});
