import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest } from '@jest/globals';
import { execa } from 'execa';
import { disable, rollBackBrokers } from '../../src/cluster/procedures.js';
import type { Outcome } from '../../src/inspection/forecast/outcome.js';
import { NAMESPACE } from '../../src/kubernetes/core-objects.js';
import { Ledger } from '../../src/metadata/ledger.js';
import { Clients } from '../../src/metadata/seeding.js';
import { connectZooKeeper, type ZooKeeperClient } from '../../src/metadata/zookeeper/client.js';
import { KAFKA } from '../../src/strimzi/resources.js';
import { waitUntil } from '../../src/waiting/wait.js';
import { expectNothingLeft, makePlace, type Place, remigrate, removePlace } from '../integration/support/command.js';
import { mzxids } from '../integration/support/mzxids.js';
import { describeOnCluster, kubeconfigAs } from './api/real-cluster.js';
import { describeObject, everyObject } from './support/inventory.js';
import { ON_CLUSTER } from './support/run-on-cluster.js';
import { stages } from './support/stages.js';
import { StartedCluster } from './support/started-cluster.js';
import { allow, disallow } from './support/users.js';

jest.setTimeout(900_000);

const { REMIGRATE_TEST_CONTEXT: context = '', REMIGRATE_TEST_MANIFESTS: manifests = '' } = process.env;
const DEADLINE_MS = 60_000;
const WIPE_MS = 120_000;
const LOOK_MS = 500;
const TOPICS = ['before-1', 'before-2'].map((name) => ({
  name,
  partitions: 2,
  replicationFactor: 1,
  configs: {},
  records: 3,
}));

