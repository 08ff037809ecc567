import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { KubeApi } from '../../../src/kubernetes/kube-api.js';
import type { KubeObject } from '../../../src/kubernetes/kube-object.js';

const { REMIGRATE_TEST_KUBECONFIG: kubeconfig, REMIGRATE_TEST_CONTEXT: context } = process.env;

/** Any image with Perl, which the nodes have or can pull. */
export const IMAGE = process.env.REMIGRATE_TEST_IMAGE ?? 'eclipse-temurin:17-jre';

/** Tests that need a cluster: without one they are skipped, with a warning. */
export function describeOnCluster(name: string, tests: () => void): void {
  if (kubeconfig !== undefined && context !== undefined) {
    describe(name, tests);
    return;
  }
  console.warn(`SKIPPED: ${name}: set REMIGRATE_TEST_KUBECONFIG and REMIGRATE_TEST_CONTEXT to test on a cluster`);
  describe.skip(name, tests);
}

/** @param as a user to impersonate, instead of the context's own user. */
export async function connectToCluster(as?: string): Promise<KubeApi> {
  const { signal } = new AbortController();
  const own = { ...(kubeconfig === undefined ? {} : { kubeconfig }), context: context ?? '' };
  if (as === undefined) return KubeApi.connect({ ...own, signal });
  const folder = await mkdtemp(join(tmpdir(), 'remigrate-test-'));
  try {
    return await KubeApi.connect({ kubeconfig: await kubeconfigAs(as, folder), context: own.context, signal });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The tests' kubeconfig, in a new file in `folder`, for a user to impersonate. */
export async function kubeconfigAs(user: string, folder: string): Promise<string> {
  const config = parse(await readFile(kubeconfig ?? '', 'utf8')) as { users: { user: object }[] };
  const users = config.users.map((entry) => ({ ...entry, user: { ...entry.user, as: user } }));
  const file = join(folder, 'config');
  await writeFile(file, stringify({ ...config, users }), { mode: 0o600 });
  return file;
}

/** A namespace for one test file. */
export async function createNamespace(api: KubeApi): Promise<string> {
  const { signal } = new AbortController();
  const name = `remigrate-test-${randomBytes(3).toString('hex')}`;
  await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { signal });
  return name;
}

export async function deleteNamespace(api: KubeApi, name: string): Promise<void> {
  const { signal } = new AbortController();
  await api.delete({ apiVersion: 'v1', kind: 'Namespace', name }, { signal });
}

export interface PerlPod extends KubeObject {
  readonly spec?: object;
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly state?: { readonly running?: object };
    }[];
  };
}

/** A pod with one container `main` that runs a perl program and stops immediately on SIGTERM. */
export function perlPod(namespace: string, name: string, program: string, restartPolicy = 'Always'): PerlPod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: 2,
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'main',
          image: IMAGE,
          imagePullPolicy: 'IfNotPresent',
          command: ['perl', '-e', `$| = 1; $SIG{TERM} = sub { exit 0 }; ${program}`],
        },
      ],
    },
  };
}
