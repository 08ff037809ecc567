import { createServer } from 'node:http';
import { KubeConfig } from '@kubernetes/client-node';
import { messageOf } from '../../../../src/errors.js';
import { loadProfiles, shippedProfilesFolder } from '../../../../src/operator/profile.js';
import { Assembly } from './assembly.js';
import { ClusterApi } from './cluster-api.js';
import { log } from './operator-log.js';
import type { StoredPod } from './pod-logs.js';
import { PodSetController } from './pod-set-controller.js';
import {
  KAFKA_KIND,
  type KafkaNodePool,
  NODE_POOL,
  POD_KIND,
  POD_SET,
  type StandInKafka,
  type StrimziPodSet,
} from './resources.js';
import { WatchedKind } from './watched.js';

/** Strimzi's defaults (0.45.1 `ClusterOperatorConfig.java:146,151`). */
const DEFAULTS = { interval: 120_000, timeout: 300_000 } as const;
const HEALTH_PORT = 8080;

function milliseconds(name: string, otherwise: number): number {
  const value = process.env[name];
  return value === undefined || value === '' ? otherwise : Number(value);
}

/** One `3.9.0=image` per line, as in Strimzi's Deployment. */
function kafkaImages(): ReadonlyMap<string, string> {
  const lines = (process.env.STRIMZI_KAFKA_IMAGES ?? '').split(/\s+/).filter((line) => line.includes('='));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

async function main(): Promise<void> {
  const version = process.env.STAND_IN_PROFILE ?? '';
  log(
    'INFO',
    'StandIn',
    `This is not Strimzi but remigrate's stand-in for the Strimzi Cluster Operator ${version}: a replay of its decisions over real pods, in plain text`,
  );
  const profile = loadProfiles([shippedProfilesFolder()]).get(version);
  const end = new AbortController();
  const { signal } = end;
  const config = new KubeConfig();
  config.loadFromDefault();
  const api = new ClusterApi(config);
  const wanted = process.env.STRIMZI_NAMESPACE;
  const namespace = wanted === undefined || wanted === '*' || wanted === '' ? undefined : wanted;
  log('INFO', 'ClusterOperator', `Creating ClusterOperator for namespace ${namespace ?? '*'}`);

  const broken = (error: unknown): void =>
    log('WARN', 'StandIn', `A watch broke and is restarted: ${messageOf(error)}`);
  const kafkas = new WatchedKind<StandInKafka>(api, KAFKA_KIND, namespace, signal);
  const pools = new WatchedKind<KafkaNodePool>(api, NODE_POOL, namespace, signal);
  const podSets = new WatchedKind<StrimziPodSet>(api, POD_SET, namespace, signal);
  const pods = new WatchedKind<StoredPod>(api, POD_KIND, namespace, signal);
  for (const watched of [pods, podSets]) await watched.start(broken);
  new PodSetController(api, podSets, pods, signal).start();

  const assemblies = new Map<string, Assembly>();
  let passes = 0;
  kafkas.subscribe((change, kafka) => {
    const { name } = kafka.metadata;
    const key = `${kafka.metadata.namespace}/${name}`;
    if (change === 'deleted') {
      assemblies.get(key)?.close();
      assemblies.delete(key);
      return;
    }
    const known = assemblies.get(key);
    if (known !== undefined) {
      known.trigger();
      return;
    }
    const assembly = new Assembly({
      api,
      namespace: kafka.metadata.namespace,
      name,
      profile,
      podSets,
      pods,
      images: kafkaImages(),
      reconciliationIntervalMs: milliseconds('STRIMZI_FULL_RECONCILIATION_INTERVAL_MS', DEFAULTS.interval),
      operationTimeoutMs: milliseconds('STRIMZI_OPERATION_TIMEOUT_MS', DEFAULTS.timeout),
      holdPassMs: milliseconds('STAND_IN_HOLD_PASS_MS', 0),
      nextPass: () => ++passes,
      signal,
    });
    assemblies.set(key, assembly);
    assembly.run().catch((error: unknown) => {
      if (!signal.aborted) log('ERROR', 'AbstractOperator', `Kafka(${key}): ${messageOf(error)}`);
    });
  });
  pools.subscribe((_change, { metadata }) => {
    assemblies.get(`${metadata.namespace}/${metadata.labels?.['strimzi.io/cluster']}`)?.trigger();
  });
  for (const watched of [pools, kafkas]) await watched.start(broken);

  const health = createServer((_request, response) => response.writeHead(204).end());
  health.listen(HEALTH_PORT);
  log('INFO', 'ClusterOperator', `ClusterOperator for namespace ${namespace ?? '*'} is ready`);

  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      log('INFO', 'ShutdownHook', 'Shutdown hook started');
      end.abort();
      log('INFO', 'ShutdownHook', 'Shutdown hook completed');
      process.exit(0);
    });
  }
}

main().catch((error: unknown) => {
  log('ERROR', 'Main', `Unable to start the operator: ${messageOf(error)}`);
  process.exit(1);
});
