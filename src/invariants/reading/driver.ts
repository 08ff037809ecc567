import type { JournalEvent } from '../../journal/events.js';
import type { ZkMigrationState } from '../../strimzi/migration-state.js';
import { is, runningNodes } from './history.js';

/** What the migration driver of a running controller last logged. */
export interface Driver {
  readonly pod: string;
  /** Of Kafka 3.9.0 `MigrationDriverState`: UNINITIALIZED, INACTIVE, WAIT_FOR_BROKERS ... DUAL_WRITE. */
  readonly state: string;
  /** Seconds since the start of the run. */
  readonly since: number;
  /** What Strimzi reads from this controller: the last one replayed since its start. */
  readonly zkMigrationState: ZkMigrationState | undefined;
  /** The last ERROR that it logged since its start. */
  readonly error: { readonly t: number; readonly text: string } | undefined;
}

/** States of a driver that does not lead: every controller except the active one is in one of them. */
const IDLE: ReadonlySet<string> = new Set(['UNINITIALIZED', 'INACTIVE']);

/**
 * The driver that leads the migration: the one of a running controller that is not idle, or else the one that changed
 * its state last. undefined while no running controller has logged its driver's state.
 */
export function leadingDriver(events: readonly JournalEvent[]): Driver | undefined {
  const drivers = runningNodes(events)
    .filter((node) => node.start.role === 'controller')
    .map((node) => driverOf(node.start.pod, events.slice(node.index)))
    .filter((driver): driver is Driver => driver !== undefined)
    .sort((a, b) => a.since - b.since);
  return drivers.findLast((driver) => !IDLE.has(driver.state)) ?? drivers.at(-1);
}

function driverOf(pod: string, events: readonly JournalEvent[]): Driver | undefined {
  let state: { name: string; since: number } | undefined;
  let zkMigrationState: ZkMigrationState | undefined;
  let error: { t: number; text: string } | undefined;
  for (const event of events) {
    if (!is(event, 'controller-log') || event.pod !== pod) continue;
    if (event.driverState !== undefined) state = { name: event.driverState, since: event.t };
    if (event.zkMigrationState !== undefined) zkMigrationState = event.zkMigrationState;
    if (event.level === 'ERROR') error = { t: event.t, text: event.text };
  }
  return state === undefined ? undefined : { pod, state: state.name, since: state.since, zkMigrationState, error };
}
