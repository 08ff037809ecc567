import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { askNode } from '../../../src/environments/node-question.js';
import { WaitAborted } from '../../../src/errors.js';

describe('a node that is asked whether it responds', () => {
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  const never = new AbortController().signal;

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  /** @returns its address. */
  async function serve(accept: (socket: Socket) => void): Promise<string> {
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      accept(socket);
    });
    servers.push(server);
    server.listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('is asked ruok if it is ZooKeeper, and ApiVersions v0 if it is Kafka', async () => {
    const asked: string[] = [];
    const address = await serve((socket) =>
      socket.once('data', (bytes) => {
        asked.push(bytes.toString('hex'));
        socket.write('imok');
      }),
    );
    for (const role of ['zookeeper', 'broker', 'controller'] as const) {
      await expect(askNode(role, address, never)).resolves.toBeUndefined();
    }
    // Length 19; API key 18, version 0, correlation id 1; the client id, with its length.
    const apiVersions = `00000013001200000000000100${'09'}${Buffer.from('remigrate').toString('hex')}`;
    expect(asked).toEqual([Buffer.from('ruok').toString('hex'), apiVersions, apiVersions]);
  });

  it('responds, too, if it closes the connection, or nothing listens', async () => {
    const address = await serve((socket) => socket.destroy());
    await expect(askNode('controller', address, never)).resolves.toBeUndefined();
    const gone = await serve(() => undefined);
    servers.splice(0).forEach((server) => {
      server.close();
    });
    await expect(askNode('broker', gone, never)).resolves.toBeUndefined();
  });

  it('does not respond if its connections are accepted and nothing comes', async () => {
    const address = await serve(() => undefined);
    await expect(askNode('broker', address, never, 50)).resolves.toBe(
      `no answer to ApiVersions at ${address} within 0.05 s`,
    );
    await expect(askNode('zookeeper', address, never, 50)).resolves.toBe(
      `no answer to ruok at ${address} within 0.05 s`,
    );
  });

  it('is no longer asked when the user interrupts the run', async () => {
    const address = await serve(() => undefined);
    const interrupt = new AbortController();
    const asking = askNode('broker', address, interrupt.signal);
    interrupt.abort();
    await expect(asking).rejects.toThrow(WaitAborted);
  });
});
