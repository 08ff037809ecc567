import { KAFKA_METADATA_STATES, type KafkaMetadataState } from '../../strimzi/migration-state.js';

/** A line of the Cluster Operator's log. */
export interface OperatorLine {
  readonly level: string;
  /** The class, `KafkaRoller`. */
  readonly logger: string;
  /** The pass that it belongs to; undefined if it belongs to no pass, or to another kind of resource. */
  readonly pass: number | undefined;
  /** Without the reconciliation's marker. */
  readonly text: string;
}

/** Why a pass failed. */
export interface PassFailure {
  /** The exception's class, as in the reason of the status condition: `InvalidResourceException`. */
  readonly reason: string;
  readonly message?: string;
}

/** What a line says about the migration. */
export type OperatorFact =
  | { readonly fact: 'pass-ended'; readonly outcome: 'reconciled' | 'failed' }
  | {
      readonly fact: 'state-changed';
      readonly from: KafkaMetadataState;
      readonly to: KafkaMetadataState;
      /** As Strimzi reads it; Strimzi need not know it. */
      readonly annotation: string;
    }
  | { readonly fact: 'znode-deleted'; readonly path: string; readonly outcome: 'deleted' | 'absent' }
  /** `reasons` is the text in the brackets: `Pod has old revision`; empty for a forced restart. */
  | { readonly fact: 'rolling'; readonly pod: string; readonly reasons: string }
  /**
   * The pod is deleted now, so that it is recreated. It follows `rolling`, except when the roller forces the restart.
   */
  | { readonly fact: 'restarting'; readonly pod: string };

/**
 * Strimzi's log4j2 pattern `%d{yyyy-MM-dd HH:mm:ss} %-5p %c{1}:%L - %m%n` (0.45.1 `log4j2.properties` of the operator).
 */
const LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (\w+) +(\w+):\d+ - (.*)$/;
/** `Reconciliation #78(watch) Kafka(namespace/my-cluster): ` (0.45.1 `Reconciliation.java`, its marker). */
const OF_KAFKA = /^Reconciliation #(\d+)\(\w+\) Kafka\((?:[^/)]+\/)?[^)]+\): (.*)$/;
/** The same marker, to read the namespace and name from it. */
const RESOURCE = /^Reconciliation #\d+\(\w+\) Kafka\(([^)]+)\): /;

const TRANSITION =
  /^Transitioning metadata state from \[(\w+)\] to \[(\w+)\] with strimzi\.io\/kraft annotation \[(.*)\]$/;
const ZNODE_DELETED = /^Deleted the '([^']+)' znode as part of the KRaft migration rollback/;
const ZNODE_ABSENT = /^The '([^']+)' znode doesn't exist already/;
/** The KafkaRoller adds the node's id to the pod's name. */
const ROLLING = /^Rolling Pod ([^\s/]+)(?:\/\d+)? due to \[(.*)\]$/;
/** What log4j2 writes after an event's line: the exception's class, `a.b.Outer$Inner`, its message, and its stack. */
const EXCEPTION = /^(?:[\w$]+[.$])*(\w+)(?:: (.*))?$/;
const RESTARTING = /^Rolling pod (\S+)$/;

/** undefined: not the first line of an event of Strimzi's log (a stack trace, a line of the JVM). */
export function parseOperatorLine(line: string): OperatorLine | undefined {
  const [, level, logger, message] = LINE.exec(line) ?? [];
  if (level === undefined || logger === undefined || message === undefined) return undefined;
  const [, pass, text] = OF_KAFKA.exec(message) ?? [];
  return pass === undefined || text === undefined
    ? { level, logger, pass: undefined, text: message }
    : { level, logger, pass: Number(pass), text };
}

/** Why a pass failed, from the line after its failure; undefined: not the first line of an exception. */
export function failureOf(line: string): PassFailure | undefined {
  const [, reason, message] = EXCEPTION.exec(line) ?? [];
  if (reason === undefined) return undefined;
  return { reason, ...(message === undefined ? {} : { message }) };
}

/**
 * Selects the lines about one Kafka resource in the log of an operator that reconciles more than one. A line without a
 * header (of a stack trace) belongs to the same resource as the line before it.
 * @returns a predicate, which must be called for every line, in order.
 */
export function linesAbout(kafka: { readonly namespace: string; readonly name: string }): (line: string) => boolean {
  let about = false;
  return (line) => {
    const message = LINE.exec(line)?.[3];
    if (message !== undefined) about = RESOURCE.exec(message)?.[1] === `${kafka.namespace}/${kafka.name}`;
    return about;
  };
}

/**
 * What a line says about the migration; undefined: nothing. Sources (Strimzi 0.45.1): `AbstractOperator.java`
 * (reconciled, createOrUpdate failed), `KafkaMetadataStateManager.java`, `KRaftMigrationUtils.java:59-84`,
 * `KafkaRoller.java:473`, `ZooKeeperRoller.java:159`, `PodOperator.java` (restart). Every text except ZooKeeper's is in
 * the recordings.
 */
export function factOf({ logger, text }: OperatorLine): OperatorFact | undefined {
  switch (logger) {
    case 'AbstractOperator':
      if (text === 'reconciled') return { fact: 'pass-ended', outcome: 'reconciled' };
      return text === 'createOrUpdate failed' ? { fact: 'pass-ended', outcome: 'failed' } : undefined;
    case 'KafkaMetadataStateManager':
      return transition(text);
    case 'KRaftMigrationUtils': {
      const deleted = ZNODE_DELETED.exec(text)?.[1];
      if (deleted !== undefined) return { fact: 'znode-deleted', path: deleted, outcome: 'deleted' };
      const absent = ZNODE_ABSENT.exec(text)?.[1];
      return absent === undefined ? undefined : { fact: 'znode-deleted', path: absent, outcome: 'absent' };
    }
    case 'KafkaRoller':
    case 'ZooKeeperRoller': {
      const [, pod, reasons] = ROLLING.exec(text) ?? [];
      return pod === undefined || reasons === undefined ? undefined : { fact: 'rolling', pod, reasons };
    }
    case 'PodOperator': {
      const pod = RESTARTING.exec(text)?.[1];
      return pod === undefined ? undefined : { fact: 'restarting', pod };
    }
    default:
      return undefined;
  }
}

function transition(text: string): OperatorFact | undefined {
  const [, from, to, annotation] = TRANSITION.exec(text) ?? [];
  const states: readonly string[] = KAFKA_METADATA_STATES;
  if (from === undefined || to === undefined || annotation === undefined) return undefined;
  if (!states.includes(from) || !states.includes(to)) return undefined;
  return {
    fact: 'state-changed',
    from: from as KafkaMetadataState,
    to: to as KafkaMetadataState,
    annotation,
  };
}
