import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import type { RunWorkspace } from '../../cluster/environment.js';
import type { ClassData, ClassDataArchives } from '../../distribution/class-data.js';
import type { Java } from '../../distribution/java.js';
import type { KafkaDistribution } from '../../distribution/kafka.js';
import { EnvironmentError } from '../../errors.js';
import { formatArguments } from '../../operator/container-start.js';
import { packageRoot } from '../../package-root.js';
import { LISTENER_NAMES, LOG_FOLDER, logFolderName } from '../../strimzi/nodes.js';
import type {
  NodeIdentity,
  NodeLaunch,
  NodeRuntime,
  RuntimeListener,
  Stopped,
  VolumeContent,
} from '../node-runtime.js';
import { JVM_FLAGS, type NodeProgram, nodeProgram, propertiesText, STORAGE_TOOL } from '../replayed/node-program.js';
import { applyOverlay, type Timings } from '../replayed/overlay.js';
import { PendingStarts } from '../replayed/pending-starts.js';
import { zooKeeperConfiguration } from '../replayed/zookeeper-configuration.js';
import { javaLocale } from './java-locale.js';
import { JavaNode } from './java-node.js';
import { type LocalAddresses, localOverlay } from './local-overlay.js';
import type { Ports } from './ports.js';
import { stoppedProcess } from './process-state.js';

export interface LocalRuntimeOptions {
  readonly java: Java;
  readonly kafka: KafkaDistribution;
  readonly classData: ClassDataArchives;
  readonly ports: Ports;
  readonly workspace: RunWorkspace;
  readonly timings: Timings;
  readonly listener: RuntimeListener;
}

const HOST = '127.0.0.1';

/** Listeners of a node, with a port each: Strimzi's names; ZooKeeper's are its three ports. */
const LISTENERS = {
  zookeeper: ['client', 'quorum', 'election'],
  broker: [LISTENER_NAMES.controlPlane, LISTENER_NAMES.replication, LISTENER_NAMES.plain],
  controller: [LISTENER_NAMES.controlPlane],
} as const;

/** The listener that clients use; a controller has only the quorum's. */
const CLIENT_LISTENERS = {
  zookeeper: 'client',
  broker: LISTENER_NAMES.plain,
  controller: LISTENER_NAMES.controlPlane,
} as const;

/** How long a node may take at the end of a run to stop and dump its class-data archive. */
const DUMP_DEADLINE_MS = 10_000;

/** How many lines of a failed program's output are shown. */
const SHOWN_LINES = 5;

interface LocalNode {
  readonly identity: NodeIdentity;
  readonly ports: ReadonlyMap<string, number>;
  process?: JavaNode;
  classData?: ClassData;
}

/** Nodes as JVM processes on 127.0.0.1, with all files in one folder. */
export class LocalRuntime implements NodeRuntime {
  readonly #options: LocalRuntimeOptions;
  readonly #nodes = new Map<string, LocalNode>();
  readonly #starts = new PendingStarts();

  private constructor(options: LocalRuntimeOptions) {
    this.#options = options;
  }

  /** Chooses the ports of every node that the run may have: a node keeps its address across restarts. */
  static async create(options: LocalRuntimeOptions, nodes: readonly NodeIdentity[]): Promise<LocalRuntime> {
    const runtime = new LocalRuntime(options);
    const { folder, results } = options.workspace;
    for (const made of [join(folder, 'volumes'), join(folder, 'configurations'), join(results, 'logs')]) {
      await mkdir(made, { recursive: true });
    }
    for (const identity of nodes) await runtime.add(identity);
    return runtime;
  }

  async add(identity: NodeIdentity): Promise<void> {
    const ports = new Map<string, number>();
    for (const listener of LISTENERS[identity.role]) ports.set(listener, await this.#options.ports.next());
    this.#nodes.set(identity.pod, { identity, ports });
  }

  #node(pod: string): LocalNode {
    const node = this.#nodes.get(pod);
    if (node === undefined) throw new Error(`the run has no node ${pod}`);
    return node;
  }

