/**
 * Performs the five steps on a real API server with plain API calls, and prints the status: deploy, migrate, roll
 * back, delete the controllers' claims, migrate again. Shows that the stand-in's 0.45.0 loses and its 0.45.1 survives.
 *
 *     npx jiti test/kubernetes/stand-in/try.ts --kubeconfig FILE --operator 0.45.0 [--namespace NAME] [--keep-claims]
 * [--race] [--keep]
 *
 * The images must be in the cluster (images/build-images.ts, then `kind load docker-image`).
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { Exec, KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { CacheFolder } from '../../../src/distribution/cache.js';
import { KubeApi } from '../../../src/kubernetes/kube-api.js';
import type { KubeObject } from '../../../src/kubernetes/kube-object.js';
import { waitUntil } from '../../../src/waiting/wait.js';
import { operatorImage, standInImage } from './images/build-images.js';
import { strimziDefinitions } from './install/crds.js';
import { writeRelease } from './install/release.js';
import { ClusterApi } from './operator/cluster-api.js';
import { FilteredPodLogs, type StoredPod } from './operator/pod-logs.js';
import { isReady, KAFKA_KIND, NODE_POOL, POD_KIND, POD_SET, type StandInKafka } from './operator/resources.js';
import { WatchedKind } from './operator/watched.js';

const { values: options } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    operator: { type: 'string', default: '0.45.0' },
    kafka: { type: 'string', default: '3.9.0' },
    namespace: { type: 'string', default: 'stand-in' },
    'keep-claims': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    race: { type: 'boolean', default: false },
    brokers: { type: 'string', default: '1' },
  },
});
const CLUSTER = 'my-cluster';
const { namespace, operator } = options;
const brokers = Number(options.brokers);
const began = performance.now();
const end = new AbortController();
const say = (text: string): void =>
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)}  ${text}`);

const config = new KubeConfig();
if (options.kubeconfig === undefined) throw new Error('set --kubeconfig FILE');
config.loadFromFile(options.kubeconfig);
const api = new ClusterApi(config);
// For objects that a user applies: @kubernetes/client-node's own serialiser drops x-kubernetes-preserve-unknown-fields
// of definitions.
const user = await KubeApi.connect({
  kubeconfig: options.kubeconfig,
  context: config.getCurrentContext(),
  signal: end.signal,
});

async function apply(object: KubeObject): Promise<void> {
  await user.apply(object, { signal: end.signal, force: true });
}

async function install(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'stand-in-'));
  const cache = await CacheFolder.open(process.env);
  const { files: definitions, origin } = await strimziDefinitions(cache, say);
  say(`definitions: ${origin}`);
  writeRelease(folder, {
    version: operator,
    operatorImage: operatorImage(operator),
    kafkaImages: { [options.kafka]: standInImage(options.kafka) },
    definitions,
    environment: {
      STRIMZI_FULL_RECONCILIATION_INTERVAL_MS: '5000',
      ...(options.race ? { STAND_IN_HOLD_PASS_MS: '3000', STRIMZI_OPERATION_TIMEOUT_MS: '30000' } : {}),
    },
  });
  const release = readdirSync(folder)
    .toSorted()
    .map((file) => parse(readFileSync(join(folder, file), 'utf8')) as KubeObject);
  rmSync(folder, { recursive: true, force: true });
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const object of release) {
    const clusterWide = /^(ClusterRole|ClusterRoleBinding|CustomResourceDefinition)$/.test(object.kind ?? '');
    const placed = clusterWide ? object : { ...object, metadata: { ...object.metadata, namespace } };
    await apply(JSON.parse(JSON.stringify(placed).replaceAll('"namespace":"myproject"', `"namespace":"${namespace}"`)));
  }
}

function pool(name: 'broker' | 'controller', replicas: number, deleteClaim: boolean): KubeObject {
  const volume = { id: 0, type: 'persistent-claim', size: '1Gi', kraftMetadata: 'shared', deleteClaim };
  return {
    apiVersion: NODE_POOL.apiVersion,
    kind: NODE_POOL.kind,
    metadata: { name, namespace, labels: { 'strimzi.io/cluster': CLUSTER } },
    spec: {
      replicas,
      roles: [name],
      jvmOptions: { '-Xms': '128m', '-Xmx': '384m' },
      resources: { limits: { memory: '1Gi' }, requests: { cpu: '50m', memory: '512Mi' } },
      storage: { type: 'jbod', volumes: [volume] },
    },
  } as KubeObject;
}

function kafka(annotation: string): KubeObject {
  return {
    apiVersion: KAFKA_KIND.apiVersion,
    kind: KAFKA_KIND.kind,
    metadata: {
      name: CLUSTER,
      namespace,
      annotations: { 'strimzi.io/kraft': annotation, 'strimzi.io/node-pools': 'enabled' },
    },
    spec: {
      kafka: {
        version: options.kafka,
        config: {
          'default.replication.factor': 1,
          'inter.broker.protocol.version': '3.9',
          'min.insync.replicas': 1,
          'offsets.topic.replication.factor': 1,
          'transaction.state.log.min.isr': 1,
          'transaction.state.log.replication.factor': 1,
        },
        listeners: [{ name: 'plain', port: 9092, tls: false, type: 'internal' }],
      },
      zookeeper: {
        replicas: 1,
        jvmOptions: { javaSystemProperties: [{ name: 'zookeeper.audit.enable', value: 'true' }] },
        resources: { limits: { memory: '768Mi' }, requests: { cpu: '50m', memory: '256Mi' } },
        storage: { deleteClaim: true, size: '1Gi', type: 'persistent-claim' },
      },
    },
  } as KubeObject;
}

/** Runs a shell command in the only container of a pod. */
async function shell(pod: string, container: string, command: string): Promise<string> {
  let output = '';
  const sink = () =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        output += chunk.toString('utf8');
        done();
      },
    });
  await new Promise<void>((resolve, reject) => {
    new Exec(config)
      .exec(namespace, pod, container, ['bash', '-c', command], sink(), sink(), null, false, () => resolve())
      .catch(reject);
  });
  return output.trim();
}

