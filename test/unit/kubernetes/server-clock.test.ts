import { describe, expect, it } from '@jest/globals';
import { ServerClock } from '../../../src/kubernetes/server-clock.js';

describe("the API server's clock", () => {
  it('goes on from the last response', () => {
    let elapsed = 1_000;
    const clock = new ServerClock(() => elapsed);
    clock.observe('Fri, 01 Jan 2040 05:00:00 GMT');
    elapsed += 7_500;
    expect(new Date(clock.now()).toISOString()).toBe('2040-01-01T05:00:07.500Z');
    clock.observe('Sun, 01 Jan 2040 05:00:08 GMT');
    elapsed += 250;
    expect(new Date(clock.now()).toISOString()).toBe('2040-01-01T05:00:08.250Z');
  });

  it("is this machine's while no response has a date", () => {
    const clock = new ServerClock();
    const before = Date.now();
    clock.observe(undefined);
    clock.observe('yesterday');
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    expect(clock.now()).toBeLessThanOrEqual(Date.now());
  });
});
