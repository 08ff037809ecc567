import { isIP } from 'node:net';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { lookUpDocker } from '../../distribution/docker.js';
import { EnvironmentError, messageOf, UsageError } from '../../errors.js';
import { type ContainerRuntimeClient, getContainerRuntimeClient } from './testcontainers.js';

type Docker = ContainerRuntimeClient['container']['dockerode'];
export type Container = ReturnType<Docker['getContainer']>;
export type Labels = Readonly<Record<string, string>>;

/** The Docker engine that testcontainers has found, as far as nodes need it. */
export class Engine {
  /** Where clients on this machine reach the ports that containers publish. */
  readonly host: string;
  /** The address of the engine's machine that ports are bound to; empty for all addresses. */
  readonly publishedAt: string;
  readonly #client: ContainerRuntimeClient;

  private constructor(client: ContainerRuntimeClient, env: NodeJS.ProcessEnv) {
    this.#client = client;
    const { host } = client.info.containerRuntime;
    this.host = host === 'localhost' ? '127.0.0.1' : host;
    const bySocket = !env.DOCKER_HOST || env.DOCKER_HOST.startsWith('unix:');
    this.publishedAt = bySocket && isIP(this.host) !== 0 ? this.host : '';
  }

  /** @throws UsageError without an engine, or without permission to use it. */
  static async connect(env: NodeJS.ProcessEnv): Promise<Engine> {
    if (env.DOCKER_HOST) {
      // testcontainers would try another engine if this one does not respond.
      const found = await lookUpDocker(env);
      if ('problem' in found) throw new UsageError(`${found.problem} ${found.remedy}`);
    }
    try {
      return new Engine(await getContainerRuntimeClient(), env);
    } catch (error) {
      // testcontainers does not say why.
      const found = await lookUpDocker(env);
      if ('problem' in found) throw new UsageError(`${found.problem} ${found.remedy}`, { cause: error });
      throw new EnvironmentError(
        `testcontainers cannot use the Docker engine at ${found.docker.address}: ${messageOf(error)}. Set DEBUG=testcontainers* to see details.`,
        { cause: error },
      );
    }
  }

  /** Waits for the work. @throws EnvironmentError with the engine's own message. */
  static async perform<T>(what: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw new EnvironmentError(`Docker could not ${what}: ${reasonOf(error)}`, { cause: error });
    }
  }

  container(id: string): Container {
    return this.#client.container.getById(id);
  }

  /** Standard output and standard error in one stream, from the start of the container. */
  attach(container: Container): Promise<NodeJS.ReadableStream> {
    return this.#client.container.attach(container);
  }

  /** @throws UsageError for an invalid name. */
  async hasImage(name: string): Promise<boolean> {
    const refuse = (why: string): never => {
      throw new UsageError(`"${name}" is not the name of an image: ${why}. Set --image to REPOSITORY:TAG.`);
    };
    if (!/^[\w./:@-]+$/.test(name)) refuse('it contains invalid characters');
    try {
      await this.#docker.getImage(name).inspect();
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      if (statusOf(error) === 400) refuse(reasonOf(error));
      throw new EnvironmentError(`Docker could not look for the image ${name}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /**
   * Pulls without credentials: use the `docker` command for images that need them. testcontainers' own pull cannot be
   * aborted, and does not report an interrupted download.
   * @throws Error that says why it cannot be pulled. @throws the signal's reason.
   */
  async pull(name: string, signal: AbortSignal): Promise<void> {
    try {
      const answers = await this.#docker.pull(name, { abortSignal: signal });
      for await (const line of createInterface({ input: answers })) {
        const answer: unknown = JSON.parse(line);
        if (typeof answer === 'object' && answer !== null && 'error' in answer) throw new Error(String(answer.error));
      }
    } catch (error) {
      signal.throwIfAborted();
      throw new Error(reasonOf(error), { cause: error });
    }
    signal.throwIfAborted();
    if (!(await this.hasImage(name))) throw new Error('the download was interrupted');
  }

  /**
   * Runs a shell script in a new container without a network.
   * @returns what it printed, line by line.
   * @throws EnvironmentError when it cannot be started.
   */
  async output(image: string, script: string, labels: Labels): Promise<readonly string[]> {
    const container = await Engine.perform(
      `create a container of ${image}`,
      this.#docker.createContainer({
        Image: image,
        Entrypoint: ['sh', '-c'],
        Cmd: [script],
        Labels: { ...labels },
        HostConfig: { NetworkMode: 'none' },
      }),
    );
    try {
      const stream = await Engine.perform(`attach to a container of ${image}`, this.attach(container));
      let text = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => {
        text += chunk;
      });
      await Engine.perform(`start ${image}`, container.start());
      await finished(stream);
      return text.split('\n');
    } finally {
      await removeContainer(container);
    }
  }

  /** Creates a network in which containers find each other by name. */
  async createNetwork(name: string, labels: Labels): Promise<void> {
    const network = this.#docker.createNetwork({ Name: name, Driver: 'bridge', Labels: { ...labels } });
    await Engine.perform(`create the network ${name}`, network);
  }

  /** Does nothing if it exists. */
  async createVolume(name: string, labels: Labels): Promise<void> {
    const volume = this.#docker.createVolume({ Name: name, Labels: { ...labels } });
    await Engine.perform(`create the volume ${name}`, volume);
  }

  /** Does nothing if it does not exist. */
  async removeVolume(name: string): Promise<void> {
    await Engine.perform(`remove the volume ${name}`, unlessGone(this.#docker.getVolume(name).remove()));
  }

  /**
   * Removes everything with the label: containers in any state, volumes unless they are kept, networks.
   * @param label `key=value`.
   * @throws EnvironmentError when Docker fails.
   */
  async removeLabelled(label: string, options: { readonly volumes: 'removed' | 'kept' }): Promise<void> {
    await Engine.perform(`remove everything with the label ${label}`, this.#removeLabelled(label, options));
  }

  async #removeLabelled(label: string, { volumes }: { readonly volumes: 'removed' | 'kept' }): Promise<void> {
    const filters = { label: [label] };
    const containers = await this.#docker.listContainers({ all: true, filters });
    await Promise.all(containers.map(({ Id }) => removeContainer(this.container(Id))));
    if (volumes === 'removed') {
      const { Volumes: found } = await this.#docker.listVolumes({ filters: JSON.stringify(filters) });
      await Promise.all((found ?? []).map(({ Name }) => this.removeVolume(Name)));
    }
    const networks = await this.#docker.listNetworks({ filters });
    await Promise.all(networks.map(({ Id }) => unlessGone(this.#docker.getNetwork(Id).remove())));
  }

  get #docker(): Docker {
    return this.#client.container.dockerode;
  }
}

/** Removes a container, with SIGKILL if it is running, and the anonymous volumes that its image declares. */
export async function removeContainer(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    if (statusOf(error) === 404) return;
    // It is being removed already.
    if (statusOf(error) !== 409) throw error;
    await unlessGone(container.wait({ condition: 'removed' }));
  }
}

async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

/** The HTTP status of the engine's response. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** The engine's own message, without dockerode's name of the HTTP status. */
export function reasonOf(error: unknown): string {
  return messageOf(error)
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .trim();
}
