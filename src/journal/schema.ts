import { z } from 'zod';
import { CONFIGURATION_STATE_ORDINALS, KAFKA_METADATA_STATES } from '../strimzi/migration-state.js';
import type { EventOf, JournalEventType } from './events.js';

/*
 * What a line of a journal must look like, type by type. `events.ts` is the contract, and the type of
 * EVENT_SCHEMAS makes the compiler enforce it: a new event type without a schema, or a schema that accepts anything
 * else, does not compile. Objects are loose, because a newer version may add an optional field to a known event.
 */

const text = z.string();
const count = z.number().int().nonnegative();
const flag = z.boolean();
const optional = z.exactOptional;

const metadataState = z.enum(KAFKA_METADATA_STATES);
/** A scenario may set one that Strimzi does not know. */
const annotation = text;
const configurationState = z.enum(
  Object.keys(CONFIGURATION_STATE_ORDINALS) as [keyof typeof CONFIGURATION_STATE_ORDINALS],
);
const stringMap = z.record(text, text);
const writer = z.looseObject({ session: text, address: optional(text), who: optional(text) });
const knownIssue = z.looseObject({ id: text, title: text, thread: text, entry: optional(text) });
const verdict = z.enum(['survived', 'lost', 'broken', 'inconclusive']);

/** One fact that shows a violation, of an invariant or of a scenario's own check. */
export const EVIDENCE = z.looseObject({
  subject: text,
  expected: text,
  found: text,
  lost: optional(
    z.looseObject({
      kind: z.enum(['topic', 'topic-id', 'topic-partitions', 'topic-configs', 'topic-deletion', 'records']),
      name: text,
      all: optional(flag),
    }),
  ),
  where: optional(z.enum(['znode', 'node', 'log'])),
  at: optional(z.number()),
  writer: optional(writer),
  note: optional(text),
  noteInMessage: optional(flag),
});

const topology = z.looseObject({ brokers: count, controllers: count, zookeepers: count });
/** A file in the run's folder: a journal from elsewhere must not name another one. */
const fileReference = z.looseObject({
  file: text.regex(/^\w[\w-]*\/\w[\w.-]*$/),
  sha256: text.regex(/^[0-9a-f]{64}$/),
});

/** Every event has the time, in seconds since the start of the run. */
const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.looseObject({ t: z.number().nonnegative(), type: z.literal(type), ...shape });

const gesture = <G extends string, S extends z.ZodRawShape>(name: G, shape: S) =>
  event('gesture', { gesture: z.literal(name), ...shape });

type Schemas = { readonly [T in JournalEventType]: z.ZodType<EventOf<T>> };

