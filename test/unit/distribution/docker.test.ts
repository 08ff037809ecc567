import { link } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DockerLookup, lookUpDocker } from '../../../src/distribution/docker.js';
import { type Folder, makeFolder } from './fakes.js';

/** A user without permissions on this machine. */
const NOBODY = 65_534;
/** A user that has no entry in /etc/passwd. */
const WITHOUT_NAME = 1_654_321;

describe('lookUpDocker', () => {
  let folder: Folder;
  const servers: Server[] = [];
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    await folder.delete();
  });

  /** A fake engine that responds to `/version` with this. */
  async function engine(answer: string, where: string | number): Promise<Server> {
    const server = createServer((request, response) => response.end(request.url === '/version' ? answer : 'no'));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(where, () => resolve()));
    return server;
  }

  const VERSION = JSON.stringify({ Version: '28.0.1', ApiVersion: '1.48' });
  const at = (host: string, more: NodeJS.ProcessEnv = {}) => lookUpDocker({ PATH: '', DOCKER_HOST: host, ...more });

  it('finds the engine at the socket that DOCKER_HOST names', async () => {
    await engine(VERSION, folder.join('docker.sock'));
    const address = `unix://${folder.join('docker.sock')}`;
    expect(await at(address)).toEqual({ docker: { address, version: '28.0.1' } });
  });

  it('finds the engine at a host and port', async () => {
    const server = await engine(VERSION, 0);
    const address = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await at(address)).toEqual({ docker: { address, version: '28.0.1' } });
  });

  it('says that nothing listens if the socket does not exist, and how to start Docker', async () => {
    const found = await at(`unix://${folder.join('docker.sock')}`);
    expect(found).toEqual({
      problem: expect.stringMatching(/^Docker does not respond at unix:\/\/.*docker\.sock: connect ENOENT/),
      remedy: expect.stringContaining('systemctl start docker'),
    });
  });

  it('says that nothing listens if the socket is a leftover', async () => {
    const server = await engine(VERSION, folder.join('docker.sock'));
    await link(folder.join('docker.sock'), folder.join('left.sock'));
    await new Promise((resolve) => server.close(resolve));
    servers.length = 0;
    expect(await at(`unix://${folder.join('left.sock')}`)).toMatchObject({
      problem: expect.stringContaining('connect ECONNREFUSED'),
      remedy: expect.stringContaining('Start it'),
    });
  });

  it('says that permission is denied, and names the group', async () => {
    const server = await engine(VERSION, folder.join('docker.sock'));
    // Root may use any socket: as root, this test becomes another user for a moment.
    const denied = await asNobody(async () => at(`unix://${folder.join('docker.sock')}`));
    expect(denied).toEqual({
      problem: expect.stringMatching(/^Your user may not use Docker: permission denied for unix:.*\.$/),
      remedy: expect.stringContaining('usermod -aG docker'),
    });
    expect(server.listening).toBe(true);
  });

  async function asNobody(look: () => Promise<DockerLookup>): Promise<DockerLookup> {
    const { geteuid, seteuid } = process;
    if (geteuid === undefined || seteuid === undefined) throw new Error('this test needs POSIX');
    const self = geteuid();
    const { chmod } = await import('node:fs/promises');
    await chmod(folder.join('docker.sock'), 0o000);
    if (self === 0) seteuid(NOBODY);
    try {
      return await look();
    } finally {
      if (self === 0) seteuid(self);
    }
  }

  // Only root can become a user that has no entry in /etc/passwd, as users in containers often have none.
  const asRoot = process.geteuid?.() === 0 ? it : it.skip;
  asRoot('looks at the usual sockets for a user without a name', async () => {
    process.seteuid?.(WITHOUT_NAME);
    try {
      await expect(lookUpDocker({ PATH: '' })).resolves.toEqual(expect.anything());
    } finally {
      process.seteuid?.(0);
    }
  });

  it('says so if the server is not a Docker engine', async () => {
    await engine('<html>', folder.join('docker.sock'));
    expect(await at(`unix://${folder.join('docker.sock')}`)).toMatchObject({
      problem: expect.stringContaining('the server there is not a Docker engine (HTTP 200)'),
    });
  });

  it('refuses an address that it cannot use', async () => {
    expect(await at('ssh://somebody@lab')).toMatchObject({
      problem: 'DOCKER_HOST is ssh://somebody@lab, which is not a unix:, tcp:, http: or https: address.',
      remedy: expect.stringContaining('forward its socket'),
    });
    expect(await at('docker.sock')).toMatchObject({ problem: expect.stringContaining('DOCKER_HOST is docker.sock') });
  });

  it('refuses certificates that it cannot read', async () => {
    const found = await at('tcp://127.0.0.1:1', { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder.path });
    expect(found).toEqual({
      problem: expect.stringMatching(/^Docker's certificates cannot be read: ENOENT.*ca\.pem/),
      remedy: 'Correct DOCKER_CERT_PATH.',
    });
  });
});
