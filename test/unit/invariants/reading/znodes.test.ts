import { describe, expect, it } from '@jest/globals';
import { changesOf, isKraftClaim, phaseAfter, phaseBefore } from '../../../../src/invariants/reading/znodes.js';
import type { EventOf } from '../../../../src/journal/events.js';
import { controllerValue, migrationValue, Story } from '../story.js';

type Change = EventOf<'znode-changed'>;
const change = (changes: Partial<Change>) =>
  phaseAfter({ index: 0, event: { t: 0, type: 'znode-changed', path: '/migration', change: 'changed', ...changes } });

describe('the changes of a znode', () => {
  const story = new Story().deployed().migrationZnode(-1).reach('KRaftMigration').migrationZnode(42);
  const { events } = story;

  it('are those of its path, in order, with their index', () => {
    const changes = changesOf('/migration', events);
    expect(changes.map(({ index }) => index)).toEqual([events.length - 3, events.length - 1]);
    expect(changes.map(({ event }) => event)).toEqual([events.at(-3), events.at(-1)]);
    expect(changesOf('/controller', events)).toHaveLength(1);
    expect(changesOf('/other', events)).toEqual([]);
  });

  it('say in which phase /migration was before an event', () => {
    const changes = changesOf('/migration', events);
    const [first = 0, second = 0] = changes.map(({ index }) => index);
    expect([0, first, first + 1, second, second + 1].map((index) => phaseBefore(changes, index))).toEqual([
      'absent',
      'absent',
      'initial',
      'initial',
      'copied',
    ]);
  });

  it.each([
    ['as journalled', { phase: 'copied', value: migrationValue(-1) }, 'copied'],
    ['absent after its deletion', { change: 'deleted', value: migrationValue(42) }, 'absent'],
    ['absent after its session has expired', { change: 'expired' }, 'absent'],
    ['copied with an offset above 0', { value: migrationValue(42) }, 'copied'],
    ['initial without an offset', { value: migrationValue(-1) }, 'initial'],
    ['initial without a value', {}, 'initial'],
  ] as const)('say in which phase /migration is: %s', (_, changes, phase) => {
    expect(change(changes)).toBe(phase);
  });
});

it.each([
  ["a KRaft controller's", controllerValue(1, 1), true],
  ["a broker's", controllerValue(0, -1), false],
  ['unreadable', 'no json', false],
  ['absent', undefined, false],
])('/controller that is %s is a claim of KRaft: %s', (_, value, expected) => {
  expect(isKraftClaim(value)).toBe(expected);
});
