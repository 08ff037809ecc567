import type { JournalEvent } from './events.js';

/**
 * The pods on which a fault of the scenario lasts at the end of the events: it was injected and not undone, and the
 * node was not started again since, which ends it.
 */
export function podsWithActiveFault(events: readonly JournalEvent[]): ReadonlySet<string> {
  const pods = new Set<string>();
  for (const event of events) {
    if (event.type === 'fault' && event.pod !== undefined) {
      if (event.action === 'inject') pods.add(event.pod);
      else pods.delete(event.pod);
    } else if (event.type === 'node-started' || event.type === 'container-restarted' || event.type === 'node-gone') {
      pods.delete(event.pod);
    }
  }
  return pods;
}
