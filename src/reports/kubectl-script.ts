import { stringify } from 'yaml';
import { UsageError } from '../errors.js';
import type { FaultEvent, GestureEvent, JournalEvent, RunStarted } from '../journal/events.js';
import { summarise } from '../journal/summary.js';
import { count } from '../journal/text.js';
import type { NodeRole } from '../strimzi/migration-state.js';
import { podName } from '../strimzi/nodes.js';
import { KRAFT_ANNOTATION, PAUSE_ANNOTATION } from '../strimzi/resources.js';
import { word } from '../strimzi/shell.js';
import { functionsFor } from './shell-functions.js';

/** What a script applies: without a namespace and without labels of a run. */
export interface ScriptManifests {
  /** The Kafka resource of a run. */
  readonly kafka: (run: RunStarted) => object;
  /** The KafkaNodePool `controller` or `broker` of a run. */
  readonly pool: (run: RunStarted, role: 'broker' | 'controller', pool: ScriptPool) => object;
}

/** As in the gestures: `ephemeral` is an `emptyDir`; absent: claims. */
export interface ScriptPool {
  readonly deleteClaim: boolean;
  readonly storage?: 'ephemeral';
}

/** A script shows a few of the topics that clients made in each step of a run. */
const TOPICS_IN_STEP = 3;
/** As many as `nodes-stay-up` asks for: a node that ends so often does not stay up. */
const ENDS_SHOWN = 3;
/** Several, so that brokers which were added have some of them. The journal does not have the number. */
const PARTITIONS = 4;
const NAMESPACED = 'kubectl -n "$namespace"';
const OPERATOR = 'kubectl -n "$operator_namespace"';

/**
 * A bash script that repeats what the user did in a run, with kubectl only: for a report to people who do not have
 * remigrate. It is made only from the journal and the manifests. It deletes nothing that the run's gestures did not
 * delete, names a namespace in each command, and ends at the first command that fails.
 * @throws UsageError if the run has a gesture or fault that kubectl cannot repeat.
 */
