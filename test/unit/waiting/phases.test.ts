import { describe, expect, it } from '@jest/globals';
import { EnvironmentError, WaitTimedOut } from '../../../src/errors.js';
import { Phases } from '../../../src/waiting/phases.js';

describe('the phases of an action', () => {
  it('show in the error of a wait where the time went', async () => {
    let now = 0;
    const phases = new Phases(() => now);
    const taking = (milliseconds: number) => async () => {
      now += milliseconds;
    };
    await phases.measure('creating the topics', taking(40_000));
    await phases.measure('waiting for leaders', taking(1_250));
    await phases.measure('creating the topics', taking(6_000));
    const fetch = new WaitTimedOut('timed out after 60 s waiting for Fetch');
    const failed = phases.measure('writing the records', async () => {
      now += 12_750;
      throw fetch;
    });
    await expect(failed).rejects.toBe(fetch);
    const explained = phases.explain(fetch);
    expect(explained).toBeInstanceOf(WaitTimedOut);
    expect(explained).toMatchObject({
      message:
        'timed out after 60 s waiting for Fetch (time spent: creating the topics 46 s, waiting for leaders 1.3 s, writing the records 13 s)',
      cause: fetch,
    });
  });

  it('leave other errors alone, and those of an action with one part', async () => {
    const phases = new Phases();
    const timedOut = new WaitTimedOut('timed out');
    await phases.measure('one', async () => undefined);
    expect(phases.explain(timedOut)).toBe(timedOut);
    await phases.measure('two', async () => undefined);
    const refused = new EnvironmentError('Kafka refused to create topic a');
    expect(phases.explain(refused)).toBe(refused);
  });
});
