import { type Container, Engine, type Labels } from './engine.js';
import { GenericContainer, type WaitStrategy } from './testcontainers.js';

export interface ContainerLaunch {
  readonly image: string;
  readonly name: string;
  readonly hostname?: string;
  readonly labels: Labels;
  /** A network and the container's names in it, or the network of another container: `container:ID`. */
  readonly network: { readonly name: string; readonly aliases?: readonly string[] };
  /** Ports to publish. */
  readonly ports: readonly number[];
  /** A named volume and where it is mounted. */
  readonly volume?: { readonly name: string; readonly target: string };
  /** A folder of this machine whose subfolders are created in the container, writable for every user. */
  readonly folders?: { readonly source: string; readonly target: string };
  /** Contents by path in the container. */
  readonly files: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

/**
 * A container that testcontainers creates and starts. Two of its defaults do not fit: aliases come with a second
 * network, docker0, and ports are published on every address of the machine. Its reaper is not used, so that the Ryuk
 * image is not needed: the guardian removes what a killed harness leaves behind, including volumes.
 */
class LaunchedContainer extends GenericContainer {
  readonly #created: (id: string) => Promise<void>;

  constructor(launch: ContainerLaunch, publishedAt: string, created: (id: string) => Promise<void>) {
    super(launch.image);
    this.#created = created;
    const { network, ports, volume, folders, files } = launch;
    this.withAutoCleanup(false)
      .withName(launch.name)
      .withLabels({ ...launch.labels })
      .withEntrypoint([...launch.command])
      .withCommand([])
      .withDefaultLogDriver()
      .withNetworkMode(network.name)
      .withWaitStrategy(STARTED)
      .withCopyContentToContainer(Object.entries(files).map(([target, content]) => ({ target, content, mode: 0o644 })));
    if (launch.hostname !== undefined) this.withHostname(launch.hostname);
    if (volume !== undefined) this.withBindMounts([{ source: volume.name, target: volume.target }]);
    if (folders !== undefined) this.withCopyDirectoriesToContainer([{ ...folders, mode: 0o777 }]);
    if (network.aliases !== undefined) {
      this.createOpts.NetworkingConfig = { EndpointsConfig: { [network.name]: { Aliases: [...network.aliases] } } };
    }
    if (ports.length > 0) {
      this.withExposedPorts(...ports);
      this.hostConfig.PortBindings = Object.fromEntries(
        ports.map((port) => [`${port}/tcp`, [{ HostIp: publishedAt, HostPort: '' }]]),
      );
    }
  }

  protected override async containerCreated(id: string): Promise<void> {
    await this.#created(id);
  }
}

/** Does not wait: a node's log shows when it is ready, and three ZooKeeper nodes wait for each other. */
const STARTED: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => STARTED,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
};

/**
 * Creates a container and starts it.
 * @param created called between the two, before anything is printed.
 * @throws EnvironmentError when Docker fails.
 */
export async function launchContainer(
  engine: Engine,
  launch: ContainerLaunch,
  created: (container: Container) => Promise<void> = async () => undefined,
): Promise<{ readonly container: Container; readonly port: (port: number) => number }> {
  const started = await Engine.perform(
    `start ${launch.name}`,
    new LaunchedContainer(launch, engine.publishedAt, (id) => created(engine.container(id))).start(),
  );
  return { container: engine.container(started.getId()), port: (port) => started.getMappedPort(port) };
}
