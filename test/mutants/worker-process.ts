import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { packageRoot } from '../../src/package-root.js';
import type { Answer, Question } from './protocol.js';

/** Node.js never releases the modules of an ESM test run: a new process after this many runs. */
const RUNS_PER_PROCESS = 30;
/** A mutant can make a loop endless. */
const DEADLINE_MS = 120_000;

export type Outcome = Answer | 'timed out' | 'process ended';

/** Runs Jest in a process of its own, which is replaced when it has grown, hangs or ends. */
export class WorkerProcess {
  #process: { readonly child: ChildProcess; readonly lines: Interface } | undefined;
  #runs = 0;

  async ask(question: Question): Promise<Outcome> {
    if (this.#runs >= RUNS_PER_PROCESS) this.stop();
    this.#runs += 1;
    this.#process ??= start();
    const { child, lines } = this.#process;
    const outcome = await new Promise<Outcome>((resolve) => {
      const deadline = setTimeout(() => resolve('timed out'), DEADLINE_MS);
      const answer = (found: Outcome) => {
        clearTimeout(deadline);
        lines.removeAllListeners();
        child.removeAllListeners();
        resolve(found);
      };
      lines.once('line', (line) => answer(JSON.parse(line) as Answer));
      child.once('exit', () => answer('process ended'));
      child.stdin?.write(`${JSON.stringify(question)}\n`);
    });
    if (typeof outcome === 'string') this.stop();
    return outcome;
  }

  stop(): void {
    this.#process?.lines.close();
    this.#process?.child.kill('SIGKILL');
    this.#process = undefined;
    this.#runs = 0;
  }
}

function start(): { readonly child: ChildProcess; readonly lines: Interface } {
  const root = packageRoot();
  const child = spawn(
    process.execPath,
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', join(root, 'test/mutants/worker.mjs')],
    { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  return { child, lines: createInterface({ input: child.stdout }) };
}
