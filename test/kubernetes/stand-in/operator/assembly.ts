import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ZooKeeperSessions } from '../../../../src/environments/zookeeper-sessions.js';
import { EnvironmentError } from '../../../../src/errors.js';
import { Journal } from '../../../../src/journal/journal.js';
import type { PassAction, PassPlan } from '../../../../src/operator/actions.js';
import { type NodePool, renderConfiguration } from '../../../../src/operator/configuration.js';
import { executePass, PassFailed } from '../../../../src/operator/executor.js';
import { type DesiredCluster, type ObservedCluster, planPass } from '../../../../src/operator/planner.js';
import type { OperatorProfile } from '../../../../src/operator/profile.js';
import { type KafkaMetadataState, readKraftAnnotation } from '../../../../src/strimzi/migration-state.js';
import { deadlinesOf } from '../../../../src/waiting/deadlines.js';
import type { ClusterApi } from './cluster-api.js';
import { KubernetesPods } from './kubernetes-pods.js';
import { type AssignedPool, assignNodeIds } from './node-ids.js';
import {
  claim,
  configMap,
  kafkaObjects,
  poolPodSet,
  type ReconciledCluster,
  zooKeeperObjects,
  zooKeeperPodSet,
} from './objects.js';
import { type PassLog, passLog } from './operator-log.js';
import type { StoredPod } from './pod-logs.js';
import {
  KAFKA_KIND,
  type KafkaNodePool,
  NODE_POOL,
  POD_SET,
  type StandInKafka,
  type StrimziPodSet,
} from './resources.js';
import { creatingStatus, failedStatus, pausedStatus, readyStatus, sameStatus, warningText } from './status.js';
import type { WatchedKind } from './watched.js';

export interface AssemblyOptions {
  readonly api: ClusterApi;
  readonly namespace: string;
  readonly name: string;
  readonly profile: OperatorProfile;
  readonly podSets: WatchedKind<StrimziPodSet>;
  readonly pods: WatchedKind<StoredPod>;
  /** Images of Kafka and ZooKeeper by Kafka version: STRIMZI_KAFKA_IMAGES. */
  readonly images: ReadonlyMap<string, string>;
  /** STRIMZI_FULL_RECONCILIATION_INTERVAL_MS. */
  readonly reconciliationIntervalMs: number;
  /** STRIMZI_OPERATION_TIMEOUT_MS. */
  readonly operationTimeoutMs: number;
  /** How long a pass with work to do pauses between the pod sets and the rolls, so that a test can provoke the race. */
  readonly holdPassMs: number;
  /** Numbers the passes of the whole operator. */
  readonly nextPass: () => number;
  readonly signal: AbortSignal;
}

type Trigger = 'watch' | 'timer';

/** The input of one pass. */
interface Pass {
  readonly cluster: ReconciledCluster;
  readonly pools: readonly AssignedPool[];
  readonly annotation: string;
  readonly log: PassLog;
}

const PAUSE_ANNOTATION = 'strimzi.io/pause-reconciliation';

/** The reconciliations of one Kafka resource, one after another. */
export class Assembly {
  readonly #options: AssemblyOptions;
  readonly #pods: KubernetesPods;
  readonly #sessions: ZooKeeperSessions;
  readonly #journal = new Journal();
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  #triggered = true;
  #wake: (() => void) | undefined;

