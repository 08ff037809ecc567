import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EnvironmentError } from '../../../src/errors.js';
import { PortForward } from '../../../src/kubernetes/forward.js';
import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import { ClusterAccess } from '../../../src/strimzi/cluster-access.js';
import { makeGate } from '../distribution/fakes.js';
import { json, StubApiServer } from '../kubernetes/stub-api-server.js';

let stub: StubApiServer;
let api: KubeApi;
let access: ClusterAccess | undefined;

beforeEach(async () => {
  stub = await StubApiServer.start();
  api = await stub.connect();
  stub.answer = ({ url }, response) => {
    if (url.searchParams.get('watch') === 'true') response.writeHead(200).flushHeaders();
    else json(response, 200, { metadata: { resourceVersion: '1' }, items: [] });
  };
});

afterEach(async () => {
  jest.restoreAllMocks();
  await access?.close();
  access = undefined;
  api.close();
  await stub.stop();
});

function open(): Promise<ClusterAccess> {
  return ClusterAccess.open(api, {
    namespace: 'ns',
    zookeepers: ['my-cluster-zookeeper-0', 'my-cluster-zookeeper-1'],
    brokers: ['my-cluster-broker-0', 'my-cluster-broker-1'],
    signal: new AbortController().signal,
  });
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const outcome = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return outcome;
}

const advertised = (pod: string, port = 9092) => ({
  host: `${pod}.my-cluster-kafka-brokers.ns.svc`,
  port,
});

/** Where a client of the cluster goes when a broker advertises an address. */
function reach(opened: ClusterAccess | undefined, address: { readonly host: string; readonly port: number }) {
  return opened?.kafka().reach?.(address);
}

describe('the port-forwards to a cluster', () => {
  it('lead to every ZooKeeper node and every broker, before there is a pod', async () => {
    access = await open();
    const zookeepers = access.zookeeper().connectString.split(',');
    const brokers = access.kafka().bootstrapServers;
    expect(zookeepers).toHaveLength(2);
    expect(brokers).toHaveLength(2);
    expect(new Set([...zookeepers, ...brokers]).size).toBe(4);
    for (const address of [...zookeepers, ...brokers]) expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    const pods = stub.received.map(({ url }) => url.searchParams.get('fieldSelector'));
    expect(new Set(pods)).toEqual(
      new Set(['zookeeper-0', 'zookeeper-1', 'broker-0', 'broker-1'].map((name) => `metadata.name=my-cluster-${name}`)),
    );
  });

  it('map the advertised address of a broker to the port-forward to its pod', async () => {
    access = await open();
    const { bootstrapServers } = access.kafka();
    const reached = ['my-cluster-broker-0', 'my-cluster-broker-1'].map((pod) => reach(access, advertised(pod)));
    expect(reached.map((address) => `${address?.host}:${address?.port}`)).toEqual(bootstrapServers);
  });

  it('do not change the address of a port-forward', async () => {
    access = await open();
    const forward = { host: '127.0.0.1', port: 12_345 };
    expect(reach(access, forward)).toEqual(forward);
  });

  it.each([
    ['a pod that is not one of its brokers', advertised('my-cluster-broker-7')],
    ['another listener', advertised('my-cluster-broker-0', 9091)],
    ['another name', { host: 'kafka.example.com', port: 9092 }],
  ])('do not lead to %s, and say so', async (_what, address) => {
    const opened = await open();
    access = opened;
    expect(() => reach(opened, address)).toThrow(EnvironmentError);
    expect(() => reach(opened, address)).toThrow(
      `A broker advertises ${address.host}:${address.port}, but no port-forward leads there (there are port-forwards to my-cluster-broker-0, my-cluster-broker-1).`,
    );
  });

  it('lead to a broker that was added, once, for clients that are connected already, too', async () => {
    access = await open();
    const { bootstrapServers, reach: reached } = access.kafka();
    await Promise.all([access.addBroker('my-cluster-broker-3'), access.addBroker('my-cluster-broker-3')]);
    await access.addBroker('my-cluster-broker-0');
    const now = access.kafka().bootstrapServers;
    expect(now.slice(0, 2)).toEqual(bootstrapServers);
    expect(now).toHaveLength(3);
    const added = reached?.(advertised('my-cluster-broker-3'));
    expect(`${added?.host}:${added?.port}`).toBe(now[2]);
    expect(access.addressOf('my-cluster-broker-3')).toBe(now[2]);
  });

  it('to a broker that is added as they are closed are closed, too', async () => {
    access = await open();
    const closed: string[] = [];
    const late = makeGate();
    jest.spyOn(PortForward, 'open').mockImplementation(async (_api, { pod }) => {
      await late.passed;
      return { close: async () => void closed.push(pod) } as unknown as PortForward;
    });
    const adding = access.addBroker('my-cluster-broker-3');
    const closing = access.close();
    late.open();
    await Promise.all([adding, closing]);
    await access.addBroker('my-cluster-broker-4');
    expect(closed).toEqual(['my-cluster-broker-3']);
    expect(access.kafka().bootstrapServers).toHaveLength(2);
  });

  it('to a broker that was added can be opened again after a failure', async () => {
    access = await open();
    const refused = jest.spyOn(PortForward, 'open').mockRejectedValueOnce(new EnvironmentError('pods is forbidden'));
    await expect(access.addBroker('my-cluster-broker-3')).rejects.toThrow('pods is forbidden');
    await access.addBroker('my-cluster-broker-3');
    expect(refused).toHaveBeenCalledTimes(2);
    expect(access.kafka().bootstrapServers).toHaveLength(3);
  });

  it('are closed together', async () => {
    access = await open();
    const ports = [...access.zookeeper().connectString.split(','), ...access.kafka().bootstrapServers].map((address) =>
      Number(address.split(':')[1]),
    );
    expect(await Promise.all(ports.map(listens))).toEqual([true, true, true, true]);
    await access.close();
    expect(await Promise.all(ports.map(listens))).toEqual([false, false, false, false]);
  });

  it('are all closed when one is refused, even those that were still being opened', async () => {
    const closed: string[] = [];
    const late = makeGate();
    jest.spyOn(PortForward, 'open').mockImplementation(async (_api, { pod }) => {
      if (pod === 'my-cluster-zookeeper-0') throw new EnvironmentError('pods is forbidden');
      if (pod === 'my-cluster-broker-1') await late.passed;
      return { close: async () => void closed.push(pod) } as unknown as PortForward;
    });
    const opening = open();
    const refused = expect(opening).rejects.toThrow('pods is forbidden');
    // The refusal is handled before the last one opens.
    await new Promise((resolve) => setImmediate(resolve));
    late.open();
    await refused;
    expect(closed.toSorted()).toEqual(['my-cluster-broker-0', 'my-cluster-broker-1', 'my-cluster-zookeeper-1']);
  });
});
