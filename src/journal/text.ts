import { isKraftAnnotation, kraftAnnotationText } from '../strimzi/migration-state.js';
import type { EventOf, Evidence, Gesture, KnownIssueReference, NodeStarted, VerdictReached, Writer } from './events.js';
import type { Vanishing } from './vanishing.js';

/*
 * The texts that every report shares. Past tense: a journal describes what happened.
 */

/**
 * Control characters except line break and tab, and characters that change the direction of a line: printed raw, they
 * could move the cursor, overwrite lines or set the title of a terminal.
 */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/**
 * A text that may hold names and messages from a journal, a cluster or a file, as it may be printed: unprintable
 * characters are shown as `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A moment: `347.9 s`, `0.0 s`. @param t seconds since the start of the run */
export function seconds(t: number): string {
  return `${t.toFixed(1)} s`;
}

/** `at 27.4 s`, `from 29.0 s to 29.1 s`. Seconds since the start of the run. */
export function timeSpan(from: number, to: number): string {
  return seconds(from) === seconds(to) ? `at ${seconds(from)}` : `from ${seconds(from)} to ${seconds(to)}`;
}

/** Seconds. Shorter differences mean nothing, because the logs are followed separately. */
const IMMEDIATE = 0.1;

/** How much later: `immediately after`, `0.4 s after`; from ten seconds on without a fraction, `63 s after`. */
export function after(difference: number): string {
  if (difference < IMMEDIATE) return 'immediately after';
  return `${difference.toFixed(difference < 10 ? 1 : 0)} s after`;
}

/** `1 topic`, `10 topics`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** How many names a sentence lists. */
const LISTED = 12;

/** `a, b, c`; from the thirteenth on `and N more`. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).join(', ');
  return names.length > LISTED ? `${shown} and ${names.length - LISTED} more` : shown;
}

/** What the user did: `set strimzi.io/kraft to rollback`. */
export function gestureText(gesture: Gesture): string {
  switch (gesture.gesture) {
    case 'deploy':
      return 'applied the broker pool and the Kafka resource';
    case 'create-controller-pool':
      return gesture.storage === 'ephemeral'
        ? 'created the controller pool (ephemeral storage)'
        : `created the controller pool (deleteClaim: ${gesture.deleteClaim})`;
    case 'delete-controller-pool':
      return `deleted the controller pool (deleteClaim: ${gesture.deleteClaim})`;
    case 'annotate':
      return isKraftAnnotation(gesture.value)
        ? `set strimzi.io/kraft to ${gesture.value}`
        : `set strimzi.io/kraft to ${kraftAnnotationText(gesture.value)}, which Strimzi does not know`;
    case 'delete-controller-volumes':
      return "deleted the controllers' volumes";
    case 'delete-znode':
      return `deleted the znode ${gesture.path}`;
    case 'write-znode':
      if (gesture.value === null) return `created the znode ${gesture.path} without data`;
      return `wrote ${gesture.value === '' ? 'empty data' : gesture.value} to the znode ${gesture.path}`;
    case 'restart-broker':
      return `deleted the pod of broker ${gesture.nodeId}`;
    case 'restart-controller':
      return `deleted the pod of controller ${gesture.nodeId}`;
    case 'restart-zookeeper':
      return `deleted the pod of ZooKeeper node ${gesture.nodeId}`;
    case 'restart-operator':
      return 'restarted the operator';
    case 'pause-reconciliation':
      return gesture.paused ? 'paused the reconciliation' : 'ended the pause of the reconciliation';
    case 'scale-broker-pool':
      return `scaled the broker pool to ${gesture.replicas}`;
    case 'rewrite-meta-properties':
      return `rewrote meta.properties of broker ${gesture.nodeId} with version 0`;
    case 'replace-broker-volume':
      return `deleted the claim and the pod of broker ${gesture.nodeId}`;
    case 'upgrade-operator':
      return `replaced the operator with Strimzi ${gesture.version}`;
  }
}

/** How a node runs and what for: `in ZooKeeper mode, configured for MIGRATION`. */
export function startText(start: Pick<NodeStarted, 'mode' | 'configurationState'>): string {
  if (start.configurationState === null) return '';
  const mode = start.mode === 'kraft' ? 'in KRaft mode' : 'in ZooKeeper mode';
  return `${mode}, configured for ${start.configurationState}`;
}

