import { describe, expect, it } from '@jest/globals';
import { Listeners } from '../../../src/waiting/listeners.js';

describe('Listeners', () => {
  it('passes the change to each listener, in the order in which they were added', () => {
    const listeners = new Listeners<string>();
    const calls: string[] = [];
    listeners.add((change) => calls.push(`first ${change}`));
    listeners.add((change) => calls.push(`second ${change}`));
    listeners.notify('a');
    expect(calls).toEqual(['first a', 'second a']);
  });

  it('calls no listener that was removed, not even one that another listener has just removed', () => {
    const listeners = new Listeners();
    let calls = 0;
    listeners.add(() => remove());
    const remove = listeners.add(() => {
      calls += 1;
    });
    listeners.notify();
    listeners.notify();
    expect(calls).toBe(0);
  });

  it('calls a listener that another one adds only with the next change, which prevents an endless loop', () => {
    const listeners = new Listeners();
    let calls = 0;
    const again = (): void => {
      calls += 1;
      listeners.add(() => again());
    };
    listeners.add(again);
    listeners.notify();
    expect(calls).toBe(1);
    listeners.notify();
    expect(calls).toBe(3);
  });
});
