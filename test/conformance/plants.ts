import { comparePrepared, type PreparedJournal, prepareJournal } from '../../src/comparison/compare.js';
import type { EventOf, JournalEvent } from '../../src/journal/events.js';
import { firstLoss, firstOutage } from '../../src/journal/loss.js';

/** A changed copy of a journal: comparing it with the original must find the change. */
export interface Plant {
  readonly what: string;
  /** Position of the event that was changed. */
  readonly index: number;
  readonly events: readonly JournalEvent[];
}

/** What was planted in the second of two journals, and is not found by comparing it with this first one. */
export function missedInSecond(first: PreparedJournal, plants: readonly Plant[]): readonly string[] {
  return missed(plants, (plant) => comparePrepared(first, plant).agree);
}

/** The same for plants in the first journal. */
export function missedInFirst(plants: readonly Plant[], second: PreparedJournal): readonly string[] {
  return missed(plants, (plant) => comparePrepared(plant, second).agree);
}

function missed(plants: readonly Plant[], agrees: (plant: PreparedJournal) => boolean): readonly string[] {
  return plants.filter(({ events }) => agrees(prepareJournal(events))).map(({ what }) => what);
}

/** Positions of the events that are compared: those before the first loss or outage and before the verdict. */
export function compared(events: readonly JournalEvent[]): readonly [number, JournalEvent][] {
  const verdict = events.findIndex((event) => event.type === 'verdict');
  const damages = [firstLoss(events), firstOutage(events)].map((damage) => damage?.index ?? events.length);
  const until = Math.min(...damages, verdict);
  return [...events.entries()].slice(0, until);
}

function without(events: readonly JournalEvent[], index: number): readonly JournalEvent[] {
  return events.filter((_, i) => i !== index);
}

function replaced(events: readonly JournalEvent[], index: number, event: JournalEvent): readonly JournalEvent[] {
  return events.map((old, i) => (i === index ? event : old));
}

/** The events with one of them at another time, in order of time again. */
function moved(events: readonly JournalEvent[], index: number, t: number): readonly JournalEvent[] {
  return events
    .map((event, i) => ({ event: i === index ? { ...event, t } : event, i }))
    .sort((a, b) => a.event.t - b.event.t || a.i - b.i)
    .map(({ event }) => event);
}

const DROPPED: readonly JournalEvent['type'][] = [
  'gesture',
  'state-changed',
  'node-started',
  'node-stopped',
  'node-gone',
  'volume-wiped',
  'operator-deleted-znode',
];

/**
 * A journal without any one of its events. The last one before a loss or outage that ended the run is not dropped: a
 * run whose loss or outage came sooner can lack it.
 */
export function droppedEvents(events: readonly JournalEvent[]): readonly Plant[] {
  const dropped = compared(events).filter(([, event]) => DROPPED.includes(event.type));
  return (prepareJournal(events).endedByDamage ? dropped.slice(0, -1) : dropped).map(([index, event]) => ({
    what: `without ${event.type} at ${event.t} s`,
    index,
    events: without(events, index),
  }));
}

/** @param starts which starts are changed; by default each. */
export function changedKeys(
  events: readonly JournalEvent[],
  starts: (event: EventOf<'node-started'>) => boolean = () => true,
): readonly Plant[] {
  return compared(events).flatMap(([index, event]) => {
    if (event.type !== 'node-started' || !starts(event)) return [];
    const plant = (key: string, changed: JournalEvent) => ({
      what: `${key} of ${event.pod} at ${event.t} s`,
      index,
      events: replaced(events, index, changed),
    });
    return [
      ...Object.keys(event.configuration).flatMap((key) => {
        const { [key]: value, ...rest } = event.configuration;
        return [
          plant(`changed ${key}`, { ...event, configuration: { ...rest, [key]: `${value}-planted` } }),
          plant(`missing ${key}`, { ...event, configuration: rest }),
        ];
      }),
      ...Object.keys(event.configMap).map((key) => {
        const { [key]: value, ...rest } = event.configMap;
        return plant(`changed ${key}`, { ...event, configMap: { ...rest, [key]: `${value}-planted` } });
      }),
      plant('another mode', { ...event, mode: event.mode === 'kraft' ? 'zookeeper-based' : 'kraft' }),
    ];
  });
}

