import { describe, expect, it } from '@jest/globals';
import { rollOrder } from '../../../src/operator/roll-order.js';

const node = (nodeId: number, ready = true) => ({ nodeId, ready });

describe('rollOrder', () => {
  it('keeps the order of ready nodes when there is no controller', () => {
    expect(rollOrder([node(0), node(1), node(2)], undefined)).toEqual([0, 1, 2]);
  });

  it('defers the reported controller to the end', () => {
    // 0.45.1-three-brokers at 243 s: broker 0 is reported, 1 and 2 roll before it.
    expect(rollOrder([node(0), node(1), node(2)], 0)).toEqual([1, 2, 0]);
  });

  it('puts unready nodes first, the last of them in front', () => {
    expect(rollOrder([node(0), node(1, false), node(2), node(3, false)], undefined)).toEqual([3, 1, 0, 2]);
  });

  it('defers the controller even when it is unready', () => {
    expect(rollOrder([node(0, false), node(1)], 0)).toEqual([1, 0]);
  });

  it('ignores a controller that is not among the nodes', () => {
    expect(rollOrder([node(0), node(1)], 7)).toEqual([0, 1]);
  });
});
