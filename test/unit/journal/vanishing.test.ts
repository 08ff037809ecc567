import { describe, expect, it } from '@jest/globals';
import { zooKeeperMetadataSurvives } from '../../../src/invariants/zookeeper-metadata-survives.js';
import type { JournalEvent, JournalEventBody } from '../../../src/journal/events.js';
import { joinVanishings, type Vanishing, vanishings, vanishingsOfTopics } from '../../../src/journal/vanishing.js';
import { describeEnding } from '../../../src/reports/ending.js';
import { narrate } from '../../../src/reports/narration.js';
import { LOST, started } from '../comparison/journals.js';
import { observe, Story, snapshot, topic, violation } from '../invariants/story.js';

const vanishing = (topic: string, at: number, changes: Partial<Vanishing> = {}): Vanishing => ({
  topics: [topic],
  from: at,
  to: at,
  sync: { t: 1, pod: 'my-cluster-controller-1' },
  writer: { session: '0x1' },
  holder: undefined,
  wrote: undefined,
  state: undefined,
  left: undefined,
  ...changes,
});

describe('joinVanishings', () => {
  it('joins what one client deleted after one sync', () => {
    expect(joinVanishings([vanishing('b', 2), vanishing('a', 6, { left: 3 })])).toEqual([
      { ...vanishing('b', 2), topics: ['a', 'b'], to: 6, left: 3 },
    ]);
  });

  it.each([
    ['by another client', { writer: { session: '0x2' } }],
    ['by an unknown client', { writer: undefined }],
    ['after another sync', { sync: { t: 1.5, pod: 'my-cluster-controller-1' } }],
    ['much later', { from: 8, to: 8 }],
  ])('does not join what vanished %s', (_, changes) => {
    expect(joinVanishings([vanishing('a', 2), vanishing('b', 2, changes)])).toHaveLength(2);
  });
});

const POD = 'my-cluster-controller-1';
const at = (t: number, body: JournalEventBody): JournalEvent => ({ t, ...body });
const log = (t: number, text: string, pod = POD): JournalEvent =>
  at(t, { type: 'controller-log', pod, level: 'INFO', text: `[KRaftMigrationDriver id=1] ${text}` });
const sync = (t: number, pod = POD): JournalEvent => log(t, 'Performing a full metadata sync from KRaft to ZK.', pod);
const wrote = (t: number, what: string, pod = POD): JournalEvent =>
  log(t, `Made the following ZK writes when reconciling with KRaft state: {${what}}`, pod);
const deleted = (t: number, ...topics: readonly string[]): JournalEvent =>
  at(t, { type: 'topics-changed', deleted: topics });

describe('vanishings', () => {
  it('say what vanished, after which sync, what the sync wrote, who held /controller, in which state, and what is left', () => {
    const writer = { session: '0x1', who: 'controller 1' };
    expect(
      vanishings([
        at(0, { type: 'state-changed', from: 'ZooKeeper', to: 'KRaftMigration', annotation: 'migration' }),
        at(0.5, {
          type: 'znode-changed',
          path: '/controller',
          change: 'changed',
          value: '{"version":2,"brokerid":1,"timestamp":"1","kraftControllerEpoch":1}',
        }),
        sync(1),
        at(1.4, { type: 'topics-changed', deleted: ['b'], writer }),
        at(1.6, { type: 'topics-changed', deleted: ['a'], topics: ['c'], writer }),
        wrote(9, 'DeleteTopic=2'),
      ]),
    ).toEqual([
      {
        topics: ['a', 'b'],
        from: 1.4,
        to: 1.6,
        sync: { t: 1, pod: POD },
        wrote: '{DeleteTopic=2}',
        writer,
        holder: 'controller 1',
        state: 'KRaftMigration',
        left: 1,
      },
    ]);
  });

  it.each([
    ['before it', [sync(1), deleted(3, 'a')], 1],
    ['last before it', [sync(1), sync(2), deleted(3, 'a')], 2],
    ['shortly after it, because two logs were followed separately', [deleted(3, 'a'), sync(4.9)], 4.9],
    ['too long after it', [deleted(3, 'a'), sync(5.1)], undefined],
    [
      'of an earlier migration',
      [sync(1), at(2, { type: 'gesture', gesture: 'create-controller-pool', deleteClaim: true }), deleted(3, 'a')],
      undefined,
    ],
  ])('are caused by the sync that began %s: %#', (_, events, expected) => {
    expect(vanishings(events).map((vanishing) => vanishing.sync?.t)).toEqual([expected]);
  });

  it('have the writes of their own sync, and no other', () => {
    const other = 'my-cluster-controller-2';
    const events = [sync(1), deleted(2, 'a'), wrote(3, 'Other=1', other), sync(8), wrote(9, 'Later=1')];
    expect(vanishings(events)[0]?.wrote).toBeUndefined();
    expect(vanishings([...events.slice(0, 3), wrote(7, 'Own=1'), ...events.slice(3)])[0]?.wrote).toBe('{Own=1}');
  });

  it('omit what the user deleted, even if that was journalled late', () => {
    expect(
      vanishings([deleted(1, 'a', 'b'), at(2, { type: 'client-action', action: 'delete-topic', topic: 'a' })]),
    ).toMatchObject([{ topics: ['b'] }]);
  });
});

describe('vanishingsOfTopics', () => {
  it('omits topics that were created again, and those whose deletion is not journalled', () => {
    const again = at(3, { type: 'topics-changed', created: ['b'] });
    expect(vanishingsOfTopics(['c', 'b', 'a', 'x'], [deleted(1, 'a', 'b', 'c', 'd'), again])).toMatchObject([
      { topics: ['a', 'c'], from: 1 },
    ]);
  });
});

describe('the reports of one loss', () => {
  /** The cause of a loss in the invariant's message, in the live report's line and in the ending. */
  function causes(line: 'before' | 'shortly after' | 'long after'): readonly (string | undefined)[] {
    const full = 'Performing a full metadata sync from KRaft to ZK.';
    const story = new Story().deployed().migrationBegun();
    if (line === 'before') story.log(full);
    story.add({ type: 'topics-changed', deleted: ['orders'] }, 0.4);
    if (line !== 'before')
      story.add({ type: 'controller-log', pod: POD, level: 'INFO', text: full }, line === 'long after' ? 3 : 1);
    const observation = observe(story, { expectedTopics: [topic('orders')], zookeeper: snapshot('zookeeper') });
    const { message, evidence } = violation(zooKeeperMetadataSurvives, observation);
    for (const verdict of LOST) story.add(verdict);
    const events = [at(0, started()), ...story.events];
    const texts = [
      message,
      evidence[0]?.note,
      narrate(events).find(({ kind }) => kind === 'loss')?.text,
      describeEnding(events).find((row) => row.startsWith('  When')),
    ];
    return texts.map((text) => /(\d\.\d s after|together with) the full metadata sync of/.exec(text ?? '')?.[1]);
  }

  it.each([
    ['before', '0.4 s after'],
    ['shortly after', 'together with'],
    ['long after', undefined],
  ] as const)('name the same cause if the sync was logged %s the deletion', (line, expected) => {
    expect(causes(line)).toEqual([expected, expected, expected, expected]);
  });
});