  constructor(options: AssemblyOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#end.signal]);
    const { api, namespace, name, podSets, pods, operationTimeoutMs } = options;
    this.#sessions = new ZooKeeperSessions(
      () => `${name}-zookeeper-client.${namespace}.svc:2181`,
      this.#signal,
      () => undefined,
      deadlinesOf(0),
    );
    this.#pods = new KubernetesPods({
      api,
      namespace,
      cluster: name,
      podSets,
      pods,
      journal: this.#journal,
      sessions: this.#sessions,
      operationTimeoutMs,
      signal: this.#signal,
    });
  }

  /** One of the resources has changed. */
  trigger(): void {
    this.#triggered = true;
    this.#wake?.();
  }

  /** The resource was deleted: Kubernetes deletes the objects that it owned. */
  close(): void {
    this.#end.abort();
    this.#pods.close();
    this.#sessions.close().catch(() => undefined);
  }

  /** Reconciles until it is closed. */
  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      const trigger = await this.#next();
      if (this.#signal.aborted) return;
      await this.#reconcile(trigger);
    }
  }

  async #next(): Promise<Trigger> {
    if (!this.#triggered) {
      await new Promise<void>((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          this.#wake = undefined;
          this.#signal.removeEventListener('abort', finish);
          resolve();
        };
        const timer = setTimeout(finish, this.#options.reconciliationIntervalMs);
        this.#wake = finish;
        this.#signal.addEventListener('abort', finish);
      });
    }
    const trigger = this.#triggered ? 'watch' : 'timer';
    this.#triggered = false;
    return trigger;
  }

  async #reconcile(trigger: Trigger): Promise<void> {
    const { api, namespace, name } = this.#options;
    const log = passLog(this.#options.nextPass(), trigger, namespace, name);
    let configuration: string | undefined;
    try {
      const kafka = await api.get<StandInKafka>(KAFKA_KIND, namespace, name);
      if (kafka === undefined || kafka.metadata.deletionTimestamp !== undefined) return;
      log('INFO', 'AbstractOperator', `Kafka ${name} will be checked for creation or modification`);
      if (kafka.metadata.annotations?.[PAUSE_ANNOTATION] === 'true') {
        log('WARN', 'AbstractOperator', `Reconciliation of Kafka is paused (annotation ${PAUSE_ANNOTATION})`);
        await this.#writeStatus((now) => pausedStatus(now.metadata.generation ?? 0, now.status));
        return;
      }
      if (kafka.status === undefined) await this.#writeStatus(() => creatingStatus());
      const pass = await this.#begin(kafka, log);
      const plan = planPass({
        profile: this.#options.profile,
        image: pass.cluster.image,
        status: kafka.status?.kafkaMetadataState,
        desired: desired(pass),
        observed: observed(this.#pods),
      });
      configuration = plan.configurationState;
      const state = await this.#carryOut(plan, pass);
      await this.#succeeded(plan, pass, state);
    } catch (error) {
      if (this.#signal.aborted) return;
      await this.#failed(error, configuration, log);
    }
  }

  async #begin(kafka: StandInKafka, log: PassLog): Promise<Pass> {
    const { api, namespace, name, images, profile } = this.#options;
    const kafkaVersion = kafka.spec.kafka.version ?? profile.kafka.default;
    const image = images.get(kafkaVersion);
    if (image === undefined || !profile.kafka.supported.includes(kafkaVersion)) {
      const supported = profile.kafka.supported.filter((version) => images.has(version)).join(', ');
      throw new PassFailed(
        'UnsupportedKafkaVersionException',
        `Unsupported Kafka.spec.kafka.version: ${kafkaVersion}. Supported versions are: [${supported}]`,
      );
    }
    const stored = await api.list<KafkaNodePool>(NODE_POOL, namespace, `strimzi.io/cluster=${name}`);
    const pools = assignNodeIds(stored.filter((pool) => pool.metadata.deletionTimestamp === undefined));
    const pass = { cluster: { kafka, kafkaVersion, image }, pools, annotation: annotationOf(kafka), log };
    const port = kafka.spec.kafka.listeners.find(({ tls }) => !tls)?.port ?? 9092;
    this.#pods.beginPass({ log, claims: await this.#deletableClaims(), plainPort: port });
    return pass;
  }

  /** Claims that the operator may delete, by pod: those with `strimzi.io/delete-claim`. */
  async #deletableClaims(): Promise<ReadonlyMap<string, string>> {
    const { api, namespace, name } = this.#options;
    const kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims' };
    const claims = await api.list(kind, namespace, `strimzi.io/cluster=${name}`);
    return new Map(
      claims
        .filter(({ metadata }) => metadata.annotations?.['strimzi.io/delete-claim'] === 'true')
        .map(({ metadata }) => [metadata.name.replace(/^data-(\d+-)?/, ''), metadata.name]),
    );
  }

  /**
   * Executes the plan in the order of Strimzi's reconcilers: ZooKeeper's objects, the plan's ZooKeeper actions, the
   * validation of the pools, Kafka's objects with every pod's new configuration, the rolls, all pods ready, the state.
   */
  async #carryOut(plan: PassPlan, pass: Pass): Promise<KafkaMetadataState> {
    if (plan.configurationState !== undefined && plan.configurationState !== 'KRAFT') await this.#applyZooKeeper(pass);
    const firstOfKafka = plan.actions.findIndex(({ type }) => !isZooKeeperAction(type));
    const zooKeeper = plan.actions.slice(0, firstOfKafka);
    const kafka = plan.actions.slice(firstOfKafka);
    await this.#execute(plan, zooKeeper, pass);
    if (plan.end.type === 'fail') throw new PassFailed(plan.end.reason, plan.end.message);
    await this.#applyKafka(plan, pass);
    const firstOfEnd = kafka.findIndex(({ type }) => type === 'read-migration-state' || type === 'set-state');
    const work = kafka.slice(0, firstOfEnd);
    if (work.length > 0) {
      await this.#hold(pass);
      await this.#execute(plan, work, pass);
      // Measured (docs/behaviour.md, the race in the documented rollback): a pass with work to do waits for a
      // controller that was deleted during the pass until the operation times out.
      for (const { role, nodeIds } of pass.pools) {
        for (const nodeId of nodeIds) await this.#pods.waitUntilReady(role, nodeId);
      }
    }
    return executePass(
      { ...plan, actions: kafka.slice(firstOfEnd) },
      this.#pods,
      this.#passJournal(pass),
      this.#signal,
    );
  }

  /** Pauses the pass. A test deletes the pool when the log shows it. */
  async #hold({ log }: Pass): Promise<void> {
    const { holdPassMs } = this.#options;
    if (holdPassMs === 0) return;
    log('INFO', 'StandIn', `Holding this pass for ${holdPassMs} ms`);
    await pause(holdPassMs, undefined, { signal: this.#signal });
  }

  async #execute(plan: PassPlan, actions: readonly PassAction[], pass: Pass): Promise<void> {
    const stays = { type: 'set-state', to: plan.state, warnings: [] } as const;
    await executePass({ ...plan, actions: [...actions, stays] }, this.#pods, this.#passJournal(pass), this.#signal);
  }

  /** The executor's events, as the lines that Strimzi logs (recorded). */
  #passJournal({ log }: Pass): Journal {
    const journal = new Journal();
    journal.listen((event) => {
      if (event.type === 'operator-log') {
        const text = event.text
          .replace(/^Rolling zookeeper (\d+) /, (_, id: string) => {
            return `Rolling Pod ${this.#pods.podName('zookeeper', Number(id))} `;
          })
          .replace(/^Rolling (broker|controller) (\d+) /, (_, role: 'broker' | 'controller', id: string) => {
            return `Rolling Pod ${this.#pods.podName(role, Number(id))}/${id} `;
          })
          .replace(/^(Error updating broker configuration for) broker (\d+): .*/, (_, words: string, id: string) => {
            return `${words} pod ${this.#pods.podName('broker', Number(id))}/${id}`;
          });
        log(event.level === 'ERROR' ? 'ERROR' : 'INFO', event.logger, text);
      } else if (event.type === 'operator-deleted-znode') {
        const why = 'as part of the KRaft migration rollback';
        if (event.outcome === 'deleted') log('INFO', 'KRaftMigrationUtils', `Deleted the '${event.path}' znode ${why}`);
        else {
          const text = `The '${event.path}' znode doesn't exist already. Nothing to delete ${why}`;
          log('WARN', 'KRaftMigrationUtils', text);
        }
      }
    });
    return journal;
  }

  async #applyZooKeeper({ cluster }: Pass): Promise<void> {
    const { api } = this.#options;
    const { zookeeper } = cluster.kafka.spec;
    if (zookeeper === undefined) {
      throw new PassFailed(
        'InvalidResourceException',
        'The .spec.zookeeper section of the Kafka custom resource is missing. This section is required for a ZooKeeper-based cluster.',
      );
    }
    for (const object of zooKeeperObjects(cluster)) await api.apply(object);
    const set = zooKeeperPodSet(cluster, zookeeper.replicas);
    for (const pod of podNames(`${cluster.kafka.metadata.name}-zookeeper`, ordinals(zookeeper.replicas))) {
      const wanted = claim(cluster, undefined, zookeeper.storage, pod);
      if (wanted !== undefined) await api.apply(wanted);
    }
    await this.#applySet(set);
  }

  async #applyKafka(plan: PassPlan, pass: Pass): Promise<void> {
    const { api } = this.#options;
    const { cluster, pools } = pass;
    const { configurationState } = plan;
    if (configurationState === undefined) throw new Error('a pass without configuration reached Kafka');
    for (const pool of pools) {
      for (const pod of podNames(setOf(cluster, pool), pool.nodeIds)) {
        const wanted = claim(cluster, pool, pool.pool.spec.storage, pod);
        if (wanted !== undefined) await api.apply(wanted);
      }
    }
    const clusterId = await this.#clusterId(cluster.kafka, configurationState === 'KRAFT');
    await this.#writePoolStatus(pools, clusterId);
    for (const object of kafkaObjects(cluster)) await api.apply(object);
    const names = { ...namesOf(cluster), clusterDomain: 'cluster.local' };
    const nodePools: NodePool[] = pools.map(({ pool, role, nodeIds }) => ({ name: pool.metadata.name, role, nodeIds }));
    for (const pool of pools) {
      for (const nodeId of pool.nodeIds) {
        const rendered = renderConfiguration({
          cluster: names,
          kafkaVersion: cluster.kafkaVersion,
          clusterId: clusterId ?? '',
          pools: nodePools,
          node: { role: pool.role, nodeId },
          configurationState,
          userConfiguration: userConfigurationOf(cluster.kafka),
          listeners: cluster.kafka.spec.kafka.listeners,
        });
        await api.apply(configMap(cluster, pool, nodeId, rendered));
      }
    }
    for (const pool of pools) await this.#applySet(poolPodSet(cluster, pool, configurationState));
  }

  /** Applies a set and waits until the watch has it: later steps read it from the watch. */
  async #applySet(set: Parameters<ClusterApi['apply']>[0]): Promise<void> {
    const { api, podSets } = this.#options;
    const { uid, generation } = (await api.apply<StrimziPodSet>(set)).metadata;
    const { namespace, name } = set.metadata;
    const seen = (): boolean => {
      const known = podSets.get(namespace, name);
      return known?.metadata.uid === uid && (known.metadata.generation ?? 0) >= (generation ?? 0);
    };
    // The set may be deleted with its owner before the watch has it. The pass then fails when it waits for the pods.
    const gone = async (): Promise<boolean> =>
      (await api.get<StrimziPodSet>(POD_SET, namespace, name))?.metadata.uid !== uid;
    while (!seen()) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          unsubscribe();
          resolve();
        };
        const unsubscribe = podSets.subscribe(() => {
          if (seen()) done();
        });
        const timer = setTimeout(done, 1000);
      });
      if (!seen() && (await gone())) return;
      this.#signal.throwIfAborted();
    }
  }

  async #writePoolStatus(pools: readonly AssignedPool[], clusterId: string | undefined): Promise<void> {
    const { api, namespace, name } = this.#options;
    for (const { pool, nodeIds } of pools) {
      await api.writeStatus<KafkaNodePool>(NODE_POOL, namespace, pool.metadata.name, (now) => {
        const status = {
          ...(clusterId === undefined ? {} : { clusterId }),
          labelSelector: `strimzi.io/cluster=${name},strimzi.io/name=${name}-kafka,strimzi.io/kind=Kafka,strimzi.io/pool-name=${pool.metadata.name}`,
          nodeIds,
          observedGeneration: now.metadata.generation ?? 0,
          replicas: nodeIds.length,
          roles: pool.spec.roles,
        };
        return now.metadata.uid !== pool.metadata.uid || sameStatus(status, now.status) ? undefined : status;
      });
    }
  }

  /** `status.clusterId`, or what the first broker wrote to ZooKeeper; a cluster that starts in KRaft mode gets one. */
  async #clusterId({ status }: StandInKafka, kraft: boolean): Promise<string | undefined> {
    if (status?.clusterId !== undefined) return status.clusterId;
    if (kraft) return Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
    const znode = await this.#sessions.get('/cluster/id');
    return znode === undefined ? undefined : (JSON.parse(znode.data) as { readonly id: string }).id;
  }

  async #succeeded(plan: PassPlan, pass: Pass, state: KafkaMetadataState): Promise<void> {
    const { log, cluster } = pass;
    const clusterId = await this.#clusterId(cluster.kafka, false);
    const warnings = plan.end.type === 'set-state' ? plan.end.warnings : [];
    for (const id of warnings) log('WARN', 'KafkaMetadataStateManager', warningText(id));
    if (state !== plan.state) {
      const text = `Transitioning metadata state from [${plan.state}] to [${state}] with strimzi.io/kraft annotation [${plan.annotation}]`;
      log('INFO', 'KafkaMetadataStateManager', text);
    }
    await this.#writeStatus((now) =>
      readyStatus({
        cluster: { ...cluster, kafka: { ...now, spec: cluster.kafka.spec } },
        pools: pass.pools.map(({ pool }) => pool),
        configuration: plan.configurationState,
        warnings,
        state,
        clusterId: clusterId ?? now.status?.clusterId,
        operatorVersion: this.#options.profile.version,
        before: now.status,
      }),
    );
    log('INFO', 'AbstractOperator', 'reconciled');
  }

  async #failed(error: unknown, configuration: string | undefined, log: PassLog): Promise<void> {
    const { name } = this.#options;
    const reason =
      error instanceof PassFailed ? error.reason : error instanceof EnvironmentError ? error.name : 'RuntimeException';
    const text = error instanceof Error ? error.message : String(error);
    const message = reason === 'InvalidResourceException' ? `The Kafka cluster ${name} is invalid: [${text}]` : text;
    const unexpected = !(error instanceof PassFailed || error instanceof EnvironmentError) && error instanceof Error;
    log(
      'ERROR',
      'AbstractOperator',
      'createOrUpdate failed',
      `${reason}: ${message}${unexpected ? `\n${error.stack}` : ''}`,
    );
    log('WARN', 'AbstractOperator', 'Failed to reconcile', `${reason}: ${message}`);
    // Thrown outside the code that writes a failure to the status (docs/behaviour.md, the state machine).
    if (reason === 'IllegalArgumentException') return;
    await this.#writeStatus((now) =>
      failedStatus({ generation: now.metadata.generation ?? 0, configuration, reason, message, before: now.status }),
    ).catch((failure: unknown) => log('ERROR', 'AbstractOperator', 'Failed to update status', failure));
  }

  async #writeStatus(next: (kafka: StandInKafka) => NonNullable<StandInKafka['status']>): Promise<void> {
    const { api, namespace, name } = this.#options;
    await api.writeStatus<StandInKafka>(KAFKA_KIND, namespace, name, (now) => {
      const status = next(now);
      return sameStatus(status, now.status) ? undefined : status;
    });
  }
}

