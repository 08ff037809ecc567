import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from './executable.js';

/** A Docker engine that responds. */
export interface Docker {
  /** `unix:///var/run/docker.sock`, or a URL. */
  readonly address: string;
  /** The engine's version. */
  readonly version: string;
}

/** A usable engine, or why there is none and what to do about it, one sentence each. */
export type DockerLookup = { readonly docker: Docker } | { readonly problem: string; readonly remedy: string };

const INSTALL =
  'Install Docker (https://docs.docker.com/engine/install/), or set DOCKER_HOST to the address of an engine.';
const START =
  'Start it (Debian: systemctl start docker; macOS: Docker Desktop), or set DOCKER_HOST to the address of a running engine.';
const JOIN =
  'Add your user to the group docker (sudo usermod -aG docker $USER) and log in again, or set DOCKER_HOST to an engine ' +
  'that you may use.';

/** An engine responds in milliseconds. An engine that hangs must not hang the harness. */
const ANSWER_WITHIN_MS = 10_000;

/** The sockets that are tried without DOCKER_HOST: root's, then the user's, in testcontainers' order. */
function usualSockets(env: NodeJS.ProcessEnv): readonly string[] {
  return [
    '/var/run/docker.sock',
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'docker.sock')] : []),
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.docker/desktop/docker.sock'),
    // Not `userInfo`, which throws for a user without an entry in /etc/passwd, as in many containers.
    ...(process.getuid === undefined ? [] : [`/run/user/${process.getuid()}/docker.sock`]),
  ];
}

/**
 * Looks for a Docker engine: at `DOCKER_HOST`, else at the usual sockets. Contexts of the `docker` command are not
 * read: testcontainers does not read them either.
 */
export async function lookUpDocker(env: NodeJS.ProcessEnv): Promise<DockerLookup> {
  if (env.DOCKER_HOST) return ask(env.DOCKER_HOST, env);
  let last: DockerLookup | undefined;
  for (const socket of usualSockets(env).filter((candidate) => existsSync(candidate))) {
    last = await ask(`unix://${socket}`, env);
    if ('docker' in last) return last;
  }
  if (last !== undefined) return last;
  const client = await findOnPath('docker', env);
  if (client === undefined)
    return { problem: 'Docker was not found: DOCKER_HOST is not set, and there is no Docker socket.', remedy: INSTALL };
  return {
    problem: `Docker is installed (${client}), but its engine is not running: there is no Docker socket.`,
    remedy: START,
  };
}

async function ask(address: string, env: NodeJS.ProcessEnv): Promise<DockerLookup> {
  let options: http.RequestOptions | undefined;
  try {
    options = await connection(address, env);
  } catch (error) {
    return {
      problem: `Docker's certificates cannot be read: ${(error as Error).message}.`,
      remedy: 'Correct DOCKER_CERT_PATH.',
    };
  }
  if (options === undefined) {
    const remedy = 'Set it to unix:///PATH or tcp://HOST:PORT. To use an engine over SSH, forward its socket first.';
    return { problem: `DOCKER_HOST is ${address}, which is not a unix:, tcp:, http: or https: address.`, remedy };
  }
  try {
    return { docker: { address, version: await version(options) } };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM')
      return { problem: `Your user may not use Docker: permission denied for ${address}.`, remedy: JOIN };
    return { problem: `Docker does not respond at ${address}: ${message}.`, remedy: START };
  }
}

/**
 * How to reach an engine. @throws Error for certificates that cannot be read. @returns undefined for an unknown scheme.
 */
async function connection(address: string, env: NodeJS.ProcessEnv): Promise<https.RequestOptions | undefined> {
  const { protocol, hostname, port, pathname } = URL.canParse(address) ? new URL(address) : { protocol: '' };
  if (protocol === 'unix:') return { socketPath: pathname };
  if (protocol !== 'tcp:' && protocol !== 'http:' && protocol !== 'https:') return undefined;
  const tls = protocol === 'https:' || (env.DOCKER_TLS_VERIFY ?? '') !== '';
  if (!tls) return { hostname, port: port || 2375, protocol: 'http:' };
  const folder = env.DOCKER_CERT_PATH;
  const certificates =
    folder === undefined
      ? {}
      : {
          ca: await readFile(join(folder, 'ca.pem')),
          cert: await readFile(join(folder, 'cert.pem')),
          key: await readFile(join(folder, 'key.pem')),
        };
  return { hostname, port: port || 2376, protocol: 'https:', ...certificates };
}

function version(options: https.RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const send = options.protocol === 'https:' ? https.request : http.request;
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const request = send({ ...options, path: '/version', signal, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const answered = readVersion(text);
        if (answered === undefined)
          reject(new Error(`the server there is not a Docker engine (HTTP ${response.statusCode})`));
        else resolve(answered);
      });
    });
    request.on('error', (error) => {
      reject(signal.aborted ? new Error(`timed out after ${ANSWER_WITHIN_MS / 1000} s`) : error);
    });
    request.end();
  });
}

function readVersion(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== 'object' || answer === null || !('Version' in answer)) return undefined;
    return typeof answer.Version === 'string' ? answer.Version : undefined;
  } catch {
    // Not JSON: the server is not a Docker engine.
    return undefined;
  }
}
