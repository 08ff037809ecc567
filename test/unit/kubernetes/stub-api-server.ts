import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeApi } from '../../../src/kubernetes/kube-api.js';

/** A request, for the tests. */
export interface Received {
  readonly method: string;
  /** With the query. */
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export type Answer = (request: Received, response: ServerResponse) => void;

const RESOURCES: Readonly<Record<string, readonly object[]>> = {
  '/api/v1': [
    { name: 'pods', kind: 'Pod', namespaced: true },
    { name: 'pods/log', kind: 'Pod', namespaced: true },
    { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
    { name: 'events', kind: 'Event', namespaced: true },
    { name: 'namespaces', kind: 'Namespace', namespaced: false },
    { name: 'namespaces/status', kind: 'Namespace', namespaced: false },
    { name: 'persistentvolumeclaims', kind: 'PersistentVolumeClaim', namespaced: true },
    { name: 'persistentvolumes', kind: 'PersistentVolume', namespaced: false },
  ],
  '/apis/apps/v1': [{ name: 'deployments', kind: 'Deployment', namespaced: true }],
  '/apis/coordination.k8s.io/v1': [{ name: 'leases', kind: 'Lease', namespaced: true }],
  '/apis/rbac.authorization.k8s.io/v1': [
    { name: 'clusterroles', kind: 'ClusterRole', namespaced: false },
    { name: 'clusterrolebindings', kind: 'ClusterRoleBinding', namespaced: false },
  ],
  '/apis/apiextensions.k8s.io/v1': [
    { name: 'customresourcedefinitions', kind: 'CustomResourceDefinition', namespaced: false },
  ],
  '/apis/kafka.strimzi.io/v1beta2': [
    { name: 'kafkas', kind: 'Kafka', namespaced: true },
    { name: 'kafkas/status', kind: 'Kafka', namespaced: true },
    { name: 'kafkanodepools', kind: 'KafkaNodePool', namespaced: true },
  ],
};

/**
 * An HTTP server that answers /version and discovery like an API server, and everything else with the test's answer.
 */
export class StubApiServer {
  /** All requests except /version and discovery, in order. */
  readonly received: Received[] = [];
  /** Answers the requests in `received`. */
  answer: Answer = (_request, response) => status(response, 404, 'NotFound');
  /** Answers /version. */
  version: Answer = (_request, response) => json(response, 200, { major: '1', minor: '33+', gitVersion: 'v1.33.13' });
  readonly #server: Server;
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<StubApiServer> {
    const stub = new StubApiServer(await mkdtemp(join(tmpdir(), 'stub-api-')));
    stub.#server.listen(0, '127.0.0.1');
    await once(stub.#server, 'listening');
    await writeFile(stub.kubeconfig, kubeconfigFor(stub.url));
    return stub;
  }

  get kubeconfig(): string {
    return join(this.folder, 'config');
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  /** Retries have no delay, so that no test waits for them. */
  connect(): Promise<KubeApi> {
    const { signal } = new AbortController();
    return KubeApi.connect({ kubeconfig: this.kubeconfig, context: 'stub', signal, backOff: () => 0 });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) {
      this.#server.close();
      await once(this.#server, 'close');
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Stops listening; the folder stays. */
  async hangUp(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.setEncoding('utf8');
    let text = '';
    for await (const piece of request) text += String(piece);
    const received: Received = {
      method: request.method ?? '',
      url: new URL(request.url ?? '', 'http://stub'),
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    const resources = RESOURCES[received.url.pathname];
    if (received.url.pathname === '/version') this.version(received, response);
    else if (resources !== undefined) json(response, 200, { kind: 'APIResourceList', resources });
    else {
      this.received.push(received);
      this.answer(received, response);
    }
  }
}

export function json(
  response: ServerResponse,
  code: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** An error of an API server: a Status. */
export function status(
  response: ServerResponse,
  code: number,
  reason: string,
  message = reason,
  headers: Record<string, string> = {},
): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }, headers);
}

/** Gives these answers in order, and then always the last. */
export function inTurn(...answers: readonly [Answer, ...Answer[]]): Answer {
  let next = 0;
  return (request, response) => {
    const answer = answers[Math.min(next++, answers.length - 1)];
    answer?.(request, response);
  };
}

export function kubeconfigFor(server: string): string {
  return `apiVersion: v1
kind: Config
current-context: production
clusters:
  - name: stub
    cluster: { server: '${server}', insecure-skip-tls-verify: true }
  - name: with-tls-only
    cluster: { server: 'http://127.0.0.1:1' }
users:
  - name: tester
    user: { token: secret-token }
contexts:
  - name: stub
    context: { cluster: stub, user: tester }
  - name: production
    context: { cluster: stub, user: tester, namespace: production }
  - name: no-cluster
    context: { cluster: gone, user: tester }
  - name: no-user
    context: { cluster: stub, user: gone }
  - name: no-tls
    context: { cluster: with-tls-only, user: tester }
`;
}

/** Resolves when `condition` holds; for what a stub receives, which raises no event. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
