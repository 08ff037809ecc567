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
  /** The address of the engine's machine that ports are bound to: no more than `host` needs. */
  readonly publishedAt: string;
  readonly #client: ContainerRuntimeClient;

  private constructor(client: ContainerRuntimeClient, env: NodeJS.ProcessEnv) {
    this.#client = client;
    const { host } = client.info.containerRuntime;
    this.host = host === 'localhost' ? '127.0.0.1' : host;
    const bySocket = !env.DOCKER_HOST || env.DOCKER_HOST.startsWith('unix:');
    this.publishedAt = bySocket && isIP(this.host) !== 0 ? this.host : '';
  }

  /** @throws UsageError without an engine, or without the right to use it. */
  static async connect(env: NodeJS.ProcessEnv): Promise<Engine> {
    if (env.DOCKER_HOST) {
      // testcontainers would go on to another engine if this one does not answer.
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
        `testcontainers can't use the Docker engine at ${found.docker.address}: ${messageOf(error)}. With DEBUG=testcontainers* it says more.`,
        { cause: error },
      );
    }
  }

  /** Done with the engine's own words where it fails. @throws EnvironmentError */
  static async doing<T>(what: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw new EnvironmentError(`Docker could not ${what}: ${reasonOf(error)}`, { cause: error });
    }
  }

  container(id: string): Container {
    return this.#client.container.getById(id);
  }

  /** Standard output and standard error in one, from the container's begin on. */
  attach(container: Container): Promise<NodeJS.ReadableStream> {
    return this.#client.container.attach(container);
  }

  /** @throws UsageError for what can't be an image's name. */
  async hasImage(name: string): Promise<boolean> {
    const refuse = (why: string): never => {
      throw new UsageError(`"${name}" is no name of an image: ${why}. Name one with --image, REPOSITORY:TAG.`);
    };
    if (!/^[\w./:@-]+$/.test(name)) refuse('it has characters that no name has');
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
   * Without credentials: what needs them is pulled by the `docker` command first. testcontainers' own pull can't be broken off,
   * and does not tell of one that broke off.
   * @throws Error that says why it can't be pulled. @throws the signal's reason.
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
    if (!(await this.hasImage(name))) throw new Error('the download broke off');
  }

  /**
   * Runs a shell script in a container of its own, without a network.
   * @returns what it printed, line by line.
   * @throws EnvironmentError when it can't be started.
   */
  async output(image: string, script: string, labels: Labels): Promise<readonly string[]> {
    const container = await Engine.doing(
      `make a container of ${image}`,
      this.#docker.createContainer({
        Image: image,
        Entrypoint: ['sh', '-c'],
        Cmd: [script],
        Labels: { ...labels },
        HostConfig: { NetworkMode: 'none' },
      }),
    );
    try {
      const stream = await Engine.doing(`follow a container of ${image}`, this.attach(container));
      let text = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => {
        text += chunk;
      });
      await Engine.doing(`start ${image}`, container.start());
      await finished(stream);
      return text.split('\n');
    } finally {
      await removeContainer(container);
    }
  }

  /** A network of its own, in which containers find each other by name. */
  async createNetwork(name: string, labels: Labels): Promise<void> {
    const network = this.#docker.createNetwork({ Name: name, Driver: 'bridge', Labels: { ...labels } });
    await Engine.doing(`make the network ${name}`, network);
  }

  /** Does nothing when it is there. */
  async createVolume(name: string, labels: Labels): Promise<void> {
    const volume = this.#docker.createVolume({ Name: name, Labels: { ...labels } });
    await Engine.doing(`make the volume ${name}`, volume);
  }

  /** Does nothing when it is not there. */
  async removeVolume(name: string): Promise<void> {
    await Engine.doing(`remove the volume ${name}`, unlessGone(this.#docker.getVolume(name).remove()));
  }

  /**
   * Removes all that carries the label: containers, however they are, volumes unless they are to be kept, networks.
   * @param label `key=value`.
   * @throws EnvironmentError when Docker can't.
   */
  async removeLabelled(label: string, options: { readonly volumes: 'removed' | 'kept' }): Promise<void> {
    await Engine.doing(`remove what is labelled ${label}`, this.#removeLabelled(label, options));
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

/** SIGKILL if it runs. Anonymous volumes, which an image may ask for, go with it. Resolves when it is gone. */
export async function removeContainer(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    if (statusOf(error) === 404) return;
    // Somebody else removes it already.
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

/** The HTTP status of the engine's answer. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** The engine's own words, without the name that dockerode has for the answer's status. */
export function reasonOf(error: unknown): string {
  return messageOf(error)
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .trim();
}
