import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunLease } from '../../../../src/environments/kubernetes/run-lease.js';
import {
  checkDefinitions,
  installDefinitions,
  planDefinition,
} from '../../../../src/environments/kubernetes/shared-definitions.js';
import { UsageError } from '../../../../src/errors.js';
import type { KubeApi } from '../../../../src/kubernetes/kube-api.js';
import type { KubeObject } from '../../../../src/kubernetes/kube-object.js';
import { StubCluster } from './stub-cluster.js';

const NAME = 'kafkas.kafka.strimzi.io';
const PATH = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${NAME}`;

type Definition = KubeObject & { readonly spec: object };

function definition(version: string, run?: string): Definition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: NAME, ...(run === undefined ? {} : { labels: { 'remigrate.io/run': run } }) },
    spec: { schema: version },
  };
}

describe('what a run does with a definition', () => {
  const plan = (present: Definition | undefined, rules: { useInstalled?: boolean; othersLive?: boolean } = {}) =>
    planDefinition(definition('0.45.1'), present, { useInstalled: false, othersLive: false, ...rules });

  it('installs it if the cluster does not have it', () => {
    expect(plan(undefined)).toBe('apply');
    expect(plan(undefined, { othersLive: true, useInstalled: true })).toBe('apply');
  });

  it('replaces that of an abandoned run, but never one that a live run may use', () => {
    expect(plan(definition('0.45.0', 'other'))).toBe('apply');
    expect(plan(definition('0.45.0', 'other'), { othersLive: true })).toBe('in-use');
    expect(plan(definition('0.45.1', 'other'), { othersLive: true })).toBe('share');
  });

  it('never changes one that was not installed by a run', () => {
    expect(plan(definition('0.45.1'))).toBe('keep');
    expect(plan(definition('0.45.0'))).toBe('of-others');
    expect(plan(definition('0.45.0'), { useInstalled: true })).toBe('keep');
  });

  it('uses one of another version on request, even one of a live run', () => {
    expect(plan(definition('0.45.0', 'other'), { useInstalled: true, othersLive: true })).toBe('share');
    expect(plan(definition('0.45.0', 'other'), { useInstalled: true })).toBe('share');
  });
});

describe('definitions of a cluster with several runs', () => {
  const { signal } = new AbortController();
  const leases: RunLease[] = [];
  let cluster: StubCluster;
  let api: KubeApi;

  beforeEach(async () => {
    cluster = await StubCluster.start();
    api = await cluster.connect();
  });

  afterEach(async () => {
    for (const lease of leases.splice(0)) await lease.release();
    api.close();
    await cluster.stop();
  });

  async function start(run: string): Promise<void> {
    cluster.put(`/api/v1/namespaces/${run}`, { metadata: { name: run, labels: { 'remigrate.io/run': run } } });
    const title = 'rollback-remigrate-0.45.0';
    leases.push(await RunLease.take(api, { namespace: run, run, title, failed: () => undefined }, signal));
  }

  const install = (run: string, version: string, useInstalled = false) =>
    installDefinitions(api, [definition(version, run)], { run, useInstalled, signal });
  const check = (version: string) =>
    checkDefinitions(api, [definition(version)], { run: undefined, useInstalled: false, signal });
  const installed = () => cluster.get<Definition>(PATH);

  it('of a live run are not replaced by those of another version: a usage error names the run', async () => {
    await start('remigrate-1');
    await install('remigrate-1', '0.45.0');
    await start('remigrate-2');
    for (const refused of [check('0.45.1'), install('remigrate-2', '0.45.1')]) {
      const error: unknown = await refused.catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(UsageError);
      expect(String(error)).toMatch(
        /CustomResourceDefinition kafkas\.kafka\.strimzi\.io of another Strimzi version, which is in use by run remigrate-1 \(rollback-remigrate-0\.45\.0, process \d+ on .*, seen \d+ s ago\)/,
      );
      expect(String(error)).toContain('Wait until that run has ended, use another cluster');
    }
    expect(installed()).toMatchObject({ spec: { schema: '0.45.0' }, metadata: definition('', 'remigrate-1').metadata });
  });

  it('of a live run are used by another run of the same version, or on request', async () => {
    await start('remigrate-1');
    await install('remigrate-1', '0.45.0');
    await start('remigrate-2');
    await install('remigrate-2', '0.45.0');
    await install('remigrate-2', '0.45.1', true);
    expect(installed()).toMatchObject({ spec: { schema: '0.45.0' } });
  });

  it('are replaced when the run has changed its own operator, and after a run that was abandoned', async () => {
    await start('remigrate-1');
    await install('remigrate-1', '0.45.0');
    await install('remigrate-1', '0.45.1');
    expect(installed()).toMatchObject({ spec: { schema: '0.45.1' } });

    // Its lease has expired.
    const path = '/apis/coordination.k8s.io/v1/namespaces/remigrate-1/leases/remigrate-run';
    cluster.put(path, {
      ...cluster.get(path),
      spec: { leaseDurationSeconds: 60, renewTime: '2020-01-01T00:00:00.000000Z' },
    });
    await start('remigrate-2');
    await install('remigrate-2', '0.45.2');
    expect(installed()).toMatchObject({ spec: { schema: '0.45.2' } });
  });

  it('of two runs that start at the same time: at most one goes on', async () => {
    await start('remigrate-1');
    await start('remigrate-2');
    // The other run applies its definition after this one has looked for it, and before this one is sure of it.
    cluster.before = ({ method, url }) => {
      if (method === 'PATCH' && url.pathname === PATH) {
        cluster.before = () => cluster.put(PATH, definition('0.45.1', 'remigrate-2'));
      }
    };
    await expect(install('remigrate-1', '0.45.0')).rejects.toThrow(/in use by run remigrate-2/);
  });
});
