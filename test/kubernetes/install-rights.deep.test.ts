import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { RIGHTS_OF_A_RUN, RIGHTS_TO_INSTALL } from '../../src/environments/kubernetes/rights.js';
import { UsageError } from '../../src/errors.js';
import { NAMESPACE, POD } from '../../src/kubernetes/core-objects.js';
import { PortForward } from '../../src/kubernetes/forward.js';
import type { KubeApi } from '../../src/kubernetes/kube-api.js';
import type { KubeObject } from '../../src/kubernetes/kube-object.js';
import type { Right } from '../../src/kubernetes/rights.js';
import { connectToCluster, describeOnCluster } from './api/real-cluster.js';
import { Bench, IDLE } from './install-support.js';
import { allow, disallow } from './support/users.js';

const TIMEOUT_MS = 300_000;
/** Needed to grant the operator rights that the user does not have. No access review shows whether the user may. */
const RIGHTS_TO_GRANT: readonly Right[] = ['clusterroles', 'roles'].flatMap((resource) =>
  ['escalate', 'bind'].map((verb) => ({ verb, group: 'rbac.authorization.k8s.io', resource })),
);
const { signal } = new AbortController();

describeOnCluster('a user with limited rights', () => {
  let bench: Bench;
  let user: string;
  let limited: KubeApi;

  beforeEach(async () => {
    bench = await Bench.create();
    user = `${bench.run}-user`;
    limited = await connectToCluster(user);
  });

  afterEach(async () => {
    limited.close();
    await disallow(bench.api, user);
    await bench.close();
  }, TIMEOUT_MS);

  it(
    'gets a list of the missing rights, and nothing is created',
    async () => {
      const lacking = (right: Right): boolean =>
        right.resource === 'pods/portforward' || (right.resource === 'kafkas' && !['get', 'list'].includes(right.verb));
      await allow(
        bench.api,
        user,
        [...RIGHTS_OF_A_RUN, ...RIGHTS_TO_INSTALL].filter((right) => !lacking(right)),
      );
      const manifests = await bench.manifests(IDLE);
      const failure = await bench.open(manifests, { api: limited }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(UsageError);
      expect(String(failure)).toContain(
        'lacks rights that a run needs: create, patch, delete, watch kafkas.kafka.strimzi.io; get, create pods/portforward. ' +
          'Use an account that has them',
      );
      expect(await bench.left()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'can install and remove an operator if no right is missing',
    async () => {
      await allow(bench.api, user, [...RIGHTS_OF_A_RUN, ...RIGHTS_TO_INSTALL, ...RIGHTS_TO_GRANT]);
      const environment = await bench.open(await bench.manifests(IDLE), { api: limited });
      const cluster = await environment.create(await bench.cluster());
      expect(await bench.left()).toContain(`Namespace ${bench.run}`);
      // Nothing listens on that port: the pod refuses the connection, not the API server.
      expect(await forwardError(limited, bench.run)).toMatch(/refused/);
      await cluster.close({ hurry: false });
      expect(bench.failures).toEqual([]);
      expect(await bench.left()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

/** The error of a connection to a port of the operator's pod on which nothing listens. */
async function forwardError(api: KubeApi, namespace: string): Promise<string> {
  const [pod] = (await api.list({ ...POD, namespace }, { signal })).items;
  const target = { namespace, pod: pod?.metadata.name ?? '', port: 9 };
  let report: (why: string) => void = () => undefined;
  const trouble = new Promise<string>((resolve) => {
    report = resolve;
  });
  const forward = await PortForward.open(api, target, { signal, onConnectionError: report });
  const socket = connect(forward.localPort, '127.0.0.1');
  try {
    return await trouble;
  } finally {
    socket.destroy();
    await forward.close();
  }
}

describeOnCluster('a namespace that already exists', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.create();
  });
  afterEach(() => bench.close());

  it(
    'is rejected, and is not changed',
    async () => {
      const before = await bench.api.create<KubeObject>({ ...NAMESPACE, metadata: { name: bench.run } }, { signal });
      try {
        const environment = await bench.open(await bench.manifests(IDLE));
        const failure = await environment.create(await bench.cluster()).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(UsageError);
        expect(String(failure)).toContain(`The namespace ${bench.run} already exists`);
        const after = await bench.api.get({ ...NAMESPACE, name: bench.run }, { signal });
        expect(after?.metadata).toMatchObject({ uid: before.metadata.uid });
        expect(after?.metadata.deletionTimestamp).toBeUndefined();
      } finally {
        await bench.api.delete({ ...NAMESPACE, name: bench.run }, { signal });
      }
    },
    TIMEOUT_MS,
  );
});
