import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Ports } from '../../../../src/environments/local/ports.js';
import { EnvironmentError } from '../../../../src/errors.js';

const LOWEST = 10_000;
const HIGHEST = 32_767;

/** What Math.random() must return for this port to be chosen. */
function drawing(port: number): number {
  return (port - LOWEST + 0.5) / (HIGHEST - LOWEST + 1);
}

async function occupy(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('Ports', () => {
  it('are below the ephemeral range', async () => {
    const random = jest.spyOn(Math, 'random');
    const seen: number[] = [];
    for (const value of [0, 0.25, 0.5, 0.75, 1 - Number.EPSILON]) {
      random.mockReturnValueOnce(value);
      seen.push(await new Ports().next());
    }
    for (const port of seen) {
      expect(port).toBeGreaterThanOrEqual(LOWEST);
      expect(port).toBeLessThanOrEqual(HIGHEST);
    }
  });

  it('are never handed out twice, even when requested at the same time', async () => {
    const ports = new Ports();
    const given = await Promise.all(Array.from({ length: 100 }, () => ports.next()));
    expect(new Set(given).size).toBe(100);
  });

  it('that were handed out are not chosen again, even if they are still free', async () => {
    const ports = new Ports();
    const first = await ports.next();
    const random = jest.spyOn(Math, 'random').mockReturnValueOnce(drawing(first)).mockReturnValueOnce(drawing(first));
    await expect(ports.next()).resolves.not.toBe(first);
    expect(random.mock.calls.length).toBeGreaterThan(2);
  });

  it('that another process holds are avoided', async () => {
    const ports = new Ports();
    const others = new Ports();
    const held = await others.next();
    jest.spyOn(Math, 'random').mockReturnValueOnce(drawing(held));
    await expect(ports.next()).resolves.not.toBe(held);
    // The port was not handed out here: it can be, once it is free.
    await others.release([held]);
    jest.spyOn(Math, 'random').mockReturnValueOnce(drawing(held));
    await expect(ports.next()).resolves.toBe(held);
  });

  it('are bound until they are unbound for their node, and close every connection', async () => {
    const ports = new Ports();
    const port = await ports.next();
    await expect(occupy(port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const client = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(client, 'close');
    await ports.unbind([port]);
    await ports.unbind([port]);
    const server = await occupy(port);
    server.close();
    await once(server, 'close');
  });

  it('can be handed out again when their run is over', async () => {
    const ports = new Ports();
    const first = await ports.next();
    await ports.release([first]);
    jest.spyOn(Math, 'random').mockReturnValueOnce(drawing(first));
    await expect(ports.next()).resolves.toBe(first);
  });

  it('that are all held cause an EnvironmentError that names the range', async () => {
    const others = new Ports();
    const held = await others.next();
    jest.spyOn(Math, 'random').mockReturnValue(drawing(held));
    const error: unknown = await new Ports().next().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(EnvironmentError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/No free port on 127\.0\.0\.1 between 10000 and 32767/),
    });
    await others.release([held]);
  });
});