const JAVA = "java -XX:TieredStopAtLevel=1 -Xshare:auto -cp '/opt/kafka/libs/*'";

/** Runs a line of JavaScript with an `admin` of the cluster in the operator's pod, which has a Kafka client. */
async function asAdmin(line: string): Promise<string> {
  const operatorPod = pods.list().find(({ metadata, status }) => {
    return metadata.labels?.['strimzi.io/kind'] === 'cluster-operator' && status?.phase === 'Running';
  });
  const script = `import { Admin } from '@platformatic/kafka';
    const admin = new Admin({ clientId: 'try', bootstrapBrokers: ['${CLUSTER}-kafka-bootstrap:9092'], retries: 20, retryDelay: 500 });
    console.log(JSON.stringify(await ${line}));
    process.exit(0);`;
  const command = `node --input-type=module -e "${script}" 2>&1 | tail -5`;
  return shell(operatorPod?.metadata.name ?? '', 'strimzi-cluster-operator', command);
}

async function createTopic(name: string): Promise<void> {
  const output = await asAdmin(
    `admin.createTopics({ topics: ['${name}'], partitions: 1, replicas: 1 }).then((made) => made.map(({ id }) => id))`,
  );
  say(`create topic ${name}: ${output}`);
}

/** The output of a zookeeper-shell command. */
async function znodes(command: string): Promise<string> {
  const script = `${JAVA} org.apache.zookeeper.ZooKeeperMain -server localhost:12181 ${command} 2>&1 | tail -1`;
  return shell(`${CLUSTER}-zookeeper-0`, 'zookeeper', script);
}

const kafkas = new WatchedKind<StandInKafka>(api, KAFKA_KIND, namespace, end.signal);
const pods = new WatchedKind<StoredPod>(api, POD_KIND, namespace, end.signal);

async function waitFor(what: string, seconds: number, probe: () => true | undefined): Promise<void> {
  await waitUntil(
    { what, timeoutMs: seconds * 1000, signal: end.signal },
    (wake) => {
      const ends = [kafkas.subscribe(() => wake()), pods.subscribe(() => wake())];
      return () => {
        for (const stop of ends) stop();
      };
    },
    probe,
  );
}

/** Waits for the state, Ready and, if a whole pass in that state writes one, its warning. */
async function waitForState(state: string, warning?: string): Promise<void> {
  await waitFor(`the state ${state}`, 240, () => {
    const status = kafkas.get(namespace, CLUSTER)?.status;
    const conditions = status?.conditions ?? [];
    const ready = conditions.some(({ type }) => type === 'Ready');
    const warned = warning === undefined || conditions.some(({ message }) => message?.includes(warning));
    return status?.kafkaMetadataState === state && ready && warned ? true : undefined;
  });
}

