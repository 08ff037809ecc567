import { describe, expect, it } from '@jest/globals';
import { compareJournals, comparePrepared, prepareJournal } from '../../../src/comparison/compare.js';
import { UsageError } from '../../../src/errors.js';
import type { JournalEvent, JournalEventBody, RunStarted } from '../../../src/journal/events.js';
import {
  ALL_GONE,
  BROKEN,
  brokerStart,
  down,
  FORCED_STOP,
  journal,
  LOST,
  ROLLED_STOP,
  SURVIVED,
  started,
} from './journals.js';

const DEPLOY: JournalEventBody = { type: 'gesture', gesture: 'deploy' };
const ZOOKEEPER: JournalEventBody = { type: 'state-changed', from: null, to: 'ZooKeeper', annotation: 'disabled' };
const READY: JournalEventBody = { type: 'node-ready', pod: 'my-cluster-broker-0' };
const MIGRATION: JournalEventBody = { type: 'gesture', gesture: 'annotate', value: 'migration' };
const MIGRATING: JournalEventBody = {
  type: 'state-changed',
  from: 'ZooKeeper',
  to: 'KRaftMigration',
  annotation: 'migration',
};

describe('compareJournals', () => {
  it('refuses a journal without a head', () => {
    expect(() => compareJournals([], journal([]))).toThrow(UsageError);
  });

  describe('refuses runs that differ', () => {
    const BEGIN = 'The runs a-run and another cannot be compared, because they differ';
    const END = 'Compare two runs of one scenario with the same nodes and versions';

    it.each<[string, Partial<RunStarted>, string]>([
      ['in their scenario', { scenario: 'other' }, 'scenario: rollback-remigrate and other'],
      [
        'in their nodes',
        { topology: { brokers: 3, controllers: 1, zookeepers: 1 } },
        'nodes: 1 brokers, 1 controllers, 1 ZooKeepers and 3 brokers, 1 controllers, 1 ZooKeepers',
      ],
      ['in their operator version', { operatorVersion: '0.45.1' }, 'Strimzi: 0.45.0 and 0.45.1'],
      [
        'in everything',
        { scenario: 'other', kafkaVersion: '3.9.1' },
        'scenario: rollback-remigrate and other; Kafka: 3.9.0 and 3.9.1',
      ],
    ])('%s', (_, changes, text) => {
      const [a, b] = [journal(SURVIVED), journal(SURVIVED, started({ run: 'another', ...changes }))];
      const message = `${BEGIN} (${text}). ${END}; different operator versions can be allowed.`;
      expect(() => compareJournals(a, b)).toThrow(new UsageError(message));
      expect(() => comparePrepared(prepareJournal(a), prepareJournal(b))).toThrow(new UsageError(message));
    });

    it('but not in their operator version, if that is allowed', () => {
      const a = journal([DEPLOY, ...SURVIVED]);
      const b = journal([DEPLOY, ...SURVIVED], started({ operatorVersion: '0.45.1' }));
      expect(compareJournals(a, b, { acrossVersions: true }).agree).toBe(true);
      expect(comparePrepared(prepareJournal(a), prepareJournal(b), { acrossVersions: true }).agree).toBe(true);
      const other = journal([], started({ run: 'another', operatorVersion: '0.45.1', scenario: 'other' }));
      expect(() => compareJournals(a, other, { acrossVersions: true })).toThrow(
        new UsageError(`${BEGIN} (scenario: rollback-remigrate and other). ${END}.`),
      );
    });
  });

  it('refuses another Kafka version, even across operator versions', () => {
    const other = journal([], started({ kafkaVersion: '3.9.1' }));
    expect(() => compareJournals(journal([]), other, { acrossVersions: true })).toThrow('Kafka: 3.9.0 and 3.9.1');
  });

  it('sees no difference in the names that two runs do not share', () => {
    const start = brokerStart();
    const renamed = JSON.parse(
      JSON.stringify(brokerStart({ configMap: { ...start.configMap, 'cluster.id': 'BBBBBBBBBBBBBBBBBBBBBB' } }))
        .replaceAll('my-cluster', 'another')
        .replaceAll('test.svc', 'elsewhere.svc')
        .replaceAll('cluster.local', 'example.org'),
    ) as JournalEventBody;
    const cluster = { name: 'another', namespace: 'elsewhere', clusterDomain: 'example.org' };
    const b = journal([DEPLOY, renamed, ...SURVIVED], started({ cluster }));
    expect(compareJournals(journal([DEPLOY, start, ...SURVIVED]), b).firstDifference).toBeUndefined();
  });

  it('names the key that differs, with both values', () => {
    const start = brokerStart();
    const changed = brokerStart({ configuration: { ...start.configuration, 'log.dirs': '/elsewhere' } });
    const { firstDifference } = compareJournals(journal([start, ...SURVIVED]), journal([changed, ...SURVIVED]));
    expect(firstDifference?.lane).toBe('node broker-0');
    expect(firstDifference?.explanation).toContain(
      "What differs: server.config log.dirs is '/var/lib/kafka/data-0/kafka-log0' in A and is '/elsewhere' in B.",
    );
  });

  it('sees a cluster id that changes within a run', () => {
    const other = brokerStart({ configMap: { ...brokerStart().configMap, 'cluster.id': 'BBBBBBBBBBBBBBBBBBBBBB' } });
    const a = journal([brokerStart(), ROLLED_STOP, brokerStart(), ...SURVIVED]);
    expect(compareJournals(a, journal([brokerStart(), ROLLED_STOP, other, ...SURVIVED])).agree).toBe(false);
  });

  it('counts any number of forced restarts as one, but none as none', () => {
    const forced = [FORCED_STOP, brokerStart()];
    const run = (...restarts: JournalEventBody[]) => journal([brokerStart(), ...restarts, ROLLED_STOP, ...SURVIVED]);
    expect(compareJournals(run(...forced), run(...forced, ...forced, ...forced)).agree).toBe(true);
    expect(compareJournals(run(...forced), run()).agree).toBe(false);
    const last = (...restarts: JournalEventBody[]) => journal([brokerStart(), ...restarts, ...SURVIVED]);
    expect(compareJournals(last(...forced), last()).agree).toBe(false);
  });

  it('does not fold a forced restart that comes back with another configuration', () => {
    const other = brokerStart({ configurationState: 'ZK' });
    const run = (next: JournalEventBody) => journal([brokerStart(), FORCED_STOP, next, ...SURVIVED]);
    expect(compareJournals(run(brokerStart()), run(other)).agree).toBe(false);
  });

  it('does not compare whether a stopped pod was rolled or its owner deleted, but whether it died', () => {
    const run = (reason: 'rolled' | 'deleted' | 'user' | 'died') =>
      journal([brokerStart(), { type: 'node-stopped', pod: 'my-cluster-broker-0', reason }, ...SURVIVED]);
    expect(compareJournals(run('rolled'), run('deleted')).agree).toBe(true);
    expect(compareJournals(run('rolled'), run('died')).agree).toBe(false);
  });

  it('compares nothing after the verdict: that is the removal of the cluster', () => {
    const a = journal([brokerStart(), ...SURVIVED.slice(0, 1), ROLLED_STOP, ...SURVIVED.slice(1)]);
    expect(compareJournals(a, journal([brokerStart(), ...SURVIVED])).agree).toBe(true);
  });

  it('compares up to where one scenario is completed and the other goes on, and says so', () => {
    const a = journal([DEPLOY, ZOOKEEPER, ...SURVIVED]);
    const b = journal([DEPLOY, ZOOKEEPER, MIGRATION, MIGRATING, ...SURVIVED]);
    const comparison = compareJournals(a, b);
    expect(comparison.agree).toBe(true);
    expect(comparison.comparedUntil).toContain('B (a-run) to 3.0 s, where the user set strimzi.io/kraft to migration');
  });

  describe('of a run that reached no verdict', () => {
    const whole = journal([DEPLOY, ZOOKEEPER, brokerStart(), MIGRATION, MIGRATING, ...SURVIVED]);
    const inconclusive: readonly JournalEventBody[] = [
      {
        type: 'verdict',
        verdict: 'inconclusive',
        expected: 'survived',
        asExpected: false,
        summary: 'step "deploy": a port was taken',
      },
      { type: 'run-ended', how: 'completed' },
    ];
    const deploying: JournalEventBody = { type: 'step-started', step: 'deploy', index: 0 };
    const failed: JournalEventBody = { type: 'step-ended', step: 'deploy', outcome: 'failed', error: 'a port' };

    it.each([
      ['became inconclusive', [failed, ROLLED_STOP, ...inconclusive], 'it became inconclusive'],
      ['was interrupted', [inconclusive[0], { type: 'run-ended', how: 'interrupted' }], 'it was interrupted'],
      ['was killed', [], 'its journal ends'],
    ] as const)('that %s: compares up to there, and never agrees', (_how, end, why) => {
      const events = journal([deploying, DEPLOY, ZOOKEEPER, ...(end as readonly JournalEventBody[])]);
      for (const comparison of [compareJournals(events, whole), compareJournals(whole, events)]) {
        expect(comparison.firstDifference).toBeUndefined();
        expect(comparison).toMatchObject({ agree: false, compared: { items: 2, lanes: 2 } });
        expect(comparison.undecided).toMatch(
          new RegExp(`^[AB] \\(a-run\\) reached no verdict: ${why} in step "deploy" at`),
        );
        expect(comparison.comparedUntil).toContain(`where ${why} in step "deploy"`);
      }
    });

    it('still differs if it did something else before, or did not do what came before its last action', () => {
      const other = journal([DEPLOY, ZOOKEEPER, ROLLED_STOP]);
      expect(compareJournals(other, whole).firstDifference?.lane).toBe('node broker-0');
      const lacking = journal([DEPLOY, ZOOKEEPER, MIGRATION]);
      expect(compareJournals(lacking, whole).firstDifference).toMatchObject({ lane: 'node broker-0', a: null });
    });

    it('may lack what the other lost later, and is different if it lost something that the other kept', () => {
      const lost = journal([DEPLOY, ZOOKEEPER, ALL_GONE, ...LOST]);
      expect(compareJournals(journal([DEPLOY, ZOOKEEPER]), lost).firstDifference).toBeUndefined();
      expect(compareJournals(journal([DEPLOY, ZOOKEEPER, ALL_GONE]), whole).firstDifference?.lane).toBe('loss');
    });

    it('may lack the outage of the other, and is different if only it was broken', () => {
      const broken = journal([DEPLOY, ZOOKEEPER, down(), ...BROKEN]);
      expect(compareJournals(journal([DEPLOY, ZOOKEEPER]), broken).firstDifference).toBeUndefined();
      expect(compareJournals(broken, journal([DEPLOY, ZOOKEEPER])).firstDifference).toBeUndefined();
      expect(compareJournals(journal([DEPLOY, ZOOKEEPER, down()]), whole).firstDifference?.lane).toBe('outage');
    });

    it('may lack what the other cannot tell from its last action', () => {
      const lacking = journal([DEPLOY, ZOOKEEPER, MIGRATION]);
      const observed = (seconds: number) =>
        journal(
          [DEPLOY, ZOOKEEPER, brokerStart(), MIGRATION, MIGRATING, ...SURVIVED],
          started({ parts: { ...started().parts, observedWithinSeconds: seconds } }),
        );
      expect(compareJournals(lacking, observed(5)).firstDifference).toBeUndefined();
      expect(compareJournals(observed(5), lacking).firstDifference).toBeUndefined();
      expect(compareJournals(lacking, observed(1)).firstDifference?.lane).toBe('node broker-0');
    });

    it('does not agree even with itself, nor does a run in which nothing happened', () => {
      const nothing = journal(SURVIVED);
      expect(compareJournals(journal([DEPLOY]), journal([DEPLOY])).agree).toBe(false);
      expect(compareJournals(nothing, nothing)).toMatchObject({
        agree: false,
        undecided: 'the two have nothing in common that could be compared',
        compared: { items: 0, lanes: 0 },
      });
    });
  });

  it('counts what both did, and in how many lanes', () => {
    const a = journal([DEPLOY, ZOOKEEPER, brokerStart(), MIGRATION, ...SURVIVED]);
    expect(compareJournals(a, a).compared).toEqual({ items: 4, lanes: 3 });
    const b = journal([DEPLOY, ZOOKEEPER, brokerStart({ mode: 'kraft' }), MIGRATION, ...SURVIVED]);
    expect(compareJournals(a, b).compared).toEqual({ items: 3, lanes: 2 });
  });

  describe('refuses events that are not the journal of one run', () => {
    const run = journal([DEPLOY, ZOOKEEPER, brokerStart(), MIGRATION, ...SURVIVED]);
    const [head, ...rest] = run;
    const first = head as JournalEvent;
    it.each<[string, readonly JournalEvent[], string]>([
      ['in reverse', [first, ...rest.toReversed()], "event 3 ('verdict') is at 5.0 s, and the one before it at 6.0 s"],
      ['two journals', [...run, ...run], "event 8 ('run-started') is at 0.0 s, and the one before it at 6.0 s"],
      ['two beginnings', [first, { ...first }, ...rest], 'event 2 begins another run'],
      ['an unreasonable time', [first, ...rest.map((event) => ({ ...event, t: 1e300 }))], 'the time 1e+300 s'],
      ['a second verdict', [...run.slice(0, 6), ...run.slice(5)], 'event 7 is a second verdict'],
      ['events after the end', [...run, { ...first, type: 'node-ready', pod: 'x', t: 9 }], 'comes after the end'],
    ])('%s', (_what, events, message) => {
      for (const compare of [
        () => compareJournals(events, run),
        () => compareJournals(run, events),
        () => prepareJournal(events),
      ]) {
        expect(compare).toThrow(UsageError);
        expect(compare).toThrow(message);
      }
    });

    it('and names the file', () => {
      const compare = () => compareJournals(run, [...run, ...run], { names: ['a.jsonl', 'b.jsonl'] });
      expect(compare).toThrow('b.jsonl is not the journal of one run: event 8');
      const first = () => compareJournals([...run, ...run], run, { names: ['a.jsonl', 'b.jsonl'] });
      expect(first).toThrow('a.jsonl is not the journal of one run: event 8');
    });

    it('and says which one, without names', () => {
      expect(() => compareJournals([], run)).toThrow("The first journal does not begin with 'run-started'");
      expect(() => compareJournals(run, [])).toThrow("The second journal does not begin with 'run-started'");
      expect(() => prepareJournal([])).toThrow("The journal does not begin with 'run-started'");
    });
  });

  describe('says up to where it compared', () => {
    const second = started({ run: 'second' });
    const until = (a: readonly JournalEventBody[], b: readonly JournalEventBody[]) =>
      compareJournals(journal(a, started({ run: 'first' })), journal(b, second)).comparedUntil;
    const lost: readonly JournalEventBody[] = [DEPLOY, ZOOKEEPER, ALL_GONE, down(), ...LOST];
    const broken: readonly JournalEventBody[] = [DEPLOY, ZOOKEEPER, down(), ...BROKEN];

    it.each<[string, readonly JournalEventBody[], string]>([
      ['its end', [DEPLOY, ZOOKEEPER, ...SURVIVED], 'to its end at 4.0 s'],
      ['its loss, before its outage', lost, 'to its first loss at 3.0 s'],
      ['its outage', broken, 'to its outage at 3.0 s'],
      ['where it ended without a verdict', [DEPLOY], 'to 1.0 s, where its journal ends before its first step'],
    ])('%s', (_, bodies, text) => {
      expect(until(bodies, bodies)).toBe(`A (first) ${text}; B (second) ${text}`);
    });

    it('where one goes on after the end of the other', () => {
      expect(until([DEPLOY, ...SURVIVED], [DEPLOY, ZOOKEEPER, MIGRATION, ...SURVIVED])).toBe(
        "A (first) to its end at 3.0 s; B (second) to 3.0 s, where the user set strimzi.io/kraft to migration and the other's scenario is completed",
      );
    });

    it('but not so far if it had lost something or was broken before, or if the other did not end', () => {
      const goesOn = [DEPLOY, ZOOKEEPER, ALL_GONE, MIGRATION, ...LOST];
      expect(until([DEPLOY, ZOOKEEPER, ...SURVIVED], goesOn)).toContain('B (second) to its first loss at 3.0 s');
      const goesOnBroken = [DEPLOY, ZOOKEEPER, down(), MIGRATION, ...BROKEN];
      expect(until([DEPLOY, ZOOKEEPER, ...SURVIVED], goesOnBroken)).toContain('B (second) to its outage at 3.0 s');
      expect(until([DEPLOY], [DEPLOY, ZOOKEEPER, MIGRATION, ...SURVIVED])).toContain('B (second) to its end at 5.0 s');
    });

    it('and ignores the loss or outage of the one that goes on', () => {
      const survived = journal([DEPLOY, ZOOKEEPER, ...SURVIVED]);
      const losing = journal([DEPLOY, ZOOKEEPER, MIGRATION, ALL_GONE, ...LOST]);
      const breaking = journal([DEPLOY, ZOOKEEPER, MIGRATION, down(), ...BROKEN]);
      for (const other of [losing, breaking]) {
        expect(compareJournals(survived, other)).toMatchObject({ agree: true, compared: { items: 2, lanes: 2 } });
        expect(compareJournals(other, survived).agree).toBe(true);
      }
    });
  });

  describe('finds the difference that comes first in a run', () => {
    const DELETION: JournalEventBody = { type: 'operator-deleted-znode', path: '/migration', outcome: 'deleted' };
    const awaited: JournalEventBody = { type: 'state-awaited', state: 'ZooKeeper' };
    /** Only in one of two runs. */
    const [X, Y] = [brokerStart(), DELETION];
    type Timed = readonly (readonly [number, JournalEventBody])[];
    const timed = (bodies: Timed): readonly JournalEvent[] => [
      { t: 0, ...started() },
      ...bodies.map(([t, body]) => ({ t, ...body })),
      ...SURVIVED.map((body) => ({ t: 1000, ...body })),
    ];
    const laneOfTimed = (a: Timed, b: Timed) => compareJournals(timed(a), timed(b)).firstDifference?.lane;
    const both = (a: Timed, b: Timed) => [laneOfTimed(a, b), laneOfTimed(b, a)];
    const [OF_X, OF_Y] = ['node broker-0', "operator's znode deletions"] as const;

    it.each<[string, Timed, Timed]>([
      [
        'the number of gestures and states before it, not of all',
        [
          [0, DEPLOY],
          [90, ZOOKEEPER],
          [100, X],
          [101, MIGRATION],
        ],
        [
          [0, DEPLOY],
          [30, ZOOKEEPER],
          [40, MIGRATION],
          [50, Y],
        ],
      ],
      [
        'the number of states before it, too',
        [
          [0, DEPLOY],
          [50, X],
          [90, ZOOKEEPER],
        ],
        [
          [0, DEPLOY],
          [10, ZOOKEEPER],
          [20, Y],
        ],
      ],
      [
        'the number of gestures before it, too',
        [
          [0, ZOOKEEPER],
          [50, X],
          [90, DEPLOY],
        ],
        [
          [0, ZOOKEEPER],
          [10, DEPLOY],
          [20, Y],
        ],
      ],
      [
        'the time since the last of them, not since the start',
        [
          [100, DEPLOY],
          [101, X],
        ],
        [
          [10, DEPLOY],
          [15, Y],
        ],
      ],
      [
        'the time since the last of them, also in the first second',
        [
          [5, DEPLOY],
          [7.5, X],
        ],
        [
          [0, DEPLOY],
          [3, Y],
        ],
      ],
    ])('by %s', (_, a, b) => {
      expect(both(a, b)).toEqual([OF_X, OF_X]);
    });

    it('by where it is, not by what follows it, if it is a gesture itself', () => {
      const a: Timed = [
        [0, DEPLOY],
        [2, MIGRATION],
      ];
      const b: Timed = [
        [0, DEPLOY],
        [5, Y],
        [10, { ...MIGRATION, value: 'rollback' }],
      ];
      expect(both(a, b)).toEqual(['user', 'user']);
    });

    it('by the run in which it comes sooner', () => {
      const [sooner, later]: readonly [Timed, Timed] = [
        [
          [0, DEPLOY],
          [1, X],
        ],
        [
          [0, DEPLOY],
          [3, Y],
          [5, brokerStart({ mode: 'kraft' })],
        ],
      ];
      expect(both(sooner, later)).toEqual([OF_X, OF_X]);
    });

    it.each<[string, Timed, Timed]>([
      [
        'the run in which it holds',
        [
          [0, DEPLOY],
          [1, ZOOKEEPER],
          [2, awaited],
          [9, MIGRATION],
        ],
        [
          [0, DEPLOY],
          [3, Y],
          [5, MIGRATION],
          [9, ZOOKEEPER],
        ],
      ],
      [
        'the run in which it is broken',
        [
          [0, DEPLOY],
          [3, Y],
          [5, ZOOKEEPER],
          [6, awaited],
          [9, MIGRATION],
        ],
        [
          [0, DEPLOY],
          [1, MIGRATION],
          [9, ZOOKEEPER],
        ],
      ],
    ])('by the first event of an order, in %s', (_, a, b) => {
      expect(both(a, b)).toEqual(['order', 'order']);
    });

    it('and not by an order that comes later', () => {
      const a: Timed = [
        [0, DEPLOY],
        [3, Y],
        [5, ZOOKEEPER],
        [6, awaited],
        [9, MIGRATION],
      ];
      expect(
        both(a, [
          [0, DEPLOY],
          [5, MIGRATION],
          [9, ZOOKEEPER],
        ]),
      ).toEqual([OF_Y, OF_Y]);
    });

    const laneOf = (a: readonly JournalEventBody[], b: readonly JournalEventBody[]) => {
      const [first, second] = [journal([...a, ...SURVIVED]), journal([...b, ...SURVIVED])];
      const lane = compareJournals(first, second).firstDifference?.lane;
      expect(compareJournals(second, first).firstDifference?.lane).toBe(lane);
      return lane;
    };
    const migrated: JournalEventBody = {
      type: 'znode-changed',
      path: '/migration',
      change: 'created',
      phase: 'copied',
    };

    it('by the gestures and states before it, although a lane with a later one is laid out earlier', () => {
      const before = [DEPLOY, ZOOKEEPER, brokerStart()];
      const a = [...before, migrated, MIGRATION, MIGRATING];
      const b = [...before, MIGRATION, { ...MIGRATING, annotation: 'disabled' } as const];
      expect(laneOf(a, b)).toBe('/migration');
    });

    it('by the time since the last of them, in whichever run it is shorter', () => {
      const other = brokerStart({ mode: 'kraft' });
      expect(laneOf([DEPLOY, ZOOKEEPER, brokerStart(), READY, migrated], [DEPLOY, ZOOKEEPER, other])).toBe(
        'node broker-0',
      );
      expect(
        laneOf([DEPLOY, ZOOKEEPER, migrated, READY, brokerStart()], [DEPLOY, ZOOKEEPER, READY, READY, other]),
      ).toBe('/migration');
    });
  });

  describe('compares the orders of a rollback', () => {
    const state = (to: 'KRaftPostMigration' | 'KRaftDualWriting'): JournalEventBody => ({
      ...MIGRATING,
      type: 'state-changed',
      from: null,
      to,
    });
    const pod = 'my-cluster-controller-1';
    const controller = brokerStart({ role: 'controller', nodeId: 1, pod });
    const gone: JournalEventBody = { type: 'node-gone', pod };
    const before = [DEPLOY, brokerStart(), controller, state('KRaftPostMigration'), state('KRaftDualWriting')];
    const observed = (seconds: number) => started({ parts: { ...started().parts, observedWithinSeconds: seconds } });

    it('and sees an event that comes before another one in only one of them', () => {
      const a = journal([...before, gone, ROLLED_STOP, ...SURVIVED]);
      const b = journal([...before, ROLLED_STOP, gone, ...SURVIVED]);
      expect(compareJournals(a, b).firstDifference).toMatchObject({ lane: 'order' });
      expect(compareJournals(b, a).firstDifference).toMatchObject({ lane: 'order' });
      expect(compareJournals(b, b).agree).toBe(true);
    });

    it('but not one that one of them cannot tell', () => {
      const vague = journal([...before, gone, ROLLED_STOP, ...SURVIVED], observed(10));
      for (const events of [
        [gone, ROLLED_STOP],
        [ROLLED_STOP, gone],
      ]) {
        const exact = journal([...before, ...events, ...SURVIVED]);
        expect(compareJournals(vague, exact).agree).toBe(true);
        expect(compareJournals(exact, vague).agree).toBe(true);
      }
    });

    it('but not one with an event after the loss', () => {
      const a = journal([...before, gone, ALL_GONE, ROLLED_STOP, ...LOST]);
      const b = journal([...before, ROLLED_STOP, gone, ALL_GONE, ...LOST]);
      expect(compareJournals(a, b).firstDifference).toBeUndefined();
      expect(compareJournals(b, a).firstDifference).toBeUndefined();
    });

    it('but no wait with a gesture after the loss', () => {
      const awaited: JournalEventBody = { type: 'state-awaited', state: 'ZooKeeper' };
      const a = journal([DEPLOY, ZOOKEEPER, awaited, ALL_GONE, MIGRATION, ...LOST]);
      const b = journal([DEPLOY, MIGRATION, ZOOKEEPER, ALL_GONE, ...LOST]);
      expect(compareJournals(a, b).firstDifference).toBeUndefined();
      expect(compareJournals(b, a).firstDifference).toBeUndefined();
    });
  });

  it('sees a state that comes after the gesture that waited for it', () => {
    const awaited: JournalEventBody = { type: 'state-awaited', state: 'ZooKeeper' };
    const a = journal([DEPLOY, ZOOKEEPER, awaited, MIGRATION, ...SURVIVED]);
    const b = journal([DEPLOY, MIGRATION, ZOOKEEPER, ...SURVIVED]);
    for (const [first, second] of [
      [a, b],
      [b, a],
    ] as const) {
      expect(compareJournals(first, second).firstDifference?.lane).toBe('order');
    }
  });
});

