import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { Journal } from '../../../src/journal/journal.js';
import { Observer } from '../../../src/scenario/observer.js';
import type { Instruments } from '../../../src/scenario/runner.js';
import { step } from '../../../src/scenario/scenario.js';
import { deadlinesOf } from '../../../src/waiting/deadlines.js';
import { FakeWorld } from './fake-world.js';

class WatchedWorld extends FakeWorld {
  readonly deadlines: unknown[] = [];

  override observer(...args: Parameters<Instruments['observer']>): ReturnType<Instruments['observer']> {
    this.deadlines.push(args[3]);
    return super.observer(...args);
  }

  override clients(...args: Parameters<Instruments['clients']>): ReturnType<Instruments['clients']> {
    this.deadlines.push(args[0].deadlineMs);
    return super.clients(...args);
  }
}

it('a longer timeout for a state raises the deadlines of clients and of what is observed', async () => {
  const world = new WatchedWorld();
  world.stateTimeoutMs = 900_000;
  await world.run([step('create', async ({ topics }) => topics.create('before'))]);
  expect(world.deadlines).toEqual([deadlinesOf(900_000), 300_000]);
});

it('the metadata is read within the deadline of the run', async () => {
  // It accepts connections, and never answers.
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const cluster = {
    state: () => 'KRaft',
    kafka: () => ({ bootstrapServers: [`127.0.0.1:${port}`] }),
  } as unknown as Cluster;
  const deadlines = { ...deadlinesOf(0), readMs: 20 };
  const observer = new Observer(cluster, new Journal(), new AbortController().signal, deadlines);
  await expect(observer.authoritative()).rejects.toThrow('timed out after 0.02 s waiting for');
  silent.close();
  await observer.close();
});
