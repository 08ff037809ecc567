import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { compareJournals, type PreparedJournal, prepareJournal } from '../../src/comparison/compare.js';
import { UsageError } from '../../src/errors.js';
import type { EventOf, JournalEvent } from '../../src/journal/events.js';
import { readJournal } from '../../src/journal/file.js';
import { summarise } from '../../src/journal/summary.js';
import { packageRoot } from '../../src/package-root.js';
import { LIBRARY } from '../support/library.js';
import {
  brokenOrders,
  changedKeys,
  compared,
  droppedEvents,
  droppedRestarts,
  missedInFirst,
  missedInSecond,
} from './plants.js';

const FOLDER = join(packageRoot(), 'fixtures', 'recordings');
const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => file.replace(/\.jsonl$/, ''));

/**
 * Recordings with fewer orders between lanes than the others: without a documented rollback or without the deletion, or
 * the deletion came too soon after the controllers had gone to tell which was first.
 */
const FEWER_ORDERS: ReadonlyMap<string, number> = new Map([
  ['0.45.1-disabled-first', 5],
  ['0.45.2-broker-volume-lost', 5],
  ['0.45.2-migrate-and-finalize', 2],
]);

/** Of the starts with the same configuration, the first: the comparison treats them alike. */
function firstWithItsConfiguration(): (event: EventOf<'node-started'>) => boolean {
  const seen = new Set<string>();
  return ({ role, configurationState }) => {
    const key = `${role} ${configurationState}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  };
}

const recordings = new Map<string, readonly JournalEvent[]>();
const preparedRecordings = new Map<string, PreparedJournal>();

function recording(name: string): readonly JournalEvent[] {
  const events = recordings.get(name);
  if (events === undefined) throw new Error(`no recording ${name}`);
  return events;
}

/** Laid out once: it is compared with hundreds of changed copies. */
function prepared(name: string): PreparedJournal {
  const found = preparedRecordings.get(name) ?? prepareJournal(recording(name));
  preparedRecordings.set(name, found);
  return found;
}

beforeAll(async () => {
  for (const name of NAMES) recordings.set(name, await readJournal(join(FOLDER, `${name}.jsonl`)));
});

describe('the recordings', () => {
  it('are of the real operator, ended with a verdict, and include every shipped scenario that real operators were asked to run', () => {
    expect(NAMES).toHaveLength(17);
    const runs = NAMES.map((name) => summarise(recording(name)));
    expect(new Set(runs.map(({ started, verdict }) => [started.parts.operator, verdict?.verdict]).map(String))).toEqual(
      new Set(['real,survived', 'real,lost', 'real,broken']),
    );
    const recorded = runs.filter(({ started }) => started.baseline === undefined);
    expect(recorded.map(({ started }) => started.scenario)).toEqual(
      expect.arrayContaining([
        ...LIBRARY.filter(({ where }) => where === 'everywhere').map(({ scenario }) => scenario),
        'broker-volume-replaced-then-rolled-back',
        'broker-added-then-rolled-back',
      ]),
    );
  });

  it.each(NAMES)('%s agrees with itself', (name) => {
    const comparison = compareJournals(recording(name), recording(name));
    expect(comparison.firstDifference).toBeUndefined();
    expect(comparison.agree).toBe(true);
  });

  it.each(NAMES)('%s differs from itself when any one event of a lane is missing', (name) => {
    const plants = droppedEvents(recording(name));
    expect(plants.length).toBeGreaterThan(20);
    expect(missedInSecond(prepared(name), plants)).toEqual([]);
  });

  it.each(NAMES)('%s differs from itself when a node is not restarted', (name) => {
    const plants = droppedRestarts(recording(name));
    expect(plants.length).toBeGreaterThan(1);
    expect(missedInSecond(prepared(name), plants)).toEqual([]);
    expect(missedInFirst(plants, prepared(name))).toEqual([]);
  });

  it('differ from themselves when any one key of a configuration is changed', () => {
    // One start of each role and configuration state in all recordings: they have the same keys in each.
    const isFirst = firstWithItsConfiguration();
    const plants = NAMES.map((name) => ({ name, changed: changedKeys(recording(name), isFirst) }));
    expect(plants.flatMap(({ changed }) => changed).length).toBeGreaterThan(300);
    expect(plants.flatMap(({ name, changed }) => missedInSecond(prepared(name), changed))).toEqual([]);
  });

  it.each(NAMES)('%s differs from itself when an order between lanes is broken', (name) => {
    const plants = brokenOrders(recording(name));
    expect(plants.length).toBeGreaterThanOrEqual(FEWER_ORDERS.get(name) ?? 6);
    expect(missedInSecond(prepared(name), plants)).toEqual([]);
  });

  it.each(NAMES)('%s does not agree with a copy that ends early, nor differs from it', (name) => {
    const events = recording(name);
    const early = events
      .slice(0, (compared(events).at(-1)?.[0] ?? 0) + 1)
      .filter((event) => event.type !== 'run-ended');
    for (const comparison of [compareJournals(events, early), compareJournals(early, events)]) {
      expect(comparison).toMatchObject({ agree: false, undecided: expect.stringContaining('reached no verdict') });
      expect(comparison.firstDifference).toBeUndefined();
      expect(comparison.compared.items).toBeGreaterThan(20);
    }
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
  it.each(NAMES)('agrees with %s, but not if it lacks an event', (name) => {
    const replay = asReplayed(recording(name));
    expect(compareJournals(recording(name), replay).firstDifference).toBeUndefined();
    expect(compareJournals(replay, recording(name)).firstDifference).toBeUndefined();
    expect(missedInFirst(droppedEvents(replay), prepared(name))).toEqual([]);
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

  it('of different versions are refused unless that is allowed', () => {
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
