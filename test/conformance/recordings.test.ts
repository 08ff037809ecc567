import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { UsageError } from '../../src/errors.js';
import { compareJournals } from '../../src/journal/compare.js';
import type { EventOf, JournalEvent } from '../../src/journal/events.js';
import { readJournal } from '../../src/journal/file.js';
import { firstLoss } from '../../src/journal/loss.js';
import { packageRoot } from '../../src/package-root.js';

const FOLDER = join(packageRoot(), 'fixtures', 'recordings');
const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => file.replace(/\.jsonl$/, ''));

const recordings = new Map<string, readonly JournalEvent[]>();

function recording(name: string): readonly JournalEvent[] {
  const events = recordings.get(name);
  if (events === undefined) throw new Error(`no recording ${name}`);
  return events;
}

beforeAll(async () => {
  for (const name of NAMES) recordings.set(name, await readJournal(join(FOLDER, `${name}.jsonl`)));
});

/** A changed copy of a recording. */
interface Plant {
  readonly what: string;
  readonly events: readonly JournalEvent[];
}

/** Positions of the events that are compared: the ones before the first loss and before the verdict. */
function compared(events: readonly JournalEvent[]): readonly [number, JournalEvent][] {
  const verdict = events.findIndex((event) => event.type === 'verdict');
  const until = Math.min(firstLoss(events)?.index ?? events.length, verdict);
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

function droppedEvents(events: readonly JournalEvent[]): readonly Plant[] {
  return compared(events)
    .filter(([, event]) => DROPPED.includes(event.type))
    .map(([index, event]) => ({ what: `without ${event.type} at ${event.t} s`, events: without(events, index) }));
}

function changedKeys(events: readonly JournalEvent[]): readonly Plant[] {
  return compared(events).flatMap(([index, event]) => {
    if (event.type !== 'node-started') return [];
    const plant = (key: string, changed: JournalEvent) => ({
      what: `${key} of ${event.pod} at ${event.t} s`,
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

/** Each of the orders between lanes, broken by moving one of the two events to the far side of the other. */
function brokenOrders(events: readonly JournalEvent[]): readonly Plant[] {
  const all = compared(events);
  const last = <T extends JournalEvent['type']>(type: T, test: (event: EventOf<T>) => boolean, before = Infinity) =>
    all.findLast(([, e]) => e.type === type && e.t < before && test(e as EventOf<T>));
  const first = <T extends JournalEvent['type']>(type: T, test: (event: EventOf<T>) => boolean, after = 0) =>
    all.find(([, e]) => e.type === type && e.t > after && test(e as EventOf<T>));
  const rollback = last('state-changed', (e) => e.to === 'KRaftDualWriting' && e.from === 'KRaftPostMigration');
  if (rollback === undefined) throw new Error('no rollback in the recording');
  const start = rollback[1].t;
  const controllersGone = last('node-gone', (e) => e.pod.includes('controller'));
  const controller = first('operator-deleted-znode', (e) => e.path === '/controller', start);
  const migration = first('operator-deleted-znode', (e) => e.path === '/migration', start);
  const stopped = first('node-stopped', (e) => e.pod.includes('broker'), start);
  const zooKeeper = first('state-changed', (e) => e.to === 'ZooKeeper', start);
  const chain = [controllersGone, controller, migration, stopped, zooKeeper].filter((found) => found !== undefined);
  const plants = chain.slice(1).flatMap((later, i): Plant[] => {
    const earlier = chain[i];
    // Two lines of the operator's log a few milliseconds apart: their order is the lane's.
    if (earlier === undefined || (later[1].t - earlier[1].t < 2 && later !== migration)) return [];
    return [
      {
        what: `${JSON.stringify(later[1]).slice(0, 80)} before ${JSON.stringify(earlier[1]).slice(0, 80)}`,
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
        events: moved(events, state[0], gesture[1].t + 2.001),
      },
    ];
  });
  return [...plants, ...waits];
}

describe('the recordings', () => {
  it('are seven', () => {
    expect(NAMES).toHaveLength(7);
  });

  it.each(NAMES)('%s agrees with itself', (name) => {
    const comparison = compareJournals(recording(name), recording(name));
    expect(comparison.firstDifference).toBeUndefined();
    expect(comparison.agree).toBe(true);
  });

  it.each(NAMES)('%s differs from itself when any one event of a lane is missing', (name) => {
    const plants = droppedEvents(recording(name));
    expect(plants.length).toBeGreaterThan(25);
    const missed = plants.filter((plant) => compareJournals(recording(name), plant.events).agree);
    expect(missed.map((plant) => plant.what)).toEqual([]);
  });

  it.each(NAMES)('%s differs from itself when any one key of a configuration is changed', (name) => {
    const plants = changedKeys(recording(name));
    expect(plants.length).toBeGreaterThan(500);
    const missed = plants.filter((plant) => compareJournals(recording(name), plant.events).agree);
    expect(missed.map((plant) => plant.what)).toEqual([]);
  });

  it.each(NAMES)('%s differs from itself when an order between lanes is broken', (name) => {
    const plants = brokenOrders(recording(name));
    expect(plants.length).toBeGreaterThanOrEqual(name === '0.45.1-disabled-first' ? 5 : 6);
    const missed = plants.filter((plant) => compareJournals(recording(name), plant.events).agree);
    expect(missed.map((plant) => plant.what)).toEqual([]);
  });

  it.each(NAMES)('%s differs from a copy that breaks off', (name) => {
    const events = recording(name);
    const early = events
      .slice(0, (compared(events).at(-1)?.[0] ?? 0) + 1)
      .filter((event) => event.type !== 'run-ended');
    const { firstDifference } = compareJournals(events, early);
    expect(firstDifference).toBeDefined();
  });
});

/** The recording as a local run would have journalled it: faster, under other names, and without the finalisation. */
function asReplayed(events: readonly JournalEvent[]): readonly JournalEvent[] {
  const finalise = events.findIndex((event) => event.type === 'step-started' && event.step === 'finalise');
  const ending = events.slice(events.findIndex((event) => event.type === 'verdict'));
  const namespace = events[0]?.type === 'run-started' ? events[0].cluster.namespace : '';
  return [...(finalise < 0 ? events.slice(0, -ending.length) : events.slice(0, finalise)), ...ending].map((event) => {
    const renamed = JSON.parse(JSON.stringify(event).replaceAll(`${namespace}.svc`, 'elsewhere.svc')) as JournalEvent;
    const t = event.t / 20;
    if (renamed.type !== 'run-started') return { ...renamed, t };
    const parts = { environment: 'local', operator: 'replayed', kafka: 'real' } as const;
    return { ...renamed, t, parts, cluster: { ...renamed.cluster, namespace: 'elsewhere' } };
  });
}

describe('a local run that does the same', () => {
  it.each(NAMES)('agrees with %s, and no longer when it lacks an event', (name) => {
    const replay = asReplayed(recording(name));
    expect(compareJournals(recording(name), replay).firstDifference).toBeUndefined();
    expect(compareJournals(replay, recording(name)).firstDifference).toBeUndefined();
    const missed = droppedEvents(replay).filter((plant) => compareJournals(plant.events, recording(name)).agree);
    expect(missed.map((plant) => plant.what)).toEqual([]);
  });
});

describe('two recordings', () => {
  it('of 0.45.1 and 0.45.2 agree, up to where only one finalises', () => {
    const comparison = compareJournals(recording('0.45.1-one-broker'), recording('0.45.2-one-broker'), {
      acrossVersions: true,
    });
    expect(comparison.firstDifference).toBeUndefined();
    expect(comparison.comparedUntil).toBe(
      "A (0.45.1-one-broker) to 397.7 s, where the user set strimzi.io/kraft to enabled and the other's scenario is " +
        'completed; B (0.45.2-one-broker) to its end at 396.8 s',
    );
  });

  it.each([
    ['0.45.0-one-broker', '0.45.1-one-broker'],
    ['0.45.0-claims-kept', '0.45.1-claims-kept'],
  ])('of %s and %s differ first where only the newer deletes /migration', (older, newer) => {
    const { firstDifference } = compareJournals(recording(older), recording(newer), { acrossVersions: true });
    expect(firstDifference).toMatchObject({
      lane: "operator's znode deletions",
      index: 1,
      a: null,
      b: 'the operator deleted /migration',
    });
    expect(firstDifference?.explanation).toContain('Before it, in both: the operator deleted /controller');
    expect(firstDifference?.explanation).toContain('after the user set strimzi.io/kraft to disabled');
  });

  it('of different versions are refused unless that is asked for', () => {
    const compare = () => compareJournals(recording('0.45.1-one-broker'), recording('0.45.2-one-broker'));
    expect(compare).toThrow(UsageError);
    expect(compare).toThrow('Strimzi: 0.45.1 and 0.45.2');
  });

  it.each([
    ['0.45.1-one-broker', '0.45.1-claims-kept', 'scenario: rollback-remigrate and rollback-remigrate-volumes-kept'],
    ['0.45.1-one-broker', '0.45.1-three-brokers', 'nodes: 1 brokers, 1 controllers, 1 ZooKeepers and 3 brokers'],
  ])('%s and %s are refused', (a, b, why) => {
    expect(() => compareJournals(recording(a), recording(b))).toThrow(why);
  });
});
