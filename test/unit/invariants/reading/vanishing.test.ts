import { expect, it } from '@jest/globals';
import { describeVanishing, precedent, when } from '../../../../src/invariants/reading/vanishing.js';
import type { Vanishing } from '../../../../src/journal/vanishing.js';
import { CONTROLLER } from '../story.js';

const VANISHING: Vanishing = {
  topics: ['a', 'b'],
  from: 13.9,
  to: 13.9,
  sync: { t: 13.5, pod: 'my-cluster-controller-1' },
  wrote: '{DeleteTopic=2}',
  writer: CONTROLLER,
  holder: undefined,
  state: undefined,
  left: 0,
};
const UNEXPLAINED: Vanishing = { ...VANISHING, to: 15, sync: undefined, wrote: undefined, writer: undefined };
const AFTER = '0.4 s after the full metadata sync of my-cluster-controller-1';
const BY = `by session ${CONTROLLER.session}, controller 1`;

it('topics vanished at a time, after a sync, by a client', () => {
  expect(when(VANISHING)).toBe(`at 13.9 s, ${AFTER}, ${BY}`);
  expect(describeVanishing(VANISHING)).toBe(`2 topics vanished from ZooKeeper at 13.9 s, ${AFTER}, ${BY}: a, b`);
});

it('topics vanished in a time, if nothing else is known', () => {
  expect(when(UNEXPLAINED)).toBe('from 13.9 s to 15.0 s');
});

it.each([
  ['what the sync wrote', VANISHING, `${AFTER}, which wrote {DeleteTopic=2}`],
  ['only the sync, if it logged nothing', { ...VANISHING, wrote: undefined }, AFTER],
  ['nothing without a sync', UNEXPLAINED, undefined],
  ['nothing without a sync, whatever was written', { ...UNEXPLAINED, wrote: '{}' }, undefined],
])('evidence names %s', (_, vanishing, text) => {
  expect(precedent(vanishing)).toBe(text);
});