/** What the operator did about a znode: `deleted /controller`. */
export function deletionText(event: Pick<EventOf<'operator-deleted-znode'>, 'path' | 'outcome'>): string {
  return event.outcome === 'deleted' ? `deleted ${event.path}` : `found that ${event.path} did not exist`;
}

/** `session 0x1000123abcd0001, controller 1`. */
export function writerText(writer: Writer): string {
  return writer.who === undefined ? `session ${writer.session}` : `session ${writer.session}, ${writer.who}`;
}

/** `my-cluster-broker-0` -> `broker-0`: two runs need not share the cluster's name. */
export function shortPodName(pod: string, clusterName: string): string {
  return pod.startsWith(`${clusterName}-`) ? pod.slice(clusterName.length + 1) : pod;
}

/**
 * A line of Kafka's log without `[KRaftMigrationDriver id=1]` before it, and without the logger and thread after it.
 */
export function logMessage(text: string): string {
  return text.replace(/^\[[^\]]*\] /, '').replace(/ \([\w.$]+\)(?: \[[^\]]*\])?$/, '');
}

/** `strimzi-kafka-operator#11262`; `stale-controller-volumes, unreported`. */
export function issueText({ id, thread }: KnownIssueReference): string {
  return thread === 'unreported' ? `${id}, unreported` : id;
}

/**
 * `LOST as expected`; `LOST, NOT EXPECTED`, also where another loss was expected; `SURVIVED, BUT NOT AS EXPECTED` where
 * something was found that nothing explains, or an expected violation was not found; `INCONCLUSIVE`. A candidate may do
 * better than what is expected of it.
 */
export function verdictText({
  verdict,
  expected,
  asExpected,
}: Pick<VerdictReached, 'verdict' | 'expected' | 'asExpected'>): string {
  const capitals = verdict.toUpperCase();
  if (verdict === 'inconclusive') return capitals;
  if (asExpected) return verdict === expected ? `${capitals} as expected` : `${capitals}, BETTER THAN EXPECTED`;
  const survived = verdict === 'survived' && expected === 'survived';
  return survived ? `${capitals}, BUT NOT AS EXPECTED` : `${capitals}, NOT EXPECTED`;
}

/** The first part of a vanishing. The line that shows it has the time. */
export function vanishedText(part: Vanishing, cluster: string): string {
  const facts = [
    `${count(part.topics.length, 'topic')} vanished from ZooKeeper`,
    ...precedents(part, cluster),
    ...(part.writer !== undefined
      ? [`by ${writerText(part.writer)}`]
      : part.holder !== undefined
        ? [`while /controller belonged to ${part.holder}`]
        : []),
  ];
  const left = part.left === undefined ? '' : `; ${part.left === 0 ? 'none is' : `${part.left} are`} left`;
  return `${facts.join(', ')}: ${listNames(part.topics)}${left}`;
}

/** A later part of a vanishing whose first part has been reported. */
export function moreVanishedText(part: Vanishing, begun: Vanishing): string {
  const all = new Set([...begun.topics, ...part.topics]).size;
  return `${part.topics.length} more vanished: ${listNames(part.topics)}; ${all} in total`;
}

/**
 * After which sync topics vanished: `0.4 s after the full metadata sync of controller-1`; `together with` it if the
 * journal has the sync later than its deletions. undefined: the journal has no sync that can have caused it.
 * @param cluster the prefix that is removed from the names of pods; empty: names are shown in full
 */
export function syncText({ from, sync }: Pick<Vanishing, 'from' | 'sync'>, cluster: string): string | undefined {
  if (sync === undefined) return undefined;
  const order = sync.t <= from ? after(from - sync.t) : 'together with';
  return `${order} the full metadata sync of ${shortPodName(sync.pod, cluster)}`;
}

/** After which sync topics vanished, and in which state. */
export function precedents(vanishing: Vanishing, cluster: string): readonly string[] {
  const sync = syncText(vanishing, cluster);
  return [
    ...(sync === undefined ? [] : [sync]),
    ...(vanishing.state === undefined ? [] : [`in state ${vanishing.state}`]),
  ];
}

/**
 * When, by whom and after what: `at 27.4 s, by session 0x1, controller 1, ...`; all evidence of one change shares it.
 */
export function circumstancesText({ at, writer, note }: Evidence): string {
  return [
    ...(at === undefined ? [] : [`at ${seconds(at)}`]),
    ...(writer === undefined ? [] : [`by ${writerText(writer)}`]),
    ...(note === undefined ? [] : [note]),
  ].join(', ');
}