/** One deployment, from its creation to the loss: each test continues where the one before it ended. */
describeOnCluster('inspect and snapshot of a cluster with the stand-in of 0.45.0', () => {
  const { signal } = new AbortController();
  let started: StartedCluster;
  let clients: Clients;
  let zookeeper: ZooKeeperClient;
  let place: Place;

  beforeAll(async () => {
    started = await StartedCluster.start({ operatorVersion: '0.45.0', manifests });
    await started.cluster.deploy();
    const ledger = new Ledger();
    clients = new Clients({ ...started.cluster.kafka(), ledger, deadlineMs: DEADLINE_MS, signal });
    await clients.createTopics(TOPICS);
    zookeeper = await connectZooKeeper({
      connectString: started.cluster.zookeeper()?.connectString ?? '',
      sessionTimeoutMs: 20_000,
      deadlineMs: DEADLINE_MS,
      signal,
    });
  });
  afterAll(async () => {
    await zookeeper?.close();
    await started?.close();
  });
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(async () => {
    await expectNothingLeft(place);
    await removePlace(place);
  });

  const stage = stages(() => started.failures);

  const here = () => [...ON_CLUSTER, '--namespace', started.namespace];
  const inspect = (...args: readonly string[]) => remigrate(place, ['inspect', ...args]);

  async function expectForecast(outcome: Outcome, exitCode: 0 | 1 | 3): Promise<string> {
    const result = await inspect(...here(), '--json');
    const { clusters } = JSON.parse(result.stdout) as {
      readonly clusters: readonly { readonly forecast: { readonly outcome: Outcome; readonly reason: string } }[];
    };
    expect(clusters.map(({ forecast }) => forecast)).toMatchObject([{ outcome }]);
    expect(result.exitCode).toBe(exitCode);
    return clusters[0]?.forecast.reason ?? '';
  }

  async function snapshot(name: string): Promise<string> {
    const file = join(place.folder, name);
    const { exitCode, all } = await remigrate(place, ['snapshot', ...here(), '--out', file]);
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${all}`);
    return file;
  }

  /** Every object with its resourceVersion, and every znode. */
  async function everything(): Promise<readonly string[]> {
    const objects = (await everyObject(started.api)).map(
      (one) => `${describeObject(one)} ${one.metadata.uid} at ${one.metadata.resourceVersion}`,
    );
    const znodes = Object.entries(await mzxids(zookeeper, '/')).map(([path, mzxid]) => `${path} at ${mzxid}`);
    return [...objects, ...znodes].sort();
  }

  stage('a cluster that was never migrated is safe, and nothing in it is changed', async () => {
    const before = await everything();
    expect(before.filter((line) => line.startsWith('/brokers/topics/before-1 at '))).toHaveLength(1);
    const inspected = await inspect(...here());
    await snapshot('unchanged.json');
    expect(await everything()).toEqual(before);
    expect(inspected.stdout).toMatch(
      new RegExp(
        `^SAFE {5}${context}/${started.namespace}/my-cluster {2}ZooKeeper \\(disabled\\) {2}Kafka 3\\.9\\.0, operator 0\\.45\\.0 {2}/migration absent {2}claims 0: a migration started now copies the metadata$`,
        'm',
      ),
    );
    expect(inspected.stderr).toContain(
      `Reading ${context}: opening a port-forward and a session to each ZooKeeper; read-only.`,
    );
    expect(inspected.exitCode).toBe(0);
  });

  stage('the printed kubectl commands write the same facts to a file', async () => {
    const printed = await inspect(
      '--print-commands',
      '--context',
      context,
      ...here().slice(-2),
      '--cluster',
      'my-cluster',
    );
    expect(printed.exitCode).toBe(0);
    const [last = '', ...lines] = printed.stdout.split('\n').toReversed();
    const [, kubeconfig = ''] = ON_CLUSTER.slice(-2);
    // zookeeper-shell.sh, the last command, exits with 1 if a znode is absent.
    const env = { KUBECONFIG: kubeconfig };
    await execa('sh', ['-c', lines.toReversed().join('\n')], { cwd: place.folder, env, reject: false });
    const [, ...args] = last.split(' ');
    const result = await remigrate(place, args);
    expect(result.stdout).toBe((await inspect(...here())).stdout);
    expect(result.exitCode).toBe(0);
  });

  stage('a cluster of which only the Kafka resource exists is reported together with the others', async () => {
    const half = `${started.namespace}-half`;
    await started.api.create({ ...NAMESPACE, metadata: { name: half } }, { signal });
    const { metadata, ...rest } = (await started.api.get(
      { ...KAFKA, namespace: started.namespace, name: 'my-cluster' },
      { signal },
    )) ?? {
      ...KAFKA,
      metadata: { name: '' },
    };
    const { annotations = {} } = metadata;
    try {
      // The operator watches only its own namespace.
      const left = { ...rest, metadata: { name: 'half', namespace: half, annotations } };
      await started.api.create(left, { signal });
      const result = await inspect(...ON_CLUSTER, '--all-namespaces');
      expect(result.stdout).toMatch(new RegExp(`^SAFE .*/${started.namespace}/my-cluster`, 'm'));
      expect(result.stdout).toMatch(new RegExp(`^UNKNOWN .*/${half}/half`, 'm'));
      expect(result.stdout).toContain('no ZooKeeper pod of half is running');
      expect(result.exitCode).toBe(3);
    } finally {
      await started.api.delete({ ...NAMESPACE, name: half }, { signal });
    }
  });

  stage('places that do not exist or cannot be read are reported together with the others', async () => {
    const nowhere = join(place.folder, 'no-such-file.txt');
    const both = await inspect(...here(), '--context', 'no-such-context', '--from', nowhere);
    expect(both.stdout).toMatch(/^SAFE .*my-cluster/m);
    expect(both.stdout).toMatch(
      /^UNKNOWN {2}no-such-context: could not be inspected\n +the context no-such-context does not exist/m,
    );
    expect(both.stdout).toMatch(/^UNKNOWN {2}\S+no-such-file\.txt: could not be inspected/m);
    expect(both.exitCode).toBe(3);
    for (const [args, sentence] of [
      [[...ON_CLUSTER, '--namespace', 'no-such-namespace'], `There is no namespace no-such-namespace in ${context}.`],
      [[...ON_CLUSTER, '--namespace', 'default'], `There is no Kafka resource in namespace default of ${context}.`],
      [[...here(), '--cluster', 'other'], 'There is no Kafka resource other in namespace'],
      [['--context', 'no-such-context', ...here().slice(2)], 'the context no-such-context does not exist'],
    ] as const) {
      const result = await inspect(...args);
      expect(result.all).toContain(sentence);
      expect(result.exitCode).toBe(2);
    }
  });

  stage('missing rights are named, with the commands for a user who has them', async () => {
    const user = `${started.namespace}-reader`;
    const kubeconfig = await kubeconfigAs(user, place.folder);
    const as = ['--context', context, '--kubeconfig', kubeconfig, '--namespace', started.namespace];
    const none = await inspect(...as);
    expect(none.all).toContain(`no right to list kafkas.kafka.strimzi.io in namespace ${started.namespace}`);
    expect(none.exitCode).toBe(3);
    const list = (group: string, ...resources: readonly string[]) =>
      resources.map((resource) => ({ verb: 'list', group, resource }));
    await allow(started.api, user, [
      ...list('kafka.strimzi.io', 'kafkas', 'kafkanodepools'),
      ...list('', 'pods', 'persistentvolumeclaims'),
      { verb: 'watch', group: '', resource: 'pods' },
    ]);
    try {
      const few = await inspect(...as);
      expect(few.stdout).toMatch(/^UNKNOWN .* \/migration \? {2}claims 0: cannot tell what a migration would do$/m);
      expect(few.stdout).toContain(`has no right to get, create pods/portforward in namespace ${started.namespace}`);
      expect(few.stdout).toContain(`kubectl --context ${context} -n ${started.namespace} exec my-cluster-zookeeper-0`);
      expect(few.exitCode).toBe(3);
    } finally {
      await disallow(started.api, user);
    }
  });

  stage('a migration under way is reported as such from its beginning, and loses nothing, as forecast', async () => {
    const before = await snapshot('before.json');
    await started.cluster.createControllerPool({ deleteClaim: false });
    await expectForecast('first-copy', 0);
    await started.cluster.annotate('migration');
    await started.cluster.waitForState('KRaftMigration');
    expect(await expectForecast('under-way', 0)).toMatch(/KRaftMigration|KRaftDualWriting/);
    await started.cluster.waitForState('KRaftPostMigration');
    expect(await expectForecast('under-way', 0)).toContain('KRaftPostMigration) and its copy is complete');
    const after = await snapshot('after.json');
    const diff = await remigrate(place, ['diff', before, after]);
    expect(diff.all).toContain(`from the brokers of ${context}/${started.namespace}/my-cluster`);
    expect(diff.all).toContain('Nothing was lost');
    expect(diff.exitCode).toBe(0);
  });

  stage('leftover claims and /migration are reported after a rollback, until they are removed', async () => {
    await rollBackBrokers(started.cluster);
    expect(await expectForecast('under-way', 0)).toContain('the rollback continues');
    await started.cluster.deleteControllerPool();
    await disable(started.cluster);
    expect(await expectForecast('loses-since-rollback', 1)).toContain(
      'claim data-0-my-cluster-controller-1 still exists',
    );
    await started.cluster.deleteControllerVolumes();
    await expectForecast('skip-and-wipe', 1);
    const { stdout } = await inspect(...here());
    expect(stdout).toMatch(
      /^ +kubectl .* exec my-cluster-zookeeper-0 -- \/opt\/kafka\/bin\/zookeeper-shell\.sh 127\.0\.0\.1:12181 delete \/migration$/m,
    );
  });

  stage('the loss that was forecast happens', async () => {
    const before = await snapshot('before-wipe.json');
    await started.cluster.createControllerPool({ deleteClaim: false });
    await started.cluster.annotate('migration');
    await started.cluster.waitForState('KRaftMigration');
    let topics: readonly string[] | undefined;
    await waitUntil(
      { what: () => `ZooKeeper to lose its topics (it has ${topics?.join(', ')})`, timeoutMs: WIPE_MS, signal },
      (wake) => {
        const timer = setInterval(async () => {
          topics = await zookeeper.children('/brokers/topics');
          wake();
        }, LOOK_MS);
        return () => clearInterval(timer);
      },
      () => (topics?.length === 0 ? true : undefined),
    );
    await expectForecast('wiped', 1);
    const diff = await remigrate(place, ['diff', before, await snapshot('after-wipe.json')]);
    for (const { name } of TOPICS) expect(diff.all).toMatch(new RegExp(`^LOST {2}missing {2}${name}$`, 'm'));
    expect(diff.exitCode).toBe(1);
  });
});