describe('a comparison of runs that are broken', () => {
  const before = [DEPLOY, ZOOKEEPER, brokerStart()];
  const broken = [down(), ...BROKEN];

  it('says which of the two is not', () => {
    const { agree, firstDifference } = compareJournals(
      journal([...before, ...broken]),
      journal([...before, ...SURVIVED]),
    );
    expect(agree).toBe(false);
    expect(firstDifference).toMatchObject({ lane: 'outage', a: 'was broken by 4.0 s', b: null });
    expect(firstDifference?.explanation).toContain('Only one of the two clusters was broken.');
    expect(firstDifference?.explanation).toContain('A: the cluster was broken by 4.0 s, in state ZooKeeper');
    expect(firstDifference?.explanation).toContain('B: the cluster was not broken.');
  });

  it('sees it in the verdict, too, if the invariants were not recorded', () => {
    const { firstDifference } = compareJournals(journal([...before, ...SURVIVED]), journal([...before, ...BROKEN]));
    expect(firstDifference?.lane).toBe('outage');
  });

  it('compares up to the outage, which may come sooner in one of them', () => {
    const sooner = journal([...before, ...broken]);
    const later = journal([...before, MIGRATION, MIGRATING, ...broken]);
    for (const [a, b] of [
      [sooner, later],
      [later, sooner],
    ] as const) {
      const { firstDifference, comparedUntil } = compareJournals(a, b);
      expect(firstDifference).toBeUndefined();
      expect(comparedUntil).toContain('to its outage at 4.0 s');
    }
  });

  it('sees what one of them did otherwise before its outage', () => {
    const other = journal([...before, MIGRATION, { ...MIGRATING, annotation: 'disabled' }, ...broken]);
    const a = journal([...before, MIGRATION, MIGRATING, ...broken]);
    expect(compareJournals(a, other).firstDifference?.lane).toBe('state');
  });

  it('does not compare whether a node that does not stay up was started again once more', () => {
    const died: JournalEventBody = {
      type: 'node-stopped',
      pod: 'my-cluster-broker-0',
      reason: 'died',
      signal: 'exit code 1',
      error: 'ERROR Exiting Kafka',
    };
    const restarted: JournalEventBody = {
      type: 'container-restarted',
      pod: 'my-cluster-broker-0',
      how: 'exit code 1 (Error)',
      backOff: 0,
    };
    const replayed = journal([...before, restarted, restarted, died, MIGRATION, ...broken]);
    const recorded = journal([...before, restarted, restarted, restarted, MIGRATION, ...broken]);
    expect(compareJournals(replayed, recorded).agree).toBe(true);
  });
});