  #address(pod: string, listener: string): string {
    const port = this.#node(pod).ports.get(listener);
    if (port === undefined) throw new Error(`${pod} has no listener ${listener}`);
    return `${HOST}:${port}`;
  }

  clientAddress(pod: string): string {
    return this.#address(pod, CLIENT_LISTENERS[this.#node(pod).identity.role]);
  }

  #volumeFolder(pod: string): string {
    return join(this.#options.workspace.folder, 'volumes', pod);
  }

  #logFolder(node: NodeIdentity): string {
    return join(this.#volumeFolder(node.pod), logFolderName(node.nodeId));
  }

  async volume(pod: string): Promise<VolumeContent> {
    const folder = this.#logFolder(this.#node(pod).identity);
    const entries = existsSync(folder) ? await readdir(folder) : [];
    return {
      formatted: entries.includes(LOG_FOLDER.metaProperties),
      metadataLog: entries.includes(LOG_FOLDER.metadataLog),
    };
  }

  async start(launch: NodeLaunch): Promise<void> {
    await this.#starts.run(() => this.#start(launch));
  }

  async #start(launch: NodeLaunch): Promise<void> {
    const node = this.#node(launch.node.pod);
    if (node.process?.running) throw new Error(`${launch.node.pod} is already running`);
    await mkdir(this.#volumeFolder(launch.node.pod), { recursive: true });
    await this.#options.ports.unbind(node.ports.values());
    const file =
      launch.node.role === 'zookeeper' ? await this.#prepareZooKeeper(node) : await this.#prepareKafka(node, launch);
    this.#launch(node, nodeProgram(launch), file);
  }

  /** @returns the file of its properties. */
  async #prepareZooKeeper(node: LocalNode): Promise<string> {
    const servers = [...this.#nodes.values()].filter(({ identity }) => identity.role === 'zookeeper');
    const folder = this.#volumeFolder(node.identity.pod);
    await writeFile(join(folder, 'myid'), `${node.identity.nodeId + 1}\n`);
    const port = (server: LocalNode, name: string): number => {
      const value = server.ports.get(name);
      if (value === undefined) throw new Error(`${server.identity.pod} has no port ${name}`);
      return value;
    };
    return this.#writeProperties(
      node,
      zooKeeperConfiguration({
        dataFolder: folder,
        clientAddress: HOST,
        clientPort: port(node, 'client'),
        servers: servers.map((server) => ({
          id: server.identity.nodeId + 1,
          host: HOST,
          quorumPort: port(server, 'quorum'),
          electionPort: port(server, 'election'),
        })),
      }),
    );
  }

  /** What the container's start script does before the start. @returns the file of its properties. */
  async #prepareKafka(node: LocalNode, launch: NodeLaunch): Promise<string> {
    const { start } = launch;
    const logFolder = this.#logFolder(node.identity);
    await mkdir(logFolder, { recursive: true });
    const metadataLog = join(logFolder, LOG_FOLDER.metadataLog);
    if (start.deleteMetadataLog) await rm(metadataLog, { recursive: true, force: true });
    if (start.deleteQuorumState) await rm(join(metadataLog, LOG_FOLDER.quorumState), { force: true });
    const file = await this.#writeProperties(
      node,
      applyOverlay(node.identity.pod, launch.serverConfig, localOverlay(this.#addresses()), this.#options.timings),
    );
    if (start.format !== undefined && !(await this.volume(node.identity.pod)).formatted) {
      await this.#format(node, file, start.format);
    }
    return file;
  }

  /** At the end of a run the cluster is discarded: SIGKILL, except for a JVM that has classes to archive. */
  async #end(node: LocalNode, graceful: boolean): Promise<void> {
    if (graceful && node.process?.running === true && node.classData?.mode === 'dump') {
      await this.stop(node.identity.pod, DUMP_DEADLINE_MS);
      return;
    }
    await node.process?.kill();
    await node.classData?.discard();
  }

  #addresses(): LocalAddresses {
    return {
      listener: (pod, listener) => this.#address(pod, listener),
      zookeeperConnect: [...this.#nodes.values()]
        .filter(({ identity }) => identity.role === 'zookeeper')
        .map(({ identity }) => this.clientAddress(identity.pod))
        .join(','),
      volume: (pod) => this.#volumeFolder(pod),
    };
  }

  async #writeProperties(node: LocalNode, properties: Readonly<Record<string, string>>): Promise<string> {
    const file = join(this.#options.workspace.folder, 'configurations', `${node.identity.pod}.properties`);
    await writeFile(file, propertiesText(properties));
    return file;
  }

  #javaArguments({ log4j, flags, mainClass }: NodeProgram, classData: ClassData): string[] {
    return [
      ...JVM_FLAGS,
      ...classData.flags,
      ...flags,
      `-Djava.io.tmpdir=${this.#options.workspace.folder}`,
      `-Dremigrate.run=${this.#options.workspace.mark}`,
      `-Dlog4j.configuration=${pathToFileURL(join(packageRoot(), 'fixtures/log4j', `${log4j}.properties`)).href}`,
      '-cp',
      this.#options.kafka.classpath.join(':'),
      mainClass,
    ];
  }

  #archive({ kind }: NodeProgram): ClassData {
    const { java, kafka, classData } = this.#options;
    return classData.flagsFor({ java, kafka, jvmFlags: JVM_FLAGS, kind });
  }

  #launch(node: LocalNode, program: NodeProgram, file: string): void {
    this.#starts.throwIfClosed();
    const { java, workspace, listener } = this.#options;
    const archive = this.#archive(program);
    node.classData = archive;
    const { pod } = node.identity;
    node.process = new JavaNode(
      {
        executable: java.executable,
        arguments: [...this.#javaArguments(program, archive), file],
        folder: workspace.folder,
        logFile: join(workspace.results, 'logs', `${pod}.log`),
      },
      (line) => listener.line(pod, line),
      (how) => listener.died(pod, how),
    );
  }

  async #format(node: LocalNode, file: string, format: { clusterId: string; metadataVersion: string }): Promise<void> {
    const { java, workspace } = this.#options;
    const archive = this.#archive(STORAGE_TOOL);
    const result = await execa(
      java.executable,
      [...this.#javaArguments(STORAGE_TOOL, archive), ...formatArguments(format, file)],
      {
        reject: false,
        all: true,
        cwd: workspace.folder,
        env: javaLocale(process.env),
        detached: true,
        cleanup: false,
      },
    );
    if (result.exitCode !== 0) {
      await archive.discard();
      // Not execa's message, which contains the whole class path.
      const how = result.signal ?? (result.exitCode === undefined ? result.code : `exit code ${result.exitCode}`);
      const end = result.all.trimEnd().split('\n').slice(-SHOWN_LINES);
      throw new EnvironmentError(
        `kafka-storage format failed for ${node.identity.pod} (${how}). Its last lines:\n${end.map((line) => `    ${line}`).join('\n')}`,
      );
    }
    await archive.commit();
  }

  async stop(pod: string, graceMs: number): Promise<Stopped | undefined> {
    const node = this.#node(pod);
    if (node.process?.running !== true) return undefined;
    const stopped = await node.process.stop(graceMs);
    if (stopped.signal === 'SIGTERM') await node.classData?.commit();
    else await node.classData?.discard();
    return stopped;
  }

  async wipe(pod: string): Promise<void> {
    if (this.isRunning(pod)) throw new Error(`the volume of ${pod} cannot be wiped while it is running`);
    await rm(this.#volumeFolder(pod), { recursive: true, force: true });
  }

  async writeMetaProperties(pod: string, content: string): Promise<void> {
    const file = join(this.#logFolder(this.#node(pod).identity), LOG_FOLDER.metaProperties);
    // A broker that starts at this moment reads the old file or the new one.
    await writeFile(`${file}.new`, content);
    await rename(`${file}.new`, file);
  }

  isRunning(pod: string): boolean {
    return this.#node(pod).process?.running === true;
  }

  /** All of a node's listeners are in plain text, on this machine. */
  questionAddress(pod: string): string {
    return this.clientAddress(pod);
  }

  async kill(pod: string): Promise<void> {
    await this.#node(pod).process?.crash();
  }

  async freeze(pod: string): Promise<void> {
    this.#node(pod).process?.signal('SIGSTOP');
  }

  async thaw(pod: string): Promise<void> {
    this.#node(pod).process?.signal('SIGCONT');
  }

  async stoppedState(pod: string): Promise<string | undefined> {
    const pid = this.#node(pod).process?.pid;
    return pid === undefined ? undefined : stoppedProcess(pid);
  }

  lastLogLines(pod: string, count: number): readonly string[] {
    return this.#node(pod).process?.lastLines(count) ?? [];
  }

  async close({ graceful }: { readonly graceful: boolean }): Promise<void> {
    await this.#starts.close();
    await Promise.all([...this.#nodes.values()].map((node) => this.#end(node, graceful)));
    for (const node of this.#nodes.values()) await this.#options.ports.release(node.ports.values());
  }
}
