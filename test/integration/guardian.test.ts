import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../src/package-root.js';
import { expectNothingLeft, makePlace, type Place, processesOf, removePlace } from './support/command.js';

const GUARDIAN = join(packageRoot(), 'dist/src/environments/guardian');
const DEADLINE_MS = 20_000;
const TEST_TIMEOUT_MS = 60_000;

/** What a harness does with its workspace: it prints where it is, and closes it on request. */
const HARNESS = `
  import { Workspace } from ${JSON.stringify(pathToFileURL(join(GUARDIAN, 'workspace.js')).href)};
  const workspace = await Workspace.open((text) => process.stdout.write(text + '\\n'));
  process.stdout.write(JSON.stringify({ folder: workspace.folder, results: workspace.results, mark: workspace.mark }) + '\\n');
  process.stdin.once('data', async (keep) => {
    await workspace.close({ keep: keep.toString().trim() === 'keep' });
    process.exit(0);
  });
`;

interface Harness {
  readonly process: ChildProcess;
  /** What it prints after that, line by line. */
  readonly lines: AsyncIterator<string>;
  readonly folder: string;
  readonly results: string;
  readonly mark: string;
}

async function within<T>(what: string, event: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`timed out after ${DEADLINE_MS / 1000} s waiting for ${what}`)),
      DEADLINE_MS,
    );
  });
  try {
    return await Promise.race([event, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until the process handles SIGHUP (signal 1), the last of the guardian's handlers; Node.js itself has none. */
async function handlesSignals(pid: number): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const caught = /^SigCgt:\s+([0-9a-f]+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    if ((BigInt(`0x${caught ?? '0'}`) & 1n) === 1n) return;
    if (performance.now() > deadline)
      throw new Error(`timed out after ${DEADLINE_MS / 1000} s waiting for SIGHUP to be handled`);
    await pause(10);
  }
}

describe('the guardian', () => {
  let place: Place;
  let started: ChildProcess[];
  beforeEach(async () => {
    place = await makePlace();
    started = [];
  });
  afterEach(async () => {
    for (const child of started) child.kill('SIGKILL');
    await removePlace(place);
  });

  async function harness(): Promise<Harness> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', HARNESS], {
      env: { ...process.env, TMPDIR: place.temporary },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    started.push(child);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const { value } = await within('the harness to open its workspace', lines.next());
    return { process: child, lines, ...(JSON.parse(String(value)) as Omit<Harness, 'process' | 'lines'>) };
  }

  /** A process that has a text on its command line and does nothing, like a node that was left behind. */
  async function carrying(text: string): Promise<ChildProcess> {
    const child = spawn(
      process.execPath,
      ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)', '--', text],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    started.push(child);
    await within('the process to be up', once(child.stdout, 'data'));
    return child;
  }

  /** The signal that ended a process; waits for its end. */
  async function endOf(child: ChildProcess): Promise<NodeJS.Signals | null> {
    if (child.exitCode === null && child.signalCode === null) await within('a process to end', once(child, 'exit'));
    return child.signalCode;
  }

  function lives({ exitCode, signalCode }: ChildProcess): boolean {
    return exitCode === null && signalCode === null;
  }

  it(
    'ends the run’s processes and deletes its folder after SIGKILL of the harness, and leaves others alone',
    async () => {
      const run = await harness();
      const other = await harness();
      const nodes = await Promise.all([carrying(`-Dremigrate.run=${run.mark}`), carrying(run.mark)]);
      const bystander = await carrying(`-Dremigrate.run=${other.mark}`);
      await mkdir(join(run.folder, 'volumes'));
      await writeFile(join(run.folder, 'volumes', 'data'), 'some');
      run.process.kill('SIGKILL');
      expect(await Promise.all(nodes.map(endOf))).toEqual(['SIGKILL', 'SIGKILL']);
      expect(await endOf(run.process)).toBe('SIGKILL');
      expect(lives(bystander)).toBe(true);
      expect(existsSync(other.folder)).toBe(true);
      other.process.kill('SIGKILL');
      expect(await endOf(bystander)).toBe('SIGKILL');
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'does the same when the harness closes its workspace, which waits for that',
    async () => {
      const run = await harness();
      const node = await carrying(run.mark);
      const neighbour = join(place.temporary, 'unrelated');
      await mkdir(neighbour);
      run.process.stdin?.end('remove\n');
      await endOf(run.process);
      expect(run.process.exitCode).toBe(0);
      expect(await endOf(node)).toBe('SIGKILL');
      expect(existsSync(run.folder)).toBe(false);
      expect(existsSync(neighbour)).toBe(true);
      expect(await processesOf(place)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'leaves a folder that is to be kept, and still ends the processes',
    async () => {
      const run = await harness();
      const node = await carrying(run.mark);
      run.process.stdin?.end('keep\n');
      await endOf(run.process);
      expect(await endOf(node)).toBe('SIGKILL');
      expect(existsSync(run.results)).toBe(true);
      expect(await processesOf(place)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  async function guardianOf(run: Harness): Promise<number> {
    const guardians = (await processesOf(place)).filter(({ args }) => args.endsWith(`main.js ${run.mark}`));
    const [guardian, ...others] = guardians;
    if (guardian === undefined || others.length > 0) throw new Error(`there are ${guardians.length} guardians`);
    return guardian.pid;
  }

  const notice = async (run: Harness): Promise<string> =>
    String((await within('the harness to notice it', run.lines.next())).value);

  it(
    'is replaced when it is killed alone, which the harness says, and the other one knows the same',
    async () => {
      const run = await harness();
      const node = await carrying(run.mark);
      const first = await guardianOf(run);
      process.kill(first, 'SIGKILL');
      expect(await notice(run)).toBe(
        'The process that cleans up after the run has ended (SIGKILL). Another one was started.',
      );
      expect(await guardianOf(run)).not.toBe(first);
      expect(lives(node)).toBe(true);
      run.process.kill('SIGKILL');
      expect(await endOf(node)).toBe('SIGKILL');
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'keeps a folder that is released after it was replaced',
    async () => {
      const run = await harness();
      process.kill(await guardianOf(run), 'SIGKILL');
      await notice(run);
      run.process.stdin?.end('keep\n');
      await endOf(run.process);
      expect(run.process.exitCode).toBe(0);
      expect(existsSync(run.results)).toBe(true);
      expect(await processesOf(place)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is not started for ever, and the user then learns what may be left behind',
    async () => {
      const run = await harness();
      for (let replacement = 1; replacement <= 5; replacement++) {
        process.kill(await guardianOf(run), 'SIGKILL');
        expect(await notice(run)).toContain('Another one was started.');
      }
      process.kill(await guardianOf(run), 'SIGKILL');
      const last = await notice(run);
      expect(last).toContain('for the 6th time, and is not started again.');
      expect(last).toContain(`processes with ${run.mark} in their command line and ${run.folder} are left behind.`);
      run.process.stdin?.end('remove\n');
      await endOf(run.process);
      expect(run.process.exitCode).toBe(0);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  // Only Linux shows when the guardian has begun to handle signals.
  const itOnLinux = process.platform === 'linux' ? it : it.skip;
  itOnLinux(
    'is not ended by the signals that end a harness: it still has work to do',
    async () => {
      const run = await harness();
      const node = await carrying(run.mark);
      const [guardian] = (await processesOf(place)).filter(({ args }) => args.includes(`main.js ${run.mark}`));
      if (guardian === undefined) throw new Error('there is no guardian');
      await handlesSignals(guardian.pid);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(guardian.pid, signal);
      expect(lives(node)).toBe(true);
      expect(existsSync(run.folder)).toBe(true);
      run.process.kill('SIGKILL');
      expect(await endOf(node)).toBe('SIGKILL');
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    ['runs its command after SIGKILL of the harness, more than once', '', /^(ran){2,}$/],
    ['does not run a command that was withdrawn', 'guard.forgetCommand();', /^$/],
    [
      'runs its command also if it has taken the place of another guardian',
      `const { execFileSync } = await import('node:child_process');
       const pids = execFileSync('pgrep', ['-P', String(process.pid), '-f', MARK], { encoding: 'utf8' });
       const replaced = new Promise((resolve) => { noticed = resolve; });
       process.kill(Number(pids.trim().split('\\n')[0]), 'SIGKILL');
       await replaced;`,
      /^(ran){2,}$/,
    ],
  ] as const)(
    '%s',
    async (_what, more, expected) => {
      const file = join(place.folder, 'ran');
      await writeFile(file, '');
      const command = [process.execPath, '-e', `fs.appendFileSync(${JSON.stringify(file)}, 'ran')`];
      const script = `
        import { Guard } from ${JSON.stringify(pathToFileURL(join(GUARDIAN, 'guard.js')).href)};
        setInterval(() => {}, 1000);
        const MARK = 'remigrate-test-of-the-guardian';
        let noticed = () => undefined;
        const guard = await Guard.start(MARK, () => noticed());
        guard.runAtEnd(${JSON.stringify(command)});
        ${more}
        process.stdout.write('up');
      `;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, TMPDIR: place.temporary },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      started.push(child);
      await within('the harness to be up', once(child.stdout, 'data'));
      child.kill('SIGKILL');
      await endOf(child);
      await expectNothingLeft(place);
      expect(await readFile(file, 'utf8')).toMatch(expected);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'refuses to run without a mark, or with one so short that it might stand on any command line',
    async () => {
      const bystander = await carrying('node');
      for (const mark of [[], ['node']]) {
        const child = spawn(process.execPath, [join(GUARDIAN, 'main.js'), ...mark], { stdio: 'ignore' });
        started.push(child);
        await endOf(child);
        expect(child.exitCode).toBe(1);
      }
      expect(lives(bystander)).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );
});
