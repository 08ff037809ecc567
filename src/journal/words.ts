import type { EventOf, Gesture, NodeStarted, Writer } from './events.js';

/*
 * How things are called in a sentence, the same in every report. Past tense: a journal tells what was.
 */

/** `347.9 s`; less than a second to the millisecond: `0.045 s`, `0.4 s`. */
export function seconds(t: number): string {
  return Math.abs(t) < 1 ? `${Math.round(t * 1000) / 1000} s` : `${t.toFixed(1)} s`;
}

/** `1 topic`, `10 topics`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** What the user did: `set strimzi.io/kraft to rollback`. */
export function gestureText(gesture: Gesture): string {
  switch (gesture.gesture) {
    case 'deploy':
      return 'applied the broker pool and the Kafka resource';
    case 'create-controller-pool':
      return `created the controller pool (deleteClaim: ${gesture.deleteClaim})`;
    case 'delete-controller-pool':
      return `deleted the controller pool (deleteClaim: ${gesture.deleteClaim})`;
    case 'annotate':
      return `set strimzi.io/kraft to ${gesture.value}`;
    case 'delete-controller-volumes':
      return "deleted the controllers' volumes";
    case 'delete-znode':
      return `deleted the znode ${gesture.path}`;
    case 'restart-broker':
      return `deleted the pod of broker ${gesture.nodeId}`;
    case 'upgrade-operator':
      return `replaced the operator by Strimzi ${gesture.version}`;
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
  return event.outcome === 'deleted' ? `deleted ${event.path}` : `found ${event.path} absent already`;
}

/** `session 0x1000123abcd0001, controller 1`. */
export function writerText(writer: Writer): string {
  return writer.who === undefined ? `session ${writer.session}` : `session ${writer.session}, ${writer.who}`;
}

/** `my-cluster-broker-0` -> `broker-0`: two runs need not share the cluster's name. */
export function podName(pod: string, clusterName: string): string {
  return pod.startsWith(`${clusterName}-`) ? pod.slice(clusterName.length + 1) : pod;
}
