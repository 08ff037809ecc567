import { expect, it } from '@jest/globals';
import { compareJournals } from '../../src/journal/compare.js';
import {
  type CommandResult,
  expectExitCode,
  journalOf,
  ofType,
  recording,
  remigrateRun,
  verdictOf,
  violations,
} from '../scenarios/support.js';
import { connectToCluster, describeOnCluster } from './api/real-cluster.js';

/** A run takes one to three minutes on two idle cores. */
const TIMEOUT_MS = 20 * 60_000;

const { REMIGRATE_TEST_KUBECONFIG = '', REMIGRATE_TEST_CONTEXT = '', REMIGRATE_TEST_MANIFESTS = '' } = process.env;

function onCluster(...args: readonly string[]): Promise<CommandResult> {
  return remigrateRun([
    ...args,
    '--env',
    'kubernetes',
    '--context',
    REMIGRATE_TEST_CONTEXT,
    '--kubeconfig',
    REMIGRATE_TEST_KUBECONFIG,
    '--operator-manifests',
    REMIGRATE_TEST_MANIFESTS,
  ]);
}

/** Every object of the cluster that carries our label: a run leaves none. */
async function ours(): Promise<readonly string[]> {
  const api = await connectToCluster();
  const { signal } = new AbortController();
  try {
    const kinds = [
      { apiVersion: 'v1', kind: 'Namespace' },
      { apiVersion: 'v1', kind: 'PersistentVolume' },
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' },
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding' },
      { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
    ];
    const found = await Promise.all(kinds.map((kind) => api.list(kind, { signal })));
    return found
      .flatMap(({ items }) => items)
      .filter(({ metadata }) => /remigrate-[0-9a-f]{12}|strimzi/.test(JSON.stringify(metadata)))
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  } finally {
    api.close();
  }
}

describeOnCluster('rollback-remigrate on Kubernetes, by the same file as on this machine', () => {
  it(
    'is lost with the stand-in of 0.45.0 and survives with that of 0.45.1, and leaves nothing in the cluster',
    async () => {
      const result = await onCluster('rollback-remigrate', '--operator', '0.45.0,0.45.1');
      expectExitCode(result, 0);
      expect(result.leftBehind).toEqual([]);
      expect(await ours()).toEqual([]);

      const lost = journalOf(result, 'rollback-remigrate-0.45.0');
      expect(verdictOf(lost)).toMatchObject({ verdict: 'lost', asExpected: true, step: 'migrate again' });
      expect(new Set(violations(lost).map(({ invariant }) => invariant))).toEqual(
        new Set(['migration-znode-absent', 'zookeeper-metadata-survives']),
      );
      const survived = journalOf(result, 'rollback-remigrate-0.45.1');
      expect(verdictOf(survived)).toMatchObject({ verdict: 'survived', asExpected: true });
      expect(violations(survived)).toEqual([]);

      for (const [version, journal] of [
        ['0.45.0', lost],
        ['0.45.1', survived],
      ] as const) {
        // Honest about what took the operator's place.
        expect(ofType(journal, 'run-started')[0]?.parts).toEqual({
          environment: 'kubernetes',
          operator: 'stand-in',
          kafka: 'real',
        });
        const { firstDifference } = compareJournals(journal, await recording(`${version}-one-broker`));
        if (firstDifference !== undefined) throw new Error(JSON.stringify(firstDifference, null, 2));
      }
    },
    TIMEOUT_MS,
  );

  it(
    'finds the silent loss where the controllers keep their volumes',
    async () => {
      const result = await onCluster('rollback-remigrate-volumes-kept', '--operator', '0.45.1');
      expectExitCode(result, 0);
      const journal = journalOf(result, 'rollback-remigrate-volumes-kept-0.45.1');
      expect(verdictOf(journal)).toMatchObject({ verdict: 'lost', asExpected: true });
      expect(verdictOf(journal).summary).toContain('after-rollback');
      expect(await ours()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