/** Waits until the operator holds the pass after the one that reached this state. */
async function waitForHeldPass(state: string): Promise<void> {
  let reached = false;
  let held = false;
  const wakes = new Set<() => void>();
  const logs = new FilteredPodLogs(
    config,
    pods,
    ({ metadata }) => metadata.labels?.['strimzi.io/kind'] === 'cluster-operator',
    {
      started: () => undefined,
      line: (_pod, line) => {
        if (line.includes(`to [${state}] with strimzi.io/kraft annotation [rollback]`)) reached = true;
        else if (reached && line.includes('Holding this pass')) held = true;
        for (const wake of wakes) wake();
      },
    },
    end.signal,
  );
  const stop = logs.start((error) => say(String(error)));
  await waitUntil(
    { what: `a held pass in ${state}`, timeoutMs: 120_000, signal: end.signal },
    (wake) => {
      wakes.add(wake);
      return () => wakes.delete(wake);
    },
    () => (held ? true : undefined),
  );
  stop();
}

async function performSteps(): Promise<boolean> {
  await waitFor('the operator', 60, () =>
    pods.list().some((pod) => pod.metadata.labels?.['strimzi.io/kind'] === 'cluster-operator' && isReady(pod))
      ? true
      : undefined,
  );
  say('1. deploy');
  await apply(pool('broker', brokers, true));
  await apply(kafka('disabled'));
  await waitForState('ZooKeeper');
  await createTopic('before-1');

  say('2. migrate');
  await apply(pool('controller', 1, !options['keep-claims']));
  await apply(kafka('migration'));
  await waitForState('KRaftPostMigration', 'in the post-migration');
  await createTopic('during');

  say('3. roll back');
  await apply(kafka('rollback'));
  // The race: the pool is deleted while the pass after the one that reached the state is running.
  if (options.race) await waitForHeldPass('KRaftDualWriting');
  else await waitForState('KRaftDualWriting', 'during dual writing');
  await api.delete(NODE_POOL, namespace, 'controller');
  await waitFor('the controllers to go', 60, () =>
    pods.list().some(({ metadata }) => metadata.labels?.['strimzi.io/controller-role'] === 'true') ? undefined : true,
  );
  await apply(kafka('disabled'));
  await waitForState('ZooKeeper');
  say(`/migration after the rollback: ${await znodes('get /migration')}`);
  const claims = await api.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', plural: '' }, namespace);
  say(`4. claims: ${claims.map(({ metadata }) => metadata.name).join(' ')}`);
  await createTopic('after-rollback');
  say(`topics in ZooKeeper: ${await znodes('ls /brokers/topics')}`);

  say('5. migrate again');
  await apply(pool('controller', 1, !options['keep-claims']));
  await apply(kafka('migration'));
  const deadline = performance.now() + 180_000;
  for (;;) {
    const status = kafkas.get(namespace, CLUSTER)?.status;
    if (status?.kafkaMetadataState === 'KRaftPostMigration') break;
    const topics = await znodes('ls /brokers/topics');
    if (status?.kafkaMetadataState === 'KRaftMigration' && topics === '[]') {
      say(`topics in ZooKeeper: ${topics}, the state stays ${status.kafkaMetadataState}`);
      return false;
    }
    if (performance.now() > deadline) throw new Error(`neither migrated nor emptied: ${topics}`);
  }
  say(`topics in ZooKeeper: ${await znodes('ls /brokers/topics')}`);
  // Only KRaft's metadata counts now: with kept claims ZooKeeper still has the topics that the brokers have lost.
  const topics = await asAdmin('admin.listTopics()');
  say(`topics of the brokers: ${topics}`);
  return ['before-1', 'during', 'after-rollback'].every((topic) => topics.includes(`"${topic}"`));
}

try {
  await install();
  await pods.start((error) => say(String(error)));
  await kafkas.start((error) => say(String(error)));
  let shown = '';
  kafkas.subscribe((_change, { metadata, status }) => {
    const conditions = (status?.conditions ?? []).map(({ type, reason }) => reason ?? type).join(' ');
    const line = `        ${metadata.annotations?.['strimzi.io/kraft']}: ${status?.kafkaMetadataState ?? '-'} [${conditions}]`;
    if (line !== shown) say(line);
    shown = line;
  });
  const survived = await performSteps();
  say(survived ? 'SURVIVED' : 'LOST');
} finally {
  end.abort();
  if (!options.keep) {
    for (const name of ['broker', 'controller']) await api.delete(NODE_POOL, namespace, name);
    await api.delete(KAFKA_KIND, namespace, CLUSTER);
    for (const { metadata } of await api.list(POD_SET, namespace)) await api.delete(POD_SET, namespace, metadata.name);
    await user.delete(
      { apiVersion: 'v1', kind: 'Namespace', name: namespace },
      { signal: new AbortController().signal },
    );
  }
}
