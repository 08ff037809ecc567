import { describe, expect, it } from '@jest/globals';
import { deadlinesOf } from '../../../src/waiting/deadlines.js';

describe('the deadlines of a run', () => {
  const ONE_MACHINE = {
    stateMs: 180_000,
    clientMs: 60_000,
    readMs: 30_000,
    zookeeperConnectMs: 15_000,
    zookeeperOperationMs: 30_000,
    dualWriteMs: 10_000,
    syncEndMs: 5_000,
    electMs: 60_000,
    logLagMs: 10_000,
    absentMs: 2_000,
  };

  it('are all raised with the deadline for a state, in proportion', () => {
    expect(deadlinesOf(180_000)).toEqual(ONE_MACHINE);
    expect(deadlinesOf(900_000)).toEqual(
      Object.fromEntries(Object.entries(ONE_MACHINE).map(([name, least]) => [name, 5 * least])),
    );
  });

  it('are not lowered with it', () => {
    expect(deadlinesOf(5_000)).toEqual({ ...ONE_MACHINE, stateMs: 5_000 });
  });
});