describe('a comparison of runs that an outage cut off while the operator restarted brokers', () => {
  const pod = (id: number): string => `my-cluster-broker-${id}`;
  const first = [0, 1, 2].map((nodeId) => brokerStart({ nodeId, pod: pod(nodeId) }));
  const stopped = (id: number): JournalEventBody => ({ type: 'node-stopped', pod: pod(id), reason: 'rolled' });
  const restarted = (id: number): readonly JournalEventBody[] => [
    stopped(id),
    brokerStart({ nodeId: id, pod: pod(id), configurationState: 'ZK' }),
  ];
  const failing = [...restarted(2), down(), ...BROKEN];
  const CONTROLLER_STOPPED: JournalEventBody = {
    type: 'node-stopped',
    pod: 'my-cluster-controller-3',
    reason: 'rolled',
  };
  const DONE: JournalEventBody = { type: 'pass-ended', pass: 2, outcome: 'reconciled' };
  const run = (...events: readonly JournalEventBody[]) => journal([DEPLOY, ZOOKEEPER, ...first, MIGRATION, ...events]);

  function difference(shorter: readonly JournalEvent[], longer: readonly JournalEvent[]): string | undefined {
    const [one, other] = [compareJournals(shorter, longer), compareJournals(longer, shorter)];
    expect(one.firstDifference?.lane).toBe(other.firstDifference?.lane);
    expect(one.agree).toBe(one.firstDifference === undefined);
    return one.firstDifference?.lane;
  }

  it('does not require the brokers that one had restarted before the one that does not come up', () => {
    expect(difference(run(...failing), run(...restarted(0), ...restarted(1), ...failing))).toBeUndefined();
    expect(difference(run(...restarted(1), ...failing), run(...restarted(0), ...failing))).toBeUndefined();
  });

  it('but requires a broker that was restarted in a pass that nothing cut off', () => {
    expect(difference(run(DONE, ...failing), run(...restarted(0), DONE, ...failing))).toBe('node broker-0');
  });

  it('but requires what was done before the last gesture, or before the state last changed', () => {
    const then = { ...MIGRATION, value: 'rollback' } as JournalEventBody;
    expect(difference(run(then, ...failing), run(...restarted(0), then, ...failing))).toBe('node broker-0');
    expect(difference(run(MIGRATING, ...failing), run(...restarted(0), MIGRATING, ...failing))).toBe('node broker-0');
  });

  it('but requires a restart of which it has a half', () => {
    expect(difference(run(stopped(0), ...failing), run(...restarted(0), ...failing))).toBe('node broker-0');
  });

  it('but requires that the shorter one restarted another broker', () => {
    const end = [CONTROLLER_STOPPED, down(), ...BROKEN];
    expect(difference(run(...end), run(...restarted(0), ...end))).toBe('node broker-0');
  });

  it('but requires a controller that was restarted', () => {
    expect(difference(run(...failing), run(CONTROLLER_STOPPED, ...failing))).toBe('node controller-3');
  });

  it('but requires everything if one of them went on, or did not end with an outage', () => {
    const later = [...restarted(2), down(), READY, READY, READY, MIGRATING, ...BROKEN];
    expect(difference(run(...later), run(...restarted(0), ...failing))).toBe('node broker-0');
    expect(difference(run(...restarted(2), ...SURVIVED), run(...restarted(0), ...restarted(2), ...SURVIVED))).toBe(
      'node broker-0',
    );
  });
});