export function kubectlScript(events: readonly JournalEvent[], manifests: ScriptManifests): string {
  const { started } = summarise(events);
  const topics = topicsOf(events);
  const lines = events.flatMap((event, at) => {
    switch (event.type) {
      case 'step-started':
        return ['', `echo ${word(`# ${event.step}`)}`];
      case 'gesture':
        return gesture({ events, at, started, manifests }, event);
      case 'fault':
        return fault(event);
      case 'state-awaited':
        return [`wait_for_state ${event.state}`];
      case 'client-action':
        return topics.has(event.topic) ? clientAction(event) : [];
      default:
        return [];
    }
  });
  const script = [...lines, ...ending(events, topics)];
  return [...head(events), ...functionsFor(script, started.cluster.name), ...script, ''].join('\n');
}

function head(events: readonly JournalEvent[]): readonly string[] {
  const { title, scenario, operatorVersion, kafkaVersion, topology } = summarise(events).started;
  const { brokers, controllers, zookeepers } = topology;
  const nodes = [count(brokers, 'broker'), count(controllers, 'controller'), count(zookeepers, 'ZooKeeper node')];
  return [
    '#!/usr/bin/env bash',
    `# ${title}.`,
    `# The gestures of a run of the scenario ${scenario}:`,
    `# Strimzi ${operatorVersion}, Kafka ${kafkaVersion}, ${nodes.join(', ')}.`,
    '#',
    '# Usage: bash SCRIPT NAMESPACE [NAMESPACE OF THE OPERATOR]',
    `# It needs bash 4.4, kubectl 1.31, a default StorageClass, and the Cluster Operator of Strimzi ${operatorVersion},`,
    '# which must be installed and watch the namespace. Use a namespace that has nothing else in it: the script makes a',
    '# Kafka cluster there, and leaves it as it is at the end. The first command that fails ends the script.',
    'set -euo pipefail',
    `namespace=\${1:?the namespace for the Kafka cluster}`,
    `operator_namespace=\${2:-$namespace}`,
  ];
}

interface Context {
  readonly events: readonly JournalEvent[];
  /** The index of the gesture. */
  readonly at: number;
  readonly started: RunStarted;
  readonly manifests: ScriptManifests;
}

function gesture(context: Context, event: GestureEvent): readonly string[] {
  const { events, at, started, manifests } = context;
  const { name } = started.cluster;
  const pod = (role: NodeRole, nodeId: number): string => podName(name, role, nodeId);
  switch (event.gesture) {
    case 'deploy':
      return [
        ...applied(manifests.pool(started, 'broker', { deleteClaim: true })),
        ...applied(manifests.kafka(started)),
      ];
    case 'create-controller-pool': {
      const { deleteClaim, storage } = event;
      const pool = { deleteClaim, ...(storage === undefined ? {} : { storage }) };
      return applied(manifests.pool(started, 'controller', pool));
    }
    case 'delete-controller-pool':
      return [
        ...(awaitedState(events, at) ? ['wait_for_passes 3'] : []),
        `${NAMESPACED} delete kafkanodepool/controller`,
        ...controllersAt(events, at).flatMap((controller) => [
          `wait_until_gone pod/${controller}`,
          ...(event.deleteClaim && !ephemeralAt(events, at) ? [`wait_until_gone pvc/${claimOf(controller)}`] : []),
        ]),
      ];
    case 'annotate':
      return [`${NAMESPACED} annotate kafka/${name} ${KRAFT_ANNOTATION}=${word(event.value)} --overwrite`];
    case 'delete-controller-volumes':
      return controllersAt(events, at).map((controller) => `${NAMESPACED} delete pvc/${claimOf(controller)}`);
    case 'delete-znode':
      return [`delete_znode ${word(event.path)}`];
    case 'write-znode':
      return [['write_znode', word(event.path), ...(event.value === null ? [] : [word(event.value)])].join(' ')];
    case 'restart-broker':
      return replaced(context, pod('broker', event.nodeId), []);
    case 'restart-controller':
      return replaced(context, pod('controller', event.nodeId), []);
    case 'restart-zookeeper':
      return replaced(context, pod('zookeeper', event.nodeId), []);
    case 'replace-broker-volume': {
      const broker = pod('broker', event.nodeId);
      // The claim ends when its pod has ended.
      return replaced(context, broker, [`${NAMESPACED} delete pvc/${claimOf(broker)} --wait=false`]);
    }
    case 'scale-broker-pool':
      return [
        `${NAMESPACED} patch kafkanodepool/broker --type=merge -p '{"spec":{"replicas":${event.replicas}}}'`,
        ...brokersAdded(events, at).map((broker) => `wait_for_pod ${broker}`),
      ];
    case 'restart-operator':
      return ['restart_operator'];
    case 'pause-reconciliation':
      return [`${NAMESPACED} annotate kafka/${name} ${PAUSE_ANNOTATION}${event.paused ? '=true' : '-'} --overwrite`];
    case 'upgrade-operator':
      return [
        `# The folder install/cluster-operator of Strimzi ${event.version}, with the namespaces of your installation.`,
        `${OPERATOR} replace -f "\${UPGRADE:?the folder install/cluster-operator of Strimzi ${event.version}}"`,
        `${OPERATOR} rollout status deployment/strimzi-cluster-operator --timeout=10m`,
      ];
    case 'rewrite-meta-properties':
      throw impossible(event.gesture, 'it rewrites a file on the volume of a container that does not stay up');
    default:
      throw impossible(nameOf(event), 'no command of it is known');
  }
}

function nameOf(event: never): string {
  return String((event as { readonly gesture?: unknown }).gesture);
}

function impossible(gesture: string, why: string): UsageError {
  return new UsageError(`No script can be made of this run. kubectl alone cannot make the gesture ${gesture}: ${why}.`);
}

function fault({ fault, action, pod }: FaultEvent): readonly string[] {
  // As the fault does in Kubernetes: the shortest grace period that lets the container end before its successor starts.
  if (fault === 'kill-node' && action === 'inject' && pod !== undefined) {
    return [`${NAMESPACED} delete pod/${pod} --grace-period=1 --wait=false`];
  }
  throw new UsageError(`No script can be made of this run. kubectl alone cannot cause the fault ${fault}.`);
}

function applied(manifest: object): readonly string[] {
  return [`${NAMESPACED} apply -f - <<'EOF'`, ...stringify(manifest).trimEnd().split('\n'), 'EOF'];
}

/** A pod that the user deletes. If it ended by itself since the last gesture, the user had waited for that. */
function replaced({ events, at }: Context, pod: string, before: readonly string[]): readonly string[] {
  const since = events.slice(0, at).findLastIndex(({ type }) => type === 'gesture');
  const ends = endsOf(events.slice(since + 1, at), pod);
  return [
    ...(ends === 0 ? [] : [`wait_for_restarts ${pod} 1`]),
    ...before,
    `${NAMESPACED} delete pod/${pod}`,
    `wait_for_pod ${pod}`,
  ];
}

/** The claim of JBOD volume 0, which every pool of the manifests has (Strimzi 0.45.1 `VolumeUtils.java:365-375`). */
function claimOf(pod: string): string {
  return `data-0-${pod}`;
}

/** How often a node ended by itself, and was started again in its pod. */
function endsOf(events: readonly JournalEvent[], pod: string): number {
  return events.filter((event) => event.type === 'container-restarted' && event.pod === pod).length;
}

/** Whether the user had waited for a state since the last annotation. */
function awaitedState(events: readonly JournalEvent[], at: number): boolean {
  const before = events.slice(0, at);
  const annotated = before.findLastIndex((event) => event.type === 'gesture' && event.gesture === 'annotate');
  return before.slice(annotated + 1).some(({ type }) => type === 'state-awaited');
}

function poolAt(events: readonly JournalEvent[], at: number): number {
  return events
    .slice(0, at)
    .findLastIndex((event) => event.type === 'gesture' && event.gesture === 'create-controller-pool');
}

/** The pods of the controller pool that was created last. */
function controllersAt(events: readonly JournalEvent[], at: number): readonly string[] {
  return podsStarted(events.slice(Math.max(poolAt(events, at), 0), at), 'controller');
}

function ephemeralAt(events: readonly JournalEvent[], at: number): boolean {
  const created = events[poolAt(events, at)];
  return created?.type === 'gesture' && created.gesture === 'create-controller-pool' && created.storage !== undefined;
}

/** The brokers that started for the first time between this gesture and the next one. */
function brokersAdded(events: readonly JournalEvent[], at: number): readonly string[] {
  const after = events.slice(at + 1);
  const next = after.findIndex(({ type }) => type === 'gesture');
  const before = podsStarted(events.slice(0, at), 'broker');
  return podsStarted(next === -1 ? after : after.slice(0, next), 'broker').filter((pod) => !before.includes(pod));
}

function podsStarted(events: readonly JournalEvent[], role: NodeRole): readonly string[] {
  return [
    ...new Set(events.flatMap((event) => (event.type === 'node-started' && event.role === role ? event.pod : []))),
  ];
}

type ClientActionEvent = Extract<JournalEvent, { readonly type: 'client-action' }>;

/** The topics that the script makes, with the records that it writes to them; the last action decides if it exists. */
interface ScriptTopic {
  readonly records: number;
  readonly deleted: boolean;
}

function topicsOf(events: readonly JournalEvent[]): ReadonlyMap<string, ScriptTopic> {
  const topics = new Map<string, ScriptTopic>();
  let inStep = 0;
  for (const event of events) {
    if (event.type === 'step-started') inStep = 0;
    if (event.type !== 'client-action') continue;
    const known = topics.get(event.topic);
    if (event.action === 'create-topic' && (known !== undefined || inStep < TOPICS_IN_STEP)) {
      if (known === undefined) inStep += 1;
      topics.set(event.topic, { records: 0, deleted: false });
    } else if (known !== undefined) {
      const records = known.records + (event.action === 'produce' ? (event.records ?? 0) : 0);
      topics.set(event.topic, { records, deleted: event.action === 'delete-topic' });
    }
  }
  return topics;
}

function clientAction({ action, topic, records = 0 }: ClientActionEvent): readonly string[] {
  const name = word(topic);
  switch (action) {
    case 'create-topic':
      return [`kafka_tool kafka-topics.sh --create --topic ${name} --partitions ${PARTITIONS}`];
    case 'alter-topic':
      return [
        `kafka_tool kafka-configs.sh --alter --entity-type topics --entity-name ${name} --add-config retention.ms=-1`,
      ];
    case 'delete-topic':
      return [`kafka_tool kafka-topics.sh --delete --topic ${name}`];
    case 'produce':
      return records === 0 ? [] : [`produce ${name} ${records}`];
  }
}

/** What shows how the run ended: a node that does not stay up, or what is left of the topics. */
function ending(events: readonly JournalEvent[], topics: ReadonlyMap<string, ScriptTopic>): readonly string[] {
  const { verdict } = summarise(events);
  const last = events.findLastIndex(({ type }) => type === 'gesture');
  const after = events.slice(last + 1);
  const restarted = new Set(after.flatMap((event) => (event.type === 'container-restarted' ? event.pod : [])));
  const down = [...restarted].filter((pod) => endsOf(after, pod) >= ENDS_SHOWN).sort();
  const left = [...topics].filter(([, { deleted }]) => !deleted);
  const shown =
    down.length > 0
      ? down.flatMap((pod) => [`wait_for_restarts ${pod} ${ENDS_SHOWN}`, `last_error ${pod}`])
      : left.length === 0
        ? []
        : [
            'listed=$(kafka_tool kafka-topics.sh --list)',
            ...left.map(([topic, { records }]) => `report_topic ${word(topic)}${records === 0 ? '' : ` ${records}`}`),
          ];
  if (shown.length === 0) return [];
  return ['', `echo ${word(`# the end${verdict === undefined ? '' : `, in the run: ${verdict.verdict}`}`)}`, ...shown];
}
