import { type ProgramEnd, runChildProcess } from '../../distribution/child-process.js';
import { findOnPath } from '../../distribution/executable.js';
import { EnvironmentError, UsageError } from '../../errors.js';

export interface KindOptions {
  /** The cluster's name; its context is `kind-NAME`. */
  readonly name: string;
  /** The node image; kind's default if omitted. */
  readonly image?: string;
  /** A kind configuration (`kind: Cluster`, `kind.x-k8s.io/v1alpha4`). */
  readonly configFile?: string;
  /** The file that the context is written to. No other kubeconfig is changed. */
  readonly kubeconfig: string;
  /** Images to load from the local Docker onto the nodes. */
  readonly loadImages?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Aborts the creation: what was created is deleted. */
  readonly signal: AbortSignal;
  /** Called with a line for each step. */
  readonly progress: (step: string) => void;
}

/** How long kind waits for the control plane to be ready. */
const READY = '180s';
/** After this time kind is considered stuck. It may have to pull a node image first, which is about 1 GB. */
const CREATE_MS = 15 * 60_000;
const LOAD_MS = 10 * 60_000;
const DELETE_MS = 2 * 60_000;
const ASK_MS = 30_000;
const LINES_SHOWN = 12;

/**
 * A cluster that was created by the `kind` command: kind has no library for Node.js. The `kind` process ends with this
 * process, even if this process is killed. The cluster's containers then stay until `kind delete cluster --name NAME`
 * removes them, which OwnKindCluster ensures.
 */
export class KindCluster {
  readonly name: string;
  /** In `kubeconfig`. */
  readonly context: string;
  readonly kubeconfig: string;
  readonly #kind: Kind;
  #deleted: Promise<void> | undefined;

  private constructor(kind: Kind, { name, kubeconfig }: KindOptions) {
    this.#kind = kind;
    this.name = name;
    this.context = `kind-${name}`;
    this.kubeconfig = kubeconfig;
  }

  /** Checks that clusters can be created. @throws UsageError without `kind`, Docker or the right to use Docker. */
  static async check(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
    await executable(env);
    await checkEngine(env, [], signal);
  }

  /**
   * The command that deletes the cluster of that name, if it exists: program and arguments. @throws UsageError without
   * `kind`.
   */
  static async deletion(name: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
    return [await executable(env), 'delete', 'cluster', '--name', name];
  }

  /**
   * @throws UsageError without `kind`, Docker or the right to use Docker, if a cluster of that name exists, and if an
   * image to load does not exist. @throws EnvironmentError when kind fails; what was created is deleted then.
   */
  static async create(options: KindOptions): Promise<KindCluster> {
    const { name, image, configFile, kubeconfig, loadImages = [], signal, progress } = options;
    const env = options.env ?? process.env;
    const kind = new Kind(await executable(env), env);
    await checkEngine(env, loadImages, signal);
    await kind.checkNameIsFree(name, signal);
    const cluster = new KindCluster(kind, options);
    try {
      progress(`Creating the kind cluster ${name}${image === undefined ? '' : ` from ${image}`}`);
      await kind.run(
        [
          'create',
          'cluster',
          ...['--name', name, '--kubeconfig', kubeconfig, '--wait', READY],
          ...(image === undefined ? [] : ['--image', image]),
          ...(configFile === undefined ? [] : ['--config', configFile]),
        ],
        { timeoutMs: CREATE_MS, signal, onLine: (line) => progress(`kind: ${line.trim()}`) },
      );
      if (loadImages.length > 0) {
        // In one command, so that shared layers are copied once.
        progress(`Loading ${loadImages.join(', ')} onto the nodes of ${name}`);
        await kind.run(['load', 'docker-image', ...loadImages, '--name', name], { timeoutMs: LOAD_MS, signal });
      }
      return cluster;
    } catch (error) {
      progress(`Deleting the incomplete kind cluster ${name}`);
      await cluster.delete().catch((failure: unknown) => progress(`${name} could not be deleted: ${String(failure)}`));
      throw error;
    }
  }