/** The schema of each type of event that this version knows. */
export const EVENT_SCHEMAS: Schemas = {
  'run-started': event('run-started', {
    journalVersion: z.number().int().positive(),
    run: text,
    scenario: text,
    title: text,
    operatorVersion: text,
    baseline: optional(text),
    kafkaVersion: text,
    topology,
    parts: z.looseObject({
      environment: text,
      operator: z.enum(['real', 'replayed', 'stand-in']),
      kafka: z.literal('real'),
      observedWithinSeconds: optional(z.number().nonnegative()),
    }),
    cluster: z.looseObject({ name: text, namespace: text, clusterDomain: text }),
    startedAt: text,
  }),
  'step-started': event('step-started', { step: text, index: count }),
  'step-ran': event('step-ran', { step: text }),
  'step-ended': event('step-ended', {
    step: text,
    outcome: z.enum(['passed', 'lost', 'broken', 'failed']),
    error: optional(text),
  }),
  gesture: z.discriminatedUnion('gesture', [
    gesture('deploy', {}),
    gesture('create-controller-pool', { deleteClaim: flag, storage: optional(z.literal('ephemeral')) }),
    gesture('delete-controller-pool', { deleteClaim: flag }),
    gesture('annotate', { value: annotation }),
    gesture('delete-controller-volumes', {}),
    gesture('delete-znode', { path: text }),
    gesture('write-znode', { path: text, value: z.string().nullable() }),
    gesture('restart-broker', { nodeId: count }),
    gesture('restart-controller', { nodeId: count }),
    gesture('restart-zookeeper', { nodeId: count }),
    gesture('restart-operator', {}),
    gesture('pause-reconciliation', { paused: flag }),
    gesture('scale-broker-pool', { replicas: count }),
    gesture('rewrite-meta-properties', { nodeId: count }),
    gesture('replace-broker-volume', { nodeId: count }),
    gesture('upgrade-operator', { version: text }),
  ]),
  'state-awaited': event('state-awaited', { state: metadataState }),
  'client-action': event('client-action', {
    action: z.enum(['create-topic', 'alter-topic', 'delete-topic', 'produce']),
    topic: text,
    records: optional(count),
  }),
  'state-changed': event('state-changed', { from: metadataState.nullable(), to: metadataState, annotation }),
  'pass-started': event('pass-started', {
    pass: count,
    state: metadataState.nullable(),
    annotation,
    configurationState: configurationState.nullable(),
  }),
  'pass-ended': event('pass-ended', {
    pass: count,
    outcome: z.enum(['reconciled', 'failed']),
    reason: optional(text),
    message: optional(text),
    warnings: optional(z.array(text)),
  }),
  'operator-restarted': event('operator-restarted', {}),
  'quorum-epoch': event('quorum-epoch', { pod: text, epoch: count }),
  'operator-log': event('operator-log', { level: text, logger: text, text }),
  'node-started': event('node-started', {
    role: z.enum(['zookeeper', 'broker', 'controller']),
    nodeId: count,
    pod: text,
    configurationState: configurationState.nullable(),
    mode: z.enum(['zookeeper', 'zookeeper-based', 'kraft']),
    configuration: stringMap,
    configMap: stringMap,
    volume: optional(z.enum(['empty', 'used'])),
  }),
  'node-ready': event('node-ready', { pod: text }),
  'node-stopping': event('node-stopping', { pod: text }),
  'node-stopped': event('node-stopped', {
    pod: text,
    reason: z.enum(['rolled', 'forced', 'deleted', 'user', 'died']),
    signal: optional(text),
    error: optional(text),
  }),
  'container-restarted': event('container-restarted', {
    pod: text,
    how: text,
    backOff: z.number().nonnegative(),
    error: optional(text),
  }),
  'node-unresponsive': event('node-unresponsive', { pod: text, detail: text }),
  fault: event('fault', { fault: text, action: z.enum(['inject', 'undo']), pod: optional(text) }),
  'node-gone': event('node-gone', { pod: text }),
  'volume-wiped': event('volume-wiped', { pod: text }),
  'operator-deleted-znode': event('operator-deleted-znode', { path: text, outcome: z.enum(['deleted', 'absent']) }),
  'znode-changed': event('znode-changed', {
    path: text,
    change: z.enum(['created', 'changed', 'deleted', 'expired']),
    ephemeral: optional(flag),
    value: optional(text),
    writer: optional(writer),
    phase: optional(z.enum(['absent', 'initial', 'copied'])),
  }),
  'topics-changed': event('topics-changed', {
    created: optional(z.array(text)),
    deleted: optional(z.array(text)),
    topics: optional(z.array(text)),
    writer: optional(writer),
  }),
  'controller-log': event('controller-log', {
    pod: text,
    level: text,
    text,
    driverState: optional(text),
    zkMigrationState: optional(z.enum(['NONE', 'MIGRATION', 'PRE_MIGRATION', 'POST_MIGRATION', 'ZK'])),
  }),
  'node-log': event('node-log', {
    pod: text,
    level: text,
    text,
    sign: text,
    more: optional(z.number().int().positive()),
  }),
  'snapshot-taken': event('snapshot-taken', {
    step: text,
    source: z.enum(['zookeeper', 'kraft']),
    topics: count,
    file: optional(text),
  }),
  observed: event('observed', {
    step: text,
    moment: z.enum(['ended', 'aborted', 'timed-out']),
    state: metadataState.nullable(),
    topology,
    znodes: z.record(text, z.looseObject({ value: text, ephemeral: flag }).nullable()),
    observation: fileReference,
    zookeeper: optional(fileReference),
    kraft: optional(fileReference),
    only: optional(z.literal('outage')),
  }),
  'invariant-evaluated': event('invariant-evaluated', {
    step: text,
    invariant: text,
    about: z.enum(['loss', 'outage', 'residue', 'conduct']),
    holds: flag,
    message: optional(text),
    evidence: optional(z.array(EVIDENCE)),
    knownIssue: optional(knownIssue),
    notExplained: optional(text),
  }),
  verdict: event('verdict', {
    verdict,
    expected: verdict,
    because: optional(text),
    asExpected: flag,
    summary: text,
    step: optional(text),
    knownIssue: optional(knownIssue),
  }),
  'run-ended': event('run-ended', { how: z.enum(['completed', 'interrupted']) }),
};

/** What every line has, also one of a type that only a later version knows. */
export const ANY_EVENT = z.looseObject({ t: z.number().nonnegative(), type: text.min(1) });
