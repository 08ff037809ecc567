import type { JournalEvent } from '../../journal/events.js';
import { is } from './history.js';

/** A node that did not answer when it was last asked. */
export interface UnresponsiveNode {
  readonly pod: string;
  /** What was asked, and what happened. */
  readonly detail: string;
  /** The fault of the scenario itself that explains it; undefined: something outside of the cluster does. */
  readonly fault: string | undefined;
}

/** The nodes that did not answer when they were last asked, and were neither stopped nor started again since then. */
export function unresponsiveNodes(events: readonly JournalEvent[]): readonly UnresponsiveNode[] {
  const silent = new Map<string, UnresponsiveNode>();
  const faults = new Map<string, string>();
  for (const event of events) {
    if (is(event, 'fault')) {
      if (event.pod === undefined) continue;
      if (event.action === 'inject') faults.set(event.pod, event.fault);
      else faults.delete(event.pod);
    } else if (is(event, 'node-unresponsive')) {
      silent.set(event.pod, { pod: event.pod, detail: event.detail, fault: faults.get(event.pod) });
    } else if (is(event, 'node-started') || is(event, 'node-stopped') || is(event, 'container-restarted')) {
      silent.delete(event.pod);
      faults.delete(event.pod);
    }
  }
  return [...silent.values()];
}
