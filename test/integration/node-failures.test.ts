import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readJournal } from '../../src/journal/file.js';
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
        /my-cluster-controller-1 does not respond \(it did not answer ApiVersions at 127\.0\.0\.1:\d+ within 10 s; its process is stopped \(state T\)\)/,
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

  /** A scenario that can find the folder of its run, as something outside of the run would. */
  async function writeOwn(statements: string): Promise<void> {
    await writeFile(
      join(place.folder, 'own.scenario.ts'),
      `import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenario, step } from 'remigrate';
const volume = (pod: string) => {
  const run = readdirSync(process.env.TMPDIR ?? '').find((name) => name.startsWith('remigrate-')) ?? '';
  return join(process.env.TMPDIR ?? '', run, 'volumes', pod);
};
export default scenario({
  name: 'own',
  title: 'faults',
  expected: { survives: 'It must.' },
  faults: ['kill-node', 'freeze-node'],
  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),
    step('fault', async ({ cluster, topics, faults }) => {
${statements}
    }),
  ],
});
`,
    );
  }

  async function runOwn(statements: string, ...more: readonly string[]) {
    await writeOwn(statements);
    const result = await remigrate(place, ['run', 'own.scenario.ts', '--operator', '0.45.1', '--out', 'out', ...more]);
    const events = await readJournal(join(place.folder, 'out/own-0.45.1/journal.jsonl'));
    await expectNothingLeft(place);
    return { result, events };
  }

  it(
    'at every start with the same fatal error is restarted as by the kubelet, and then the cluster is broken',
    async () => {
      const { result, events } = await runOwn(`
        const file = join(volume('my-cluster-broker-0'), 'kafka-log0/meta.properties');
        writeFileSync(file, readFileSync(file, 'utf8').replace('version=0', 'version=1').replace('broker.id', 'node.id'));
        await faults.inject('kill-node', 'broker-0');
        await cluster.waitForState('KRaft');`);
      expect(result.exitCode).toBe(1);
      expect(result.all).toContain('my-cluster-broker-0 does not stay up: it ended 3 times with the same error');
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
    'because the scenario’s own fault kills it comes back, and after a freeze it goes on: survived',
    async () => {
      const { result, events } = await runOwn(`
        await faults.inject('freeze-node', 'zookeeper-0');
        await faults.undo('freeze-node', 'zookeeper-0');
        await faults.inject('kill-node', 'broker-0');
        await topics.create('during');`);
      expect(result.all).toContain('SURVIVED');
      expect(result.exitCode).toBe(0);
      expect(
        events.flatMap((event) => (event.type === 'fault' ? [[event.fault, event.action, event.pod]] : [])),
      ).toEqual([
        ['freeze-node', 'inject', 'my-cluster-zookeeper-0'],
        ['freeze-node', 'undo', 'my-cluster-zookeeper-0'],
        ['kill-node', 'inject', 'my-cluster-broker-0'],
      ]);
      const killed = events.findIndex((event) => event.type === 'container-restarted' && event.how === 'SIGKILL');
      expect(events.slice(killed).some((event) => event.type === 'node-ready')).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'because the scenario’s own fault froze it does not make the wait that times out inconclusive for that reason',
    async () => {
      const { result, events } = await runOwn(
        `
        await faults.inject('freeze-node', 'broker-0');
        await cluster.waitForState('KRaft');`,
        '--timeout',
        '20',
      );
      expect(result.exitCode).toBe(3);
      expect(result.all).toContain('timed out after 20 s waiting for the state KRaft');
      expect(result.all).not.toContain('something outside of the cluster');
      expect(events.filter((event) => event.type === 'node-unresponsive')).toEqual([
        expect.objectContaining({ pod: 'my-cluster-broker-0', detail: expect.stringContaining('(state T)') }),
      ]);
      // At the end of the run it is thawed.
      expect(events.filter((event) => event.type === 'fault').at(-1)).toMatchObject({ action: 'undo' });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'by a fault that the environment cannot inject is refused before anything is started',
    async () => {
      const refused = ['run', 'own.scenario.ts', '--operator', '0.45.1', '--env', 'kubernetes', '--context', 'none'];
      await writeOwn('');
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
