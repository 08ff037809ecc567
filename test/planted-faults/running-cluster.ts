import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { connectZooKeeper, type ZooKeeperClient } from '../../src/metadata/zookeeper/client.js';
import { type FoundProcess, processesIn } from '../integration/support/processes.js';

export type Role = 'broker' | 'controller' | 'zookeeper';

const DEADLINE_MS = 15_000;

/**
 * The cluster of a run, as another process of this machine sees it: found by the run's folder for temporary files, in
 * nothing but files and processes.
 */
export class RunningCluster {
  readonly #temporary: string;

  constructor(temporary: string) {
    this.#temporary = temporary;
  }

  /** The running node of this role. @throws Error when there is none. */
  async node(role: Role): Promise<FoundProcess> {
    const found = (await this.processes()).find(
      ({ args }) => args.endsWith('.properties') && args.includes(`-${role}-`),
    );
    if (found === undefined) throw new Error(`no ${role} is running`);
    return found;
  }

  /** Every process of the run. */
  processes(): Promise<readonly FoundProcess[]> {
    return processesIn(this.#temporary);
  }

  /** The folder of a role's volume. */
  async volume(role: Role): Promise<string> {
    return join(await this.#folder(), 'volumes', await this.#pod(role));
  }

  /** The folder with a broker's logs. */
  async logFolder(role: 'broker' | 'controller'): Promise<string> {
    const volume = await this.volume(role);
    const name = (await readdir(volume)).find((entry) => entry.startsWith('kafka-log'));
    if (name === undefined) throw new Error(`${volume} has no logs`);
    return join(volume, name);
  }

  /** Does something with a session of its own with ZooKeeper. */
  async withZooKeeper<T>(act: (client: ZooKeeperClient) => Promise<T>): Promise<T> {
    const properties = await this.#properties('zookeeper');
    const client = await connectZooKeeper({
      connectString: `127.0.0.1:${properties.get('clientPort')}`,
      sessionTimeoutMs: 10_000,
      deadlineMs: DEADLINE_MS,
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    try {
      return await act(client);
    } finally {
      await client.close();
    }
  }

  /** Does something as a client of Kafka, again and again until it succeeds: at some moments no broker is ready. */
  async withAdmin<T>(act: (admin: ReturnType<Kafka['admin']>, kafka: Kafka) => Promise<T>): Promise<T> {
    const listeners = (await this.#properties('broker')).get('listeners') ?? '';
    const port = /PLAIN-9092:\/\/[^:]*:(\d+)/.exec(listeners)?.[1];
    if (port === undefined) throw new Error(`no plain listener in ${listeners}`);
    const kafka = new Kafka({ clientId: 'damage', brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING });
    const end = performance.now() + DEADLINE_MS;
    for (;;) {
      const admin = kafka.admin();
      try {
        await admin.connect();
        // deleteTopicRecords needs the metadata, and does not ask for it.
        await admin.fetchTopicMetadata();
        return await act(admin, kafka);
      } catch (error) {
        if (performance.now() > end) throw error;
        await pause(100);
      } finally {
        await admin.disconnect();
      }
    }
  }

  async #folder(): Promise<string> {
    const names = (await readdir(this.#temporary)).filter((name) => name.startsWith('remigrate'));
    for (const name of names) {
      const folder = join(this.#temporary, name);
      if ((await readdir(folder)).includes('configurations')) return folder;
    }
    throw new Error('the run has no folder yet');
  }

  async #pod(role: Role): Promise<string> {
    const files = await readdir(join(await this.#folder(), 'configurations'));
    const file = files.find((name) => name.includes(`-${role}-`) && name.endsWith('.properties'));
    if (file === undefined) throw new Error(`no ${role} was started yet`);
    return file.slice(0, -'.properties'.length);
  }

  async #properties(role: Role): Promise<ReadonlyMap<string, string>> {
    const file = join(await this.#folder(), 'configurations', `${await this.#pod(role)}.properties`);
    const lines = (await readFile(file, 'utf8')).split('\n');
    return new Map(
      lines
        .filter((line) => line.includes('='))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
  }
}
