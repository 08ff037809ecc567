import { describe, expect, it } from '@jest/globals';
import type { DockerLookup } from '../../../src/distribution/docker.js';
import type { JavaLookup } from '../../../src/distribution/java.js';
import { UsageError } from '../../../src/errors.js';
import { choose } from '../../../src/harness/default-environment.js';

const JAVA = { executable: '/opt/java', major: 17, version: 'Acme 17', sharing: true } as const;
const JAVA_THERE: JavaLookup = { java: JAVA };
const NO_JAVA: JavaLookup = { problem: 'There is no Java.', remedy: 'Install a JDK.' };
const DOCKER_THERE: DockerLookup = { docker: { address: 'unix:///var/run/docker.sock', version: '28.0.0' } };
const NO_DOCKER: DockerLookup = { problem: 'There is no Docker.', remedy: 'Install Docker.' };

describe('the default environment', () => {
  it('is this machine if there is Java, and Docker is not looked up', async () => {
    const docker = () => Promise.reject(new Error('Docker was looked up'));
    expect(await choose(JAVA_THERE, docker)).toEqual({ kind: 'local', java: JAVA });
  });

  it('is containers if there is Docker and no suitable Java, and says why', async () => {
    expect(await choose(NO_JAVA, async () => DOCKER_THERE)).toEqual({
      kind: 'containers',
      because: 'There is no Java.',
    });
  });

  it('does not exist without either: exit 2, and what to install', async () => {
    const failure: unknown = await choose(NO_JAVA, async () => NO_DOCKER).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    for (const sentence of [
      'There is no Java. Install a JDK.',
      'There is no Docker. Install Docker.',
      '--env containers',
    ]) {
      expect(String(failure)).toContain(sentence);
    }
  });
});