  /** Deletes the cluster, and its context from the kubeconfig. */
  delete(): Promise<void> {
    this.#deleted ??= this.#kind
      .run(['delete', 'cluster', '--name', this.name, '--kubeconfig', this.kubeconfig], {
        timeoutMs: DELETE_MS,
        // Not the run's signal, which may be aborted by now.
        signal: new AbortController().signal,
      })
      .then(() => undefined);
    return this.#deleted;
  }
}

interface KindRun {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
}

/** The `kind` command. */
class Kind {
  readonly #executable: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(executable: string, env: NodeJS.ProcessEnv) {
    this.#executable = executable;
    this.#env = env;
  }

  /** @throws EnvironmentError with kind's last lines. @throws the signal's reason. */
  async run(args: readonly string[], { timeoutMs, signal, onLine }: KindRun): Promise<ProgramEnd> {
    const deadline = AbortSignal.timeout(timeoutMs);
    const end = await runChildProcess(this.#executable, args, {
      env: this.#env,
      signal: AbortSignal.any([signal, deadline]),
      ...(onLine === undefined ? {} : { onLine }),
    });
    signal.throwIfAborted();
    const command = `kind ${args.slice(0, 2).join(' ')}`;
    if (deadline.aborted) {
      throw new EnvironmentError(
        `"${command}" did not finish within ${timeoutMs / 60_000} minutes:\n${lastLines(end)}`,
      );
    }
    if (end.exitCode !== 0) {
      throw new EnvironmentError(`"${command}" failed (exit code ${end.exitCode ?? 'none'}):\n${lastLines(end)}`);
    }
    return end;
  }

  async checkNameIsFree(name: string, signal: AbortSignal): Promise<void> {
    const { output } = await this.run(['get', 'clusters'], { timeoutMs: ASK_MS, signal });
    if (!output.some((line) => line.trim() === name)) return;
    throw new UsageError(
      `a kind cluster ${name} already exists: choose another name, or delete it ("kind delete cluster --name ${name}")`,
    );
  }
}

async function executable(env: NodeJS.ProcessEnv): Promise<string> {
  const found = await findOnPath('kind', env);
  if (found !== undefined) return found;
  throw new UsageError(
    'kind is not on PATH: install it (https://kind.sigs.k8s.io/docs/user/quick-start/#installation), ' +
      'or use an existing cluster, with --context',
  );
}

/** If this variable selects Podman or nerdctl, Docker is not checked. */
const OTHER_PROVIDER = 'KIND_EXPERIMENTAL_PROVIDER';

async function checkEngine(env: NodeJS.ProcessEnv, images: readonly string[], signal: AbortSignal): Promise<void> {
  const provider = env[OTHER_PROVIDER];
  if (provider !== undefined && provider !== '' && provider !== 'docker') return;
  const docker = await findOnPath('docker', env);
  if (docker === undefined) {
    throw new UsageError('docker is not on PATH, and kind runs its nodes in Docker: install Docker');
  }
  const ask = async (...args: string[]): Promise<ProgramEnd> => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
    const end = await runChildProcess(docker, args, { env, signal: within });
    signal.throwIfAborted();
    return end;
  };
  const version = await ask('version', '--format', '{{.Server.Version}}');
  if (version.exitCode !== 0) throw new UsageError(describeDockerFailure(version));
  for (const image of images) {
    if ((await ask('image', 'inspect', '--format', '{{.Id}}', image)).exitCode === 0) continue;
    throw new UsageError(
      `Docker has no image ${image} to load onto the nodes: build or pull it ("docker images" lists the images)`,
    );
  }
}

function describeDockerFailure(version: ProgramEnd): string {
  const said = version.output.join('\n');
  if (/permission denied/i.test(said)) {
    return (
      'this user is not allowed to use Docker, in which kind runs its nodes: add the user to the group docker ' +
      `("sudo usermod -aG docker $USER", then log in again):\n${lastLines(version)}`
    );
  }
  return `Docker, in which kind runs its nodes, does not answer: start it. "docker version" says:\n${lastLines(version)}`;
}

function lastLines({ output }: ProgramEnd): string {
  const said = output.filter((line) => line.trim() !== '');
  return said
    .slice(-LINES_SHOWN)
    .map((line) => `    ${line}`)
    .join('\n');
}
