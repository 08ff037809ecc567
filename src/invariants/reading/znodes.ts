import type { EventOf, JournalEvent } from '../../journal/events.js';
import { isKraftController, migrationPhase, readController } from '../../metadata/zookeeper/znodes.js';
import { is } from './history.js';

export type MigrationPhase = 'absent' | 'initial' | 'copied';

export interface ZnodeChange {
  readonly event: EventOf<'znode-changed'>;
  /** Its index in the events. */
  readonly index: number;
}

/** Every journalled change of one znode, in order. */
export function changesOf(path: string, events: readonly JournalEvent[]): readonly ZnodeChange[] {
  const changes: ZnodeChange[] = [];
  events.forEach((event, index) => {
    if (is(event, 'znode-changed') && event.path === path) changes.push({ event, index });
  });
  return changes;
}

/** What `/migration` is after a change: an offset above 0 means that the metadata has been copied. */
export function phaseAfter({ event }: ZnodeChange): MigrationPhase {
  if (event.phase !== undefined) return event.phase;
  if (event.change === 'deleted' || event.change === 'expired') return 'absent';
  return event.value === undefined ? 'initial' : migrationPhase(event.value);
}

/** The phase of `/migration` just before the event at `index`; before the first change it is absent. */
export function phaseBefore(changes: readonly ZnodeChange[], index: number): MigrationPhase {
  const last = changes.findLast((change) => change.index < index);
  return last === undefined ? 'absent' : phaseAfter(last);
}

/** Whether a KRaft controller has written this content of `/controller`. */
export function isKraftClaim(value: string | undefined): boolean {
  const controller = value === undefined ? undefined : readController(value);
  return controller !== undefined && isKraftController(controller);
}
