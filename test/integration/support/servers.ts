import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CacheFolder } from '../../../src/distribution/cache.js';
import { runChildProcess } from '../../../src/distribution/child-process.js';
import { findJava } from '../../../src/distribution/java.js';
import { resolveKafka } from '../../../src/distribution/kafka.js';
import { Ports } from '../../../src/environments/local/ports.js';

const KAFKA_VERSION = '3.9.0';
const JVM_FLAGS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx384m'];

export interface JavaProgram {
  /** Resolves when the program has ended. */
  stop(): Promise<void>;
}

/** One ZooKeeper, one broker that uses it, and one node that is broker and controller in KRaft mode. */
export class Servers {
  readonly folder: string;
  readonly ports: { zookeeper: number; broker: number; kraft: number; controller: number };
  readonly #java: string;
  readonly #classpath: string;
  readonly #running = new Set<JavaProgram>();

  private constructor(folder: string, java: string, classpath: string, ports: Servers['ports']) {
    this.folder = folder;
    this.#java = java;
    this.#classpath = classpath;
    this.ports = ports;
  }

  static async prepare(): Promise<Servers> {
    const { env } = process;
    const java = await findJava({ env });
    const cache = await CacheFolder.open(env);
    const kafka = await resolveKafka({ version: KAFKA_VERSION, env, cache, progress: () => undefined });
    const ports = new Ports();
    const [zookeeper, broker, kraft, controller] = [
      await ports.next(),
      await ports.next(),
      await ports.next(),
      await ports.next(),
    ];
    // The servers of this test are all started at once, and bind them.
    await ports.unbind([zookeeper, broker, kraft, controller]);
    const folder = await mkdtemp(join(tmpdir(), 'remigrate-test-'));
    return new Servers(folder, java.executable, kafka.classpath.join(':'), { zookeeper, broker, kraft, controller });
  }

  get zookeeper(): string {
    return `127.0.0.1:${this.ports.zookeeper}`;
  }
  get broker(): string {
    return `127.0.0.1:${this.ports.broker}`;
  }
  get kraft(): string {
    return `127.0.0.1:${this.ports.kraft}`;
  }

  startZooKeeper(): Promise<JavaProgram> {
    return this.#start('zookeeper', 'org.apache.zookeeper.server.quorum.QuorumPeerMain', {
      dataDir: join(this.folder, 'zookeeper-data'),
      clientPort: String(this.ports.zookeeper),
      clientPortAddress: '127.0.0.1',
      tickTime: '500',
      'admin.enableServer': 'false',
    });
  }

  startBroker(): Promise<JavaProgram> {
    return this.#start('broker', 'kafka.Kafka', {
      'broker.id': '0',
      'zookeeper.connect': this.zookeeper,
      listeners: `PLAINTEXT://${this.broker}`,
      'log.dirs': join(this.folder, 'broker-data'),
      'auto.create.topics.enable': 'false',
      'offsets.topic.replication.factor': '1',
    });
  }

  async startKraft(): Promise<JavaProgram> {
    const configuration = {
      'process.roles': 'broker,controller',
      'node.id': '5',
      'controller.quorum.voters': `5@127.0.0.1:${this.ports.controller}`,
      listeners: `PLAINTEXT://${this.kraft},CONTROLLER://127.0.0.1:${this.ports.controller}`,
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': join(this.folder, 'kraft-data'),
      'auto.create.topics.enable': 'false',
      'offsets.topic.replication.factor': '1',
    };
    const file = await this.#write('kraft.properties', configuration);
    const format = ['kafka.tools.StorageTool', 'format', '-t', 'AAAAAAAAAAAAAAAAAAAAAQ', '-c', file];
    const { exitCode, output } = await runChildProcess(this.#java, [...JVM_FLAGS, '-cp', this.#classpath, ...format], {
      env: process.env,
    });
    if (exitCode !== 0) throw new Error(`StorageTool ended with ${exitCode}: ${output.join('\n')}`);
    return this.#start('kraft', 'kafka.Kafka', configuration);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running].map((program) => program.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }

  async #start(name: string, main: string, configuration: Readonly<Record<string, string>>): Promise<JavaProgram> {
    const file = await this.#write(`${name}.properties`, configuration);
    const log4j = await this.#write('log4j.properties', { 'log4j.rootLogger': 'OFF' });
    const stopping = new AbortController();
    const flags = [...JVM_FLAGS, `-Dlog4j.configuration=file:${log4j}`, '-cp', this.#classpath];
    const ended = runChildProcess(this.#java, [...flags, main, file], { env: process.env, signal: stopping.signal });
    const program: JavaProgram = {
      stop: async () => {
        stopping.abort();
        await ended;
        this.#running.delete(program);
      },
    };
    this.#running.add(program);
    return program;
  }

  async #write(name: string, configuration: Readonly<Record<string, string>>): Promise<string> {
    await mkdir(this.folder, { recursive: true });
    const file = join(this.folder, name);
    const lines = Object.entries(configuration).map(([key, value]) => `${key}=${value}`);
    await writeFile(file, `${lines.join('\n')}\n`);
    return file;
  }
}
