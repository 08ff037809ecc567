import { describe, expect, it } from '@jest/globals';
import { describeRun, runsOf } from '../../../../src/environments/kubernetes/runs.js';
import type { Lease } from '../../../../src/kubernetes/core-objects.js';
import type { KubeObject } from '../../../../src/kubernetes/kube-object.js';

const NOW = Date.parse('2026-11-27T12:00:00Z');
const NOTHING = { namespaces: [], leases: [], roles: [], definitions: [] };

function object(kind: string, run: string, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: run, labels: { 'remigrate.io/run': run }, ...metadata } };
}

function lease(run: string, renewTime: string, leaseDurationSeconds = 60): Lease {
  const annotations = { 'remigrate.io/title': 'rollback-remigrate-0.45.1' };
  return {
    ...object('Lease', run, { annotations }),
    spec: { holderIdentity: 'process 12 on lab-host', leaseDurationSeconds, renewTime },
  };
}

function live(objects: Partial<typeof NOTHING>, now = NOW): readonly string[] {
  return runsOf({ ...NOTHING, ...objects }, now)
    .filter((run) => run.live)
    .map(({ run }) => run);
}

describe('the runs in a cluster', () => {
  it('are live until their lease has not been renewed for its whole duration', () => {
    const leases = [lease('a', '2026-11-27T11:59:00.500000Z'), lease('b', '2026-11-27T11:58:59.500000Z')];
    expect(live({ leases } as object)).toEqual(['a']);
    expect(live({ leases: [lease('b', '2026-11-27T11:58:59.500000Z', 120)] } as object)).toEqual(['b']);
  });

  it('are not live without a lease, unless their namespace is new: the lease is created a moment later', () => {
    const of = (creationTimestamp: string, more: object = {}) =>
      ({ namespaces: [object('Namespace', 'a', { creationTimestamp, ...more })] }) as object;
    expect(live(of('2026-11-27T11:59:30Z'))).toEqual(['a']);
    expect(live(of('2026-11-27T11:50:00Z'))).toEqual([]);
    expect(live(of('2026-11-27T11:59:30Z', { deletionTimestamp: '2026-11-27T11:59:40Z' }))).toEqual([]);
    expect(live({ roles: [object('ClusterRole', 'a')] } as object)).toEqual([]);
  });

  it('are found by any of their objects, each run once and in order of name', () => {
    const found = runsOf(
      {
        namespaces: [object('Namespace', 'c'), object('Namespace', 'a')],
        leases: [lease('a', '2026-11-27T11:59:52Z')],
        roles: [object('ClusterRole', 'b'), object('ClusterRole', 'a')],
        definitions: [object('CustomResourceDefinition', 'd')],
      },
      NOW,
    );
    expect(found.map(({ run }) => run)).toEqual(['a', 'b', 'c', 'd']);
    expect(found.filter(({ onlyDefinitions }) => onlyDefinitions).map(({ run }) => run)).toEqual(['d']);
    expect(found.map(describeRun)).toEqual([
      'run a (rollback-remigrate-0.45.1, process 12 on lab-host, seen 8 s ago)',
      'run b',
      'run c',
      'run d',
    ]);
  });
});