/** Each of the orders between lanes that a journal has, broken by moving one of the two events past the other. */
export function brokenOrders(events: readonly JournalEvent[]): readonly Plant[] {
  const all = compared(events);
  const last = <T extends JournalEvent['type']>(type: T, test: (event: EventOf<T>) => boolean, before = Infinity) =>
    all.findLast(([, e]) => e.type === type && e.t < before && test(e as EventOf<T>));
  const first = <T extends JournalEvent['type']>(type: T, test: (event: EventOf<T>) => boolean, after = 0) =>
    all.find(([, e]) => e.type === type && e.t > after && test(e as EventOf<T>));
  const rollback = last('state-changed', (e) => e.to === 'KRaftDualWriting' && e.from === 'KRaftPostMigration');
  const start = rollback?.[1].t ?? Number.POSITIVE_INFINITY;
  const controllersGone = rollback === undefined ? undefined : last('node-gone', (e) => e.pod.includes('controller'));
  const controller = first('operator-deleted-znode', (e) => e.path === '/controller', start);
  const migration = first('operator-deleted-znode', (e) => e.path === '/migration', start);
  const stopped = first('node-stopped', (e) => e.pod.includes('broker'), start);
  const zooKeeper = first('state-changed', (e) => e.to === 'ZooKeeper', start);
  const chain = [controllersGone, controller, migration, stopped, zooKeeper].filter((found) => found !== undefined);
  const plants = chain.slice(1).flatMap((later, i): Plant[] => {
    const earlier = chain[i];
    // Two lines of the operator's log are only a few milliseconds apart: their lane compares their order.
    if (earlier === undefined || (later[1].t - earlier[1].t < 2 && later !== migration)) return [];
    return [
      {
        what: `${JSON.stringify(later[1]).slice(0, 80)} before ${JSON.stringify(earlier[1]).slice(0, 80)}`,
        index: later[0],
        events: moved(events, later[0], earlier[1].t - (later === migration ? 0.001 : 2.001)),
      },
    ];
  });
  const waits = all.flatMap(([index, event]): Plant[] => {
    if (event.type !== 'state-awaited') return [];
    const state = last('state-changed', (e) => e.to === event.state, event.t + 2);
    const gesture = all.find(([i, e]) => i > index && e.type === 'gesture');
    if (state === undefined || gesture === undefined) return [];
    return [
      {
        what: `${event.state} after the gesture that waited for it`,
        index: state[0],
        events: moved(events, state[0], gesture[1].t + 2.001),
      },
    ];
  });
  return [...plants, ...waits];
}

/** Each restart of a broker or controller once more: stopped and started again as before. */
export function addedRestarts(events: readonly JournalEvent[]): readonly Plant[] {
  return compared(events).flatMap(([index, event]) => {
    if (event.type !== 'node-started' || event.role === 'zookeeper') return [];
    const stop: JournalEvent = { t: event.t, type: 'node-stopped', pod: event.pod, reason: 'rolled' };
    return [
      {
        what: `${event.pod} restarted once more at ${event.t} s`,
        index,
        events: [...events.slice(0, index + 1), stop, { ...event }, ...events.slice(index + 1)],
      },
    ];
  });
}

/**
 * A journal without any one whole restart of a broker or controller: a node that the operator forgets to roll. Forced
 * restarts, which are compared as one, are not dropped. Of a run that ended with a loss or outage, neither is the last
 * restart, nor are those of the roll in which the operator was then, if it had restarted another broker: a run can have
 * ended before them.
 */
export function droppedRestarts(events: readonly JournalEvent[]): readonly Plant[] {
  const all = compared(events);
  const { endedByDamage } = prepareJournal(events);
  const cutOff = endedByDamage
    ? all.findLastIndex(([, e]) => ['gesture', 'state-changed'].includes(e.type) || isReconciled(e))
    : all.length;
  const isBroker = (event: JournalEvent): boolean => event.type === 'node-started' && event.role === 'broker';
  const rolled = new Set(all.slice(cutOff + 1).flatMap(([, e]) => (isBroker(e) && 'pod' in e ? [e.pod] : [])));
  const dropped = all.flatMap(([index, stop], at): Plant[] => {
    if (stop.type !== 'node-stopped' || stop.reason === 'forced') return [];
    const start = all.slice(at + 1).find(([, e]) => e.type === 'node-started' && e.pod === stop.pod);
    if (start === undefined || (at > cutOff && rolled.size > 1)) return [];
    return [
      {
        what: `${stop.pod} not restarted at ${stop.t} s`,
        index,
        events: events.filter((_, i) => i !== index && i !== start[0]),
      },
    ];
  });
  return endedByDamage ? dropped.slice(0, -1) : dropped;
}

function isReconciled(event: JournalEvent): boolean {
  return event.type === 'pass-ended' && event.outcome === 'reconciled';
}
