import { describe, expect, it } from '@jest/globals';
import { nextNodeIds } from '../../../src/strimzi/node-ids.js';

describe('the ids of new nodes', () => {
  it.each([
    ['begin at 0', [], 3, [0, 1, 2]],
    ['come after those of another pool', [0, 1, 2], 3, [3, 4, 5]],
    ['fill the gaps first', [0, 2, 5], 3, [1, 3, 4]],
    ['of a broker beside controllers come after theirs', [0, 1], 1, [2]],
    ['are none if none are needed', [0], 0, []],
  ])('%s', (_what, taken, count, ids) => {
    expect(nextNodeIds(taken, count)).toEqual(ids);
  });
});
