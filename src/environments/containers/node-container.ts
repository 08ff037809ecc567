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
  /** Its log is appended to it. */
  readonly logFile: string;
  readonly line: (text: string) => void;
  /** Called when it ends and nobody stopped it, with "exit code 1" or "SIGKILL". */
  readonly died: (how: string) => void;
}

/** One start of a node: its container, from its making until it is removed. */
export class NodeContainer {
  readonly #container: Container;
  readonly #log: LogRecorder;
  readonly #died: (how: string) => void;
  readonly #name: string;
  /** How it ended, "exit code 1" or "SIGKILL". Never rejects: it may end when nobody waits for that. */
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

  /** @throws EnvironmentError when Docker can't start it. */
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
    // What it printed comes on a connection of its own, which may be the later to end, or break off.
    const told = finished(output).catch(() => undefined);
    const [how] = await Promise.all([endAfter(this.#container, told), told]);
    this.#running = false;
    await this.#log.close();
    if (!this.#stopping) this.#died(how);
    return how;
  }

  get running(): boolean {
    return this.#running;
  }

  lastLines(count: number): readonly string[] {
    return this.#log.lastLines(count);
  }

  /** Whether there is a file or folder of this name in the container, whether it runs or not. */
  async has(path: string): Promise<boolean> {
    try {
      const answer = await this.#container.infoArchive({ path });
      // Empty, but one that nobody has read holds its connection, and with it this process.
      answer.resume();
      return true;
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
    // Docker says the same of a container that somebody has removed: of its volume that tells nothing.
    await Engine.doing(`look into ${this.#name}`, this.#container.inspect());
    return false;
  }

  /** SIGTERM, and SIGKILL after the grace period. The container stays, so that its volume can be looked at. */
  async stop(graceMs: number): Promise<Stopped> {
    this.#stopping = true;
    if (this.#running) {
      await Engine.doing(`stop ${this.#name}`, unlessStopped(this.#container.stop({ t: Math.ceil(graceMs / 1000) })));
    }
    return { signal: (await this.#ended) === 'SIGKILL' ? 'SIGKILL' : 'SIGTERM' };
  }

  /** SIGKILL if it runs. Resolves when it is gone and all that it printed was told. */
  async remove(): Promise<void> {
    this.#stopping = true;
    await Engine.doing(`remove ${this.#name}`, removeContainer(this.#container));
    await this.#ended;
  }
}

/** So long after what a container printed has ended Docker has told of its end, too. */
const TOLD_MS = 5_000;

/**
 * Waits until a container has ended, and tells how. Where the engine is restarted, or something between cuts a connection on which
 * nothing comes for long, the answer to `wait` never comes, and no error (docker-modem 5.0.7 hears of the response's end alone): once
 * the container's output is over, its state is asked for.
 * @param output resolves when there is no more of it.
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
        // A clock that nobody stops would keep this process for its time.
        if (!known) timer = setTimeout(resolve, TOLD_MS, undefined);
      }),
  );
  return (await Promise.race([waited, overdue])) ?? stateOf(container);
}

async function stateOf(container: Pick<Container, 'inspect'>): Promise<string> {
  try {
    const { State } = await container.inspect();
    return State.Running ? 'Docker has cut the connection to it' : endedWith(State.ExitCode);
  } catch (error) {
    return untold(error);
  }
}

async function endOf(container: Pick<Container, 'wait'>): Promise<string> {
  try {
    const { StatusCode } = (await container.wait()) as { readonly StatusCode: number };
    return endedWith(StatusCode);
  } catch (error) {
    return untold(error);
  }
}

function endedWith(exitCode: number): string {
  return exitCode === KILLED ? 'SIGKILL' : `exit code ${exitCode}`;
}

function untold(error: unknown): string {
  return statusOf(error) === 404 ? 'its container was removed' : `Docker tells no more of it: ${reasonOf(error)}`;
}

async function unlessStopped(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    // Not modified: it has ended by itself. Not found: it was removed.
    if (statusOf(error) !== 304 && statusOf(error) !== 404) throw error;
  }
}
