import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import { findJournal } from '../../src/comparison/recordings.js';
import { kubectlScriptOf } from '../../src/harness/kubectl-script.js';
import { readJournal } from '../../src/journal/file.js';
import { journal } from '../unit/comparison/journals.js';
import { describeOnCluster } from './api/real-cluster.js';
import { StartedCluster } from './support/started-cluster.js';

const LIMIT_MS = 900_000;
jest.setTimeout(LIMIT_MS + 120_000);

const {
  REMIGRATE_TEST_MANIFESTS: manifests = '',
  REMIGRATE_TEST_KUBECONFIG: kubeconfig = '',
  REMIGRATE_TEST_CONTEXT: context = '',
} = process.env;

/** The scripts of docs/findings, which people run without remigrate, on the stand-in. */
describeOnCluster('The kubectl script', () => {
  let folder: string;
  let started: StartedCluster;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'test-kubectl-script-'));
    // Only the operator: the script applies the cluster.
    started = await StartedCluster.start({ operatorVersion: '0.45.1', manifests });
  });
  afterEach(async () => {
    await started?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs a script with the tests' cluster as the current context. `all`: with the messages of Kafka's tools. */
  async function run(script: string) {
    const file = join(folder, 'script.sh');
    await writeFile(file, script);
    const config = parse(await readFile(kubeconfig, 'utf8')) as object;
    const KUBECONFIG = join(folder, 'kubeconfig');
    await writeFile(KUBECONFIG, stringify({ ...config, 'current-context': context }), { mode: 0o600 });
    const { exitCode, stdout, all } = await execa('bash', [file, started.namespace], {
      env: { KUBECONFIG },
      all: true,
      reject: false,
      timeout: LIMIT_MS,
    });
    return { exitCode, lines: stdout.split('\n'), all };
  }
  const ofRecording = async (name: string) => kubectlScriptOf(await readJournal(await findJournal(name)));

  it('of broker-added ends with a broker that does not stay up', async () => {
    const { exitCode, all } = await run(await ofRecording('0.45.2-broker-added'));
    expect(all).toMatch(/Found unexpected version in \S*meta\.properties\. ZK-based brokers/);
    expect(exitCode).toBe(0);
    // It ended as the recording did: the rollback is not finished.
    expect(started.cluster.state()).toBe('KRaftDualWriting');
  });

  it('of claims-kept ends with a lost topic, and the others are still there', async () => {
    const { exitCode, lines, all } = await run(await ofRecording('0.45.1-claims-kept'));
    expect(lines.slice(-5)).toEqual([
      '# the end, in the run: lost',
      'topic before-1: still there',
      'topic before-2: still there',
      'topic during: still there',
      'LOST: topic after-rollback',
    ]);
    expect(all).not.toContain('error');
    expect(exitCode).toBe(0);
    expect(started.cluster.state()).toBe('KRaftPostMigration');
  });

  it('of the gestures that these recordings do not have does what they do', async () => {
    const topic = 'kept';
    const { exitCode, lines, all } = await run(
      kubectlScriptOf(
        journal([
          { type: 'gesture', gesture: 'deploy' },
          { type: 'state-awaited', state: 'ZooKeeper' },
          { type: 'client-action', action: 'create-topic', topic },
          { type: 'client-action', action: 'produce', topic, records: 100 },
          { type: 'client-action', action: 'alter-topic', topic },
          { type: 'gesture', gesture: 'write-znode', path: '/by-hand', value: 'one value' },
          { type: 'gesture', gesture: 'write-znode', path: '/by-hand', value: 'another' },
          { type: 'gesture', gesture: 'delete-znode', path: '/by-hand' },
          { type: 'gesture', gesture: 'delete-znode', path: '/by-hand' },
          { type: 'gesture', gesture: 'restart-zookeeper', nodeId: 0 },
          { type: 'gesture', gesture: 'restart-operator' },
          { type: 'gesture', gesture: 'restart-broker', nodeId: 0 },
          { type: 'client-action', action: 'produce', topic, records: 10 },
          { type: 'gesture', gesture: 'replace-broker-volume', nodeId: 0 },
          { type: 'client-action', action: 'produce', topic, records: 1 },
        ]),
      ),
    );
    expect(all).not.toContain('error');
    // The second deletion of the znode.
    expect(lines).toContain('/by-hand does not exist');
    // The only replica was on the old volume.
    expect(lines.at(-1)).toBe(`topic ${topic}: 1 of 111 records`);
    expect(exitCode).toBe(0);
  });
});
