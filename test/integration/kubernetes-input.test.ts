import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { expectRefusal, makePlace, type Place, removePlace } from './support/command.js';

const TEST_TIMEOUT_MS = 120_000;
const RUN = ['run', 'rollback-remigrate', '--operator', '0.45.1'] as const;

/** What `--env kubernetes` rejects before there is anything to clean up. This needs no cluster. */
describe('bad input for Kubernetes', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  const refuses = (
    args: readonly string[],
    exitCode: number,
    sentences: readonly (string | RegExp)[],
    env: Readonly<Record<string, string>> = {},
  ) => expectRefusal(place, args, { exitCode, sentences, env });

  /** A release with only the Deployment that identifies it. */
  async function manifests(): Promise<string> {
    const file = join(place.folder, 'operator.yaml');
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'strimzi-cluster-operator' } };
    // JSON is YAML.
    await writeFile(file, JSON.stringify(deployment));
    return file;
  }

  async function kubeconfig(server: string): Promise<string> {
    const file = join(place.folder, 'kubeconfig');
    const content = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'lab', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'me', user: {} }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'me' } }],
      'current-context': 'lab',
    };
    await writeFile(file, JSON.stringify(content));
    return file;
  }

  it.each([
    ['no cluster', ['--env', 'kubernetes'], ['needs --context NAME', '--kind to create a cluster']],
    [
      'two clusters',
      ['--env', 'kubernetes', '--context', 'lab', '--kind'],
      ['--context and --kind exclude each other'],
    ],
    ['a context for the local environment', ['--context', 'lab'], ['--context requires --env kubernetes.']],
    ['--kind for the local environment', ['--kind'], ['--kind requires --env kubernetes.']],
    [
      'an installed operator for the local environment',
      ['--use-installed-operator'],
      ['--use-installed-operator requires --env kubernetes.'],
    ],
    [
      'an installed operator in a new cluster',
      ['--env', 'kubernetes', '--kind', '--use-installed-operator'],
      ['--use-installed-operator and --kind exclude each other'],
    ],
    [
      'an installed operator with an image',
      ['--env', 'kubernetes', '--context', 'lab', '--use-installed-operator', '--operator-image', 'lab/operator:dev'],
      ['--use-installed-operator installs nothing: omit --operator-image.'],
    ],
    ['an unknown environment', ['--env', 'moon'], ['local, containers, kubernetes']],
    [
      'an image that could be for either version',
      [
        '--env',
        'kubernetes',
        '--context',
        'lab',
        '--operator',
        '0.45.1,0.45.2',
        '--operator-image',
        'lab/operator:dev',
      ],
      ['--operator-image lab/operator:dev', 'which of the operator versions 0.45.1, 0.45.2', 'VERSION=IMAGE'],
    ],
    [
      'an image for another version',
      ['--env', 'kubernetes', '--context', 'lab', '--operator-image', '0.45.2=lab/operator:dev'],
      ['which of the operator versions 0.45.1 it is for'],
    ],
    [
      'a baseline without a candidate',
      ['--env', 'kubernetes', '--context', 'lab', '--baseline', '0.45.0'],
      ['--baseline is for candidates'],
    ],
    [
      'a candidate with a replayed operator',
      ['--operator', '0.45.9'],
      ['There is no profile for operator version 0.45.9', 'Known versions: 0.45.0'],
    ],
    [
      'a candidate with a Kafka that its baseline does not support',
      ['--env', 'kubernetes', '--context', 'lab', '--operator', '0.45.9', '--baseline', '0.45.1', '--kafka', '3.9.2'],
      ['Strimzi 0.45.1 does not support Kafka 3.9.2'],
    ],
    [
      'manifests that do not exist',
      ['--env', 'kubernetes', '--context', 'lab', '--operator-manifests', 'nowhere/{version}'],
      ['There are no operator manifests at nowhere/0.45.1'],
    ],
  ] as const)(
    '%s: exit 2',
    async (_what, args, sentences) => {
      await refuses([...RUN, ...args], 2, sentences);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a context that the kubeconfig does not have: exit 2, and the list of contexts',
    async () => {
      const args = ['--env', 'kubernetes', '--operator-manifests', await manifests(), '--context', 'lap'];
      const file = await kubeconfig('http://127.0.0.1:1');
      await refuses([...RUN, ...args, '--kubeconfig', file], 2, ['lap', /\blab\b/]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a kubeconfig that does not exist: exit 2',
    async () => {
      const args = ['--env', 'kubernetes', '--operator-manifests', await manifests(), '--context', 'lab'];
      await refuses([...RUN, ...args, '--kubeconfig', 'nowhere'], 2, ['nowhere']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'an API server that does not answer: exit 3, and its address',
    async () => {
      const args = ['--env', 'kubernetes', '--operator-manifests', await manifests(), '--context', 'lab'];
      const file = await kubeconfig('http://127.0.0.1:1');
      await refuses([...RUN, ...args, '--kubeconfig', file], 3, ['127.0.0.1:1', /context lab/]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'missing rights: exit 2, and which verbs on which resources',
    async () => {
      const server = createServer((request, response) => {
        response.setHeader('content-type', 'application/json');
        const review = request.url?.includes('selfsubjectaccessreviews') === true;
        response.writeHead(review ? 201 : 200);
        response.end(
          JSON.stringify(review ? { status: { allowed: false } } : { major: '1', minor: '32', gitVersion: 'v1.32.0' }),
        );
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const file = await kubeconfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
        const args = ['--env', 'kubernetes', '--operator-manifests', await manifests(), '--context', 'lab'];
        await refuses([...RUN, ...args, '--kubeconfig', file], 2, [
          'The user of context lab lacks rights',
          'get, create pods/portforward',
          'create, patch, delete, get, list, watch kafkas.kafka.strimzi.io',
        ]);
      } finally {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
    TEST_TIMEOUT_MS,
  );

  it(
    '--kind without kind: exit 2, and what to install',
    async () => {
      const args = ['--env', 'kubernetes', '--kind', '--operator-manifests', await manifests()];
      await refuses([...RUN, ...args], 2, [/\bkind\b/, /install/i], { PATH: place.folder });
    },
    TEST_TIMEOUT_MS,
  );
});
