import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalRuntime, type LocalRuntimeOptions } from '../../../../src/environments/local/local-runtime.js';
import { Ports } from '../../../../src/environments/local/ports.js';
import type { NodeIdentity } from '../../../../src/environments/node-runtime.js';

const BROKER: NodeIdentity = { role: 'broker', nodeId: 0, pod: 'my-cluster-broker-0' };
const ADDED: NodeIdentity = { role: 'broker', nodeId: 2, pod: 'my-cluster-broker-2' };
const CONTROLLER: NodeIdentity = { role: 'controller', nodeId: 1, pod: 'my-cluster-controller-1' };

describe('the nodes of a local run', () => {
  let folder: string;
  let runtime: LocalRuntime;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'test-local-runtime-'));
    const workspace = { folder, results: folder, mark: 'a-mark' };
    // Nothing is started.
    runtime = await LocalRuntime.create({ workspace, ports: new Ports() } as unknown as LocalRuntimeOptions, [BROKER]);
  });
  afterEach(async () => {
    await runtime.close({ graceful: false });
    rmSync(folder, { recursive: true });
  });

  it('have an address of their own, also those that are added later', async () => {
    expect(() => runtime.clientAddress(ADDED.pod)).toThrow('the run has no node my-cluster-broker-2');
    for (const node of [ADDED, CONTROLLER]) await runtime.add(node);
    const addresses = [BROKER, ADDED, CONTROLLER].map(({ pod }) => runtime.clientAddress(pod));
    expect(new Set(addresses).size).toBe(3);
    for (const address of addresses) expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await runtime.volume(ADDED.pod)).toEqual({ formatted: false, metadataLog: false });
    expect(runtime.isRunning(ADDED.pod)).toBe(false);
  });

  it('keep meta.properties as it is written by hand', async () => {
    const logs = join(folder, 'volumes', BROKER.pod, 'kafka-log0');
    mkdirSync(logs, { recursive: true });
    await runtime.writeMetaProperties(BROKER.pod, 'version=0\n');
    expect(readFileSync(join(logs, 'meta.properties'), 'utf8')).toBe('version=0\n');
    expect(await runtime.volume(BROKER.pod)).toMatchObject({ formatted: true });
    await runtime.wipe(BROKER.pod);
    expect(await runtime.volume(BROKER.pod)).toMatchObject({ formatted: false });
  });
});
