import type { EventOf, JournalEvent } from '../../journal/events.js';
import { migrationPhase } from '../../witness/migration-znode.js';
import { is } from './history.js';

export type MigrationPhase = 'absent' | 'initial' | 'copied';

export interface ZnodeChange {
  readonly event: EventOf<'znode-changed'>;
  /** Where it stands in the events. */
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

/** Who holds `/controller`. */
export interface ControllerClaim {
  readonly nodeId: number;
  /** At least 0 where a KRaft controller holds it; -1 for a broker. */
  readonly kraftControllerEpoch: number;
}

/**
 * The content of `/controller`, `{"version":2,"brokerid":1,"timestamp":"...","kraftControllerEpoch":1}`; undefined when
 * it is not that. A KRaft controller's claim is persistent and has an epoch of at least 0, a broker's is ephemeral and
 * has -1 (Kafka 3.9.0 `core/.../zk/KafkaZkClient.scala:174-233`; recording 0.45.1-one-broker, 142-255 s).
 */
export function parseController(value: string): ControllerClaim | undefined {
  let content: unknown;
  try {
    content = JSON.parse(value);
  } catch {
    // Not Kafka's text: the callers say so with the text itself.
    return undefined;
  }
  if (typeof content !== 'object' || content === null || !('brokerid' in content)) return undefined;
  const { brokerid } = content;
  if (typeof brokerid !== 'number') return undefined;
  const epoch = 'kraftControllerEpoch' in content ? content.kraftControllerEpoch : -1;
  return { nodeId: brokerid, kraftControllerEpoch: typeof epoch === 'number' ? epoch : -1 };
}

/** Whether a KRaft controller has written this content of `/controller`. */
export function isKraftClaim(value: string | undefined): boolean {
  return value !== undefined && (parseController(value)?.kraftControllerEpoch ?? -1) >= 0;
}