function isZooKeeperAction(type: PassAction['type']): boolean {
  return ['create-zookeeper', 'roll-zookeeper', 'delete-znode', 'erase-zookeeper'].includes(type);
}

function annotationOf(kafka: StandInKafka): string {
  return readKraftAnnotation(kafka.metadata.annotations?.['strimzi.io/kraft']);
}

function desired({ cluster, pools, annotation }: Pass): DesiredCluster {
  const idsOf = (role: 'broker' | 'controller') =>
    pools.filter((pool) => pool.role === role).flatMap(({ nodeIds }) => nodeIds);
  const controllers = pools.some(({ role }) => role === 'controller') ? idsOf('controller') : undefined;
  return {
    annotation,
    zookeeperIds: ordinals(cluster.kafka.spec.zookeeper?.replicas ?? 0),
    brokerIds: idsOf('broker'),
    controllerIds: controllers,
    // Whether a leftover claim is deleted depends on its annotation.
    deleteClaim: true,
  };
}

function observed(pods: KubernetesPods): ObservedCluster {
  const nodes = pods.nodes();
  const kafkaNodes = (role: 'broker' | 'controller') =>
    nodes
      .filter((node) => node.role === role)
      .flatMap(({ nodeId, configurationState, image, ready, updatedSinceStart }) =>
        configurationState === null ? [] : [{ nodeId, configurationState, image, ready, updatedSinceStart }],
      );
  return {
    zookeepers: nodes
      .filter(({ role }) => role === 'zookeeper')
      .map(({ nodeId, image, ready }) => ({ nodeId, image, ready })),
    brokers: kafkaNodes('broker'),
    controllers: kafkaNodes('controller'),
  };
}

function ordinals(count: number): readonly number[] {
  return Array.from({ length: count }, (_, ordinal) => ordinal);
}

function podNames(set: string, ids: readonly number[]): readonly string[] {
  return ids.map((id) => `${set}-${id}`);
}

function namesOf({ kafka }: ReconciledCluster): { readonly name: string; readonly namespace: string } {
  return { name: kafka.metadata.name, namespace: kafka.metadata.namespace };
}

function setOf(cluster: ReconciledCluster, { pool }: AssignedPool): string {
  return `${cluster.kafka.metadata.name}-${pool.metadata.name}`;
}

function userConfigurationOf({ spec }: StandInKafka): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(spec.kafka.config ?? {}).map(([key, value]) => [key, String(value)]));
}