describe('a comparison of runs that lost something', () => {
  const before = [DEPLOY, ZOOKEEPER, brokerStart()];

  it('compares nothing after the loss', () => {
    const a = journal([...before, ALL_GONE, ...LOST]);
    const b = journal([...before, ALL_GONE, ROLLED_STOP, MIGRATION, MIGRATING, ...LOST]);
    expect(compareJournals(a, b).firstDifference).toBeUndefined();
  });

  it('says which of the two did not lose anything', () => {
    const b = journal([...before, ...SURVIVED]);
    expect(compareJournals(journal([...before, ALL_GONE, ...LOST]), b).firstDifference).toMatchObject({
      lane: 'loss',
      a: 'had lost something by 4.0 s',
      b: null,
    });
  });

  it('does not take a topic that the user deleted for lost', () => {
    const deletion: JournalEventBody = { type: 'client-action', action: 'delete-topic', topic: 'orders' };
    const gone: JournalEventBody = { type: 'topics-changed', deleted: ['orders'], topics: [] };
    const a = journal([...before, deletion, gone, ...SURVIVED]);
    expect(compareJournals(a, journal([...before, ...SURVIVED])).agree).toBe(true);
  });

  it('does not require a forced restart of a run whose loss came sooner', () => {
    const a = journal([...before, FORCED_STOP, brokerStart(), ALL_GONE, ...LOST]);
    expect(compareJournals(a, journal([...before, ALL_GONE, ...LOST])).agree).toBe(true);
  });

  it('does not require a forced restart of a run that went on after its loss either', () => {
    const restarted = journal([...before, FORCED_STOP, brokerStart(), ALL_GONE, ...LOST]);
    const wentOn = journal([...before, ALL_GONE, READY, READY, DEPLOY, ...LOST]);
    for (const [a, b] of [
      [restarted, wentOn],
      [wentOn, restarted],
    ] as const) {
      const { firstDifference, compared } = compareJournals(a, b);
      expect(firstDifference).toBeUndefined();
      expect(compared.items).toBe(3);
    }
    expect(compareJournals(restarted, restarted).compared.items).toBe(3);
  });

  it('compares nothing after the loss, however much one of them still did in one lane', () => {
    const ended = journal([...before, ALL_GONE, ...LOST]);
    const dualWriting = { ...MIGRATING, from: 'KRaftMigration', to: 'KRaftDualWriting' } as const;
    const wentOn = journal([...before, ALL_GONE, MIGRATION, MIGRATING, dualWriting, ...LOST]);
    expect(compareJournals(ended, wentOn).firstDifference).toBeUndefined();
    expect(compareJournals(wentOn, ended).firstDifference).toBeUndefined();
  });

  it('accepts what one did before its loss and the other after, but not what the other did not', () => {
    const sooner = journal([...before, ALL_GONE, MIGRATION, MIGRATING, ...LOST]);
    const later = journal([...before, MIGRATION, MIGRATING, ALL_GONE, ...LOST]);
    expect(compareJournals(sooner, later).firstDifference).toBeUndefined();
    const other: JournalEventBody = { ...MIGRATING, annotation: 'disabled' };
    const otherwise = journal([...before, MIGRATION, other, ALL_GONE, ...LOST]);
    expect(compareJournals(sooner, otherwise).firstDifference?.lane).toBe('state');
    expect(compareJournals(otherwise, sooner).firstDifference?.lane).toBe('state');
  });

  it('allows a run to lack what it had no time for, if the loss ended both runs', () => {
    const ended = journal([...before, ALL_GONE, ...LOST]);
    const later = journal([...before, MIGRATING, ALL_GONE, ...LOST]);
    expect(compareJournals(ended, later).firstDifference).toBeUndefined();
    expect(compareJournals(later, ended).firstDifference).toBeUndefined();
  });

  it('does not excuse what came before something that both did', () => {
    const without = journal([...before, ROLLED_STOP, ALL_GONE, ...LOST]);
    const whole = journal([...before, MIGRATING, ROLLED_STOP, ALL_GONE, ...LOST]);
    expect(compareJournals(without, whole).firstDifference).toMatchObject({ lane: 'state', a: null });
    const faster = (events: readonly JournalEvent[]) => events.map((event) => ({ ...event, t: event.t / 2 }));
    expect(compareJournals(faster(without), faster(whole)).firstDifference?.lane).toBe('state');
    const vague = started({ parts: { ...started().parts, observedWithinSeconds: 5 } });
    const observed = journal([...before, MIGRATING, ROLLED_STOP, ALL_GONE, ...LOST], vague);
    expect(compareJournals(without, observed).firstDifference?.lane).toBe('state');
  });

  it('excuses what came last in one of them, even at the same time as what both did', () => {
    const atOnce = (events: readonly JournalEvent[]) => events.map((event) => ({ ...event, t: 0 }));
    const ended = atOnce(journal([...before, ALL_GONE, ...LOST]));
    const later = atOnce(journal([...before, MIGRATING, ALL_GONE, ...LOST]));
    expect(compareJournals(ended, later).firstDifference).toBeUndefined();
    expect(compareJournals(later, ended).firstDifference).toBeUndefined();
  });

  describe('whether a run went on after its loss', () => {
    const ended = journal([...before, ALL_GONE, ...LOST]);
    const compareWith = (...after: readonly JournalEventBody[]) =>
      compareJournals(ended, journal([...before, MIGRATING, ALL_GONE, ...after]));

    it.each([
      ['a gesture', DEPLOY],
      ['a state', { ...MIGRATING, from: 'KRaftMigration', to: 'KRaftDualWriting' } as const],
      ['the start of a node', brokerStart()],
    ])('%s more than two seconds later shows that it did', (_, event) => {
      expect(compareWith(READY, READY, event, ...LOST).firstDifference).toMatchObject({ lane: 'state', a: null });
    });

    it.each([
      ['what was under way two seconds later', [READY, DEPLOY, ...LOST]],
      ['a node that is ready later', [READY, READY, READY, ...LOST]],
      ['what follows the verdict', [READY, ...LOST.slice(0, 1), READY, brokerStart(), ...LOST.slice(1)]],
    ])('%s does not show it', (_, after) => {
      expect(compareWith(...after).firstDifference).toBeUndefined();
    });
  });

  it('does not stop where the other run was lost, although its user did nothing more', () => {
    const lost = journal([DEPLOY, ZOOKEEPER, ALL_GONE, ...LOST]);
    const goesOn = journal([DEPLOY, ZOOKEEPER, MIGRATION, MIGRATING, ...SURVIVED]);
    for (const comparison of [compareJournals(lost, goesOn), compareJournals(goesOn, lost)]) {
      expect(comparison.agree).toBe(false);
      expect(comparison.comparedUntil).not.toContain('where the user set strimzi.io/kraft to migration');
    }
  });

  it('stops nowhere if the gestures of one are not those that the other began with', () => {
    const a = journal([DEPLOY, ZOOKEEPER, { ...MIGRATION, value: 'disabled' }, ...SURVIVED]);
    const b = journal([DEPLOY, ZOOKEEPER, MIGRATION, MIGRATING, { ...MIGRATION, value: 'rollback' }, ...SURVIVED]);
    const comparison = compareJournals(a, b);
    expect(comparison.firstDifference?.lane).toBe('user');
    expect(comparison.comparedUntil).not.toContain('where the user set');
  });

  it('excuses nothing if the other run went on after its loss', () => {
    const ended = journal([...before, ALL_GONE, ...LOST]);
    const wentOn = journal([...before, MIGRATING, ALL_GONE, READY, READY, DEPLOY, ...LOST]);
    expect(compareJournals(ended, wentOn).firstDifference).toMatchObject({ lane: 'state', a: null });
    const killed = journal([...before, MIGRATING, ALL_GONE, READY, READY, DEPLOY]);
    expect(compareJournals(ended, killed).firstDifference).toMatchObject({ lane: 'state', a: null });
  });

  it('excuses nothing in a run that went on after its loss', () => {
    const wentOn = journal([...before, ALL_GONE, READY, READY, DEPLOY, ...LOST]);
    const ended = journal([...before, MIGRATING, ALL_GONE, ...LOST]);
    expect(compareJournals(wentOn, ended).firstDifference).toMatchObject({ lane: 'state', a: null });
    expect(compareJournals(ended, wentOn).firstDifference).toMatchObject({ lane: 'state', b: null });
  });
});
