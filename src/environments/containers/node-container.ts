import { finished } from 'node:stream/promises';
import type { Stopped } from '../node-runtime.js';
import { LogRecorder } from '../replayed/log-recorder.js';
import { type Container, Engine, reasonOf, removeContainer, statusOf } from './engine.js';
import { type ContainerLaunch, launchContainer } from './launched-container.js';

/** The exit code after SIGKILL: 128 and the signal's number. */
const KILLED = 137;

export interface NodeContainerOptions {
  readonly engine: Engine;
  readonly launch: ContainerLaunch;
  /** The node's log is appended to this file. */
  readonly logFile: string;
  readonly line: (text: string) => void;
  /** Called when it exits without being stopped, with "exit code 1" or "SIGKILL". */
  readonly died: (how: string) => void;
}

/** One start of a node: its container, from creation to removal. */
export class NodeContainer {
  readonly #container: Container;
  readonly #log: LogRecorder;
  readonly #died: (how: string) => void;
  readonly #name: string;
  /** How it exited, "exit code 1" or "SIGKILL". Never rejects, because it may exit when nothing waits for that. */
  readonly #ended: Promise<string>;
  #stopping = false;
  #running = true;

  private constructor(
    container: Container,
    name: string,
    log: LogRecorder,
    output: NodeJS.ReadableStream,
    died: (how: string) => void,
  ) {
    this.#container = container;
    this.#name = name;
    this.#log = log;
    this.#died = died;
    this.#ended = this.#end(output);
  }

  /** @throws EnvironmentError when Docker cannot start it. */
  static async start({ engine, launch, logFile, line, died }: NodeContainerOptions): Promise<NodeContainer> {
    const log = new LogRecorder(logFile, line);
    let output: NodeJS.ReadableStream | undefined;
    try {
      const { container } = await launchContainer(engine, launch, async (created) => {
        output = await engine.attach(created);
        log.follow(output);
      });
      if (output === undefined) throw new Error(`${launch.name} was started without being followed`);
      return new NodeContainer(container, launch.name, log, output, died);
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  async #end(output: NodeJS.ReadableStream): Promise<string> {
    // Its output uses another connection, which may end later, or break.
    const printed = finished(output).catch(() => undefined);
    const [how] = await Promise.all([endAfter(this.#container, printed), printed]);
    this.#running = false;
    await this.#log.close();
    if (!this.#stopping) this.#died(how);
    return how;
  }

  get running(): boolean {
    return this.#running;
  }

  /** SIGKILL that nobody asked for. Resolves once the death has been reported. */
  async crash(): Promise<void> {
    if (this.#running) {
      await Engine.perform(`kill ${this.#name}`, unlessNotRunning(this.#container.kill({ signal: 'SIGKILL' })));
    }
    await this.#ended;
  }

  async freeze(): Promise<void> {
    await Engine.perform(`pause ${this.#name}`, this.#container.pause());
  }

  /** Does nothing if it is not paused, or has exited. */
  async thaw(): Promise<void> {
    const { State } = await Engine.perform(`inspect ${this.#name}`, this.#container.inspect());
    if (State.Paused) await Engine.perform(`unpause ${this.#name}`, this.#container.unpause());
  }

  /** What keeps its processes from running; undefined: nothing. */
  async stoppedState(): Promise<string | undefined> {
    const { State } = await Engine.perform(`inspect ${this.#name}`, this.#container.inspect());
    if (State.Paused) return 'its container is paused';
    if (!State.Running) return undefined;
    const { Processes } = await Engine.perform(
      `list the processes of ${this.#name}`,
      this.#container.top({ ps_args: '-eo pid,state' }) as Promise<{ readonly Processes: readonly string[][] }>,
    );
    const stopped = Processes.map(([, state = '']) => state).find((state) => /^[Tt]/.test(state));
    return stopped === undefined ? undefined : `its process is stopped (state ${stopped})`;
  }

  lastLines(count: number): readonly string[] {
    return this.#log.lastLines(count);
  }

  /** Whether the container, running or not, has a file or folder of this name. */
  async has(path: string): Promise<boolean> {
    try {
      const answer = await this.#container.infoArchive({ path });
      // The response is empty, but unless it is read it keeps its connection open, and this process alive.
      answer.resume();
      return true;
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
    // Docker also responds with 404 if the container was removed, which says nothing about its volume.
    await Engine.perform(`inspect ${this.#name}`, this.#container.inspect());
    return false;
  }

  /** SIGTERM, and SIGKILL after the grace period. The container stays, so that its volume can be read. */
  async stop(graceMs: number): Promise<Stopped> {
    this.#stopping = true;
    if (this.#running) {
      await Engine.perform(`stop ${this.#name}`, unlessStopped(this.#container.stop({ t: Math.ceil(graceMs / 1000) })));
    }
    return { signal: (await this.#ended) === 'SIGKILL' ? 'SIGKILL' : 'SIGTERM' };
  }

  /** SIGKILL if it is running. Resolves once it is gone and all of its output was reported. */
  async remove(): Promise<void> {
    this.#stopping = true;
    await Engine.perform(`remove ${this.#name}`, removeContainer(this.#container));
    await this.#ended;
  }
}

/** Docker reports the exit of a container within this time after the end of its output. */
const REPORTED_MS = 5_000;

/**
 * Waits until a container has exited. @returns how. If the engine is restarted, or something cuts an idle connection,
 * the response to `wait` never comes, and no error either (docker-modem 5.0.7 only notices the response's end).
 * Therefore the state is read once the container's output has ended.
 * @param output resolves at its end.
 */
export async function endAfter(
  container: Pick<Container, 'wait' | 'inspect'>,
  output: Promise<unknown>,
): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  let known = false;
  const waited = endOf(container).finally(() => {
    known = true;
    clearTimeout(timer);
  });
  const overdue = output.then(
    () =>
      new Promise<undefined>((resolve) => {
        // A timer that is not cleared would keep this process alive.
        if (!known) timer = setTimeout(resolve, REPORTED_MS, undefined);
      }),
  );
  return (await Promise.race([waited, overdue])) ?? stateOf(container);
}

async function stateOf(container: Pick<Container, 'inspect'>): Promise<string> {
  try {
    const { State } = await container.inspect();
    return State.Running ? 'Docker closed the connection to it' : endedWith(State.ExitCode);
  } catch (error) {
    return unknownExit(error);
  }
}

async function endOf(container: Pick<Container, 'wait'>): Promise<string> {
  try {
    const { StatusCode } = (await container.wait()) as { readonly StatusCode: number };
    return endedWith(StatusCode);
  } catch (error) {
    return unknownExit(error);
  }
}

function endedWith(exitCode: number): string {
  return exitCode === KILLED ? 'SIGKILL' : `exit code ${exitCode}`;
}

function unknownExit(error: unknown): string {
  return statusOf(error) === 404 ? 'its container was removed' : `its state is unknown: ${reasonOf(error)}`;
}

async function unlessNotRunning(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    // Conflict: it has exited. Not found: it was removed.
    if (statusOf(error) !== 409 && statusOf(error) !== 404) throw error;
  }
}

async function unlessStopped(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    // Not modified: it has exited. Not found: it was removed.
    if (statusOf(error) !== 304 && statusOf(error) !== 404) throw error;
  }
}
