import { describe, expect, it } from '@jest/globals';
import { PendingStarts } from '../../../../src/environments/replayed/pending-starts.js';
import { WaitAborted } from '../../../../src/errors.js';

describe('starts in progress', () => {
  it('are waited for at the end, even those that fail', async () => {
    const starts = new PendingStarts();
    const order: string[] = [];
    let release: () => void = () => undefined;
    const slow = starts.run(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      order.push('started');
      throw new Error('no room');
    });
    const closed = starts.close().then(() => order.push('closed'));
    release();
    await expect(slow).rejects.toThrow('no room');
    await closed;
    expect(order).toEqual(['started', 'closed']);
  });

  it('launch no node once the run is over', async () => {
    const starts = new PendingStarts();
    starts.throwIfClosed();
    await starts.close();
    expect(() => starts.throwIfClosed()).toThrow(WaitAborted);
  });
});
