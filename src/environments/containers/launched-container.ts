import { type Container, Engine, type Labels } from './engine.js';
import { GenericContainer, type WaitStrategy } from './testcontainers.js';

export interface ContainerLaunch {
  readonly image: string;
  readonly name: string;
  readonly hostname?: string;
  readonly labels: Labels;
  /** Of an own network and the names in it, or another container's: `container:ID`. */
  readonly network: { readonly name: string; readonly aliases?: readonly string[] };
  /** Ports to publish. */
  readonly ports: readonly number[];
  /** A named volume and where it is mounted. */
  readonly volume?: { readonly name: string; readonly target: string };
  /** A folder of this machine whose subfolders are made in the container, for every user to write. */
  readonly folders?: { readonly source: string; readonly target: string };
  /** By their paths in the container. */
  readonly files: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

/**
 * A container that testcontainers makes and starts. Two of its ways are not wanted here: aliases come with a second network,
 * docker0, and ports are published on every address of the machine. Its reaper is not used, so that the image of Ryuk need not
 * be there: the guardian removes what a killed harness leaves, and it removes volumes, too.
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

/** Whether a node is ready is told by its log, which its pod waits for: three ZooKeeper nodes wait for each other. */
const STARTED: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => STARTED,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
};

/**
 * Makes a container and starts it.
 * @param created is called between the two, when nothing has been printed yet.
 * @throws EnvironmentError when Docker can't.
 */
export async function launchContainer(
  engine: Engine,
  launch: ContainerLaunch,
  created: (container: Container) => Promise<void> = async () => undefined,
): Promise<{ readonly container: Container; readonly port: (port: number) => number }> {
  const started = await Engine.doing(
    `start ${launch.name}`,
    new LaunchedContainer(launch, engine.publishedAt, (id) => created(engine.container(id))).start(),
  );
  return { container: engine.container(started.getId()), port: (port) => started.getMappedPort(port) };
}
