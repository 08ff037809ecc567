import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LogWindow, stampedLine } from '../../../src/kubernetes/log-window.js';

const at = (ms: number, nanos = '000000'): string =>
  `2026-01-02T03:04:${new Date(ms).toISOString().slice(17, 23)}${nanos}Z`;

describe('stampedLine', () => {
  it.each([
    ['2026-01-02T03:04:05.123456789Z hello  world', '2026-01-02T03:04:05.123456789Z', 'hello  world'],
    ['2026-01-02T03:04:05.1+02:00 x', '2026-01-02T03:04:05.1+02:00', 'x'],
    ['2026-01-02T03:04:05Z ', '2026-01-02T03:04:05Z', ''],
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z', ''],
  ])('reads "%s"', (line, time, text) => {
    expect(stampedLine(line)).toEqual({ time, text });
  });

  it('recognises lines of the kubelet itself', () => {
    expect(stampedLine('unable to retrieve container logs for containerd://0123')).toBeUndefined();
  });
});

describe('LogWindow', () => {
  it('reads from the start at first, and then from at least a second before the latest line', () => {
    const window = new LogWindow();
    expect(window.since).toBeUndefined();
    window.take({ time: at(10_500), text: 'a' });
    expect(window.since).toBe('2026-01-02T03:04:09.000Z');
    window.take({ time: at(10_400), text: 'written later, stamped earlier' });
    expect(window.since).toBe('2026-01-02T03:04:09.000Z');
  });

  it('returns lines with the same text and time as often as they were written', () => {
    const window = new LogWindow();
    const line = { time: at(1_000), text: 'twice' };
    expect([window.take(line), window.take(line)]).toEqual([true, true]);
    window.begin();
    expect([window.take(line), window.take(line), window.take(line)]).toEqual([false, false, true]);
  });

  it('neither loses nor duplicates lines, wherever the log breaks', () => {
    // Times are out of order, as with the two outputs of a container. Many are within one second, some are the same.
    const lines = fc
      .array(fc.record({ step: fc.integer({ min: -300, max: 900 }), text: fc.constantFrom('a', 'b') }), {
        maxLength: 40,
      })
      .map((steps) => {
        let latest = 10_000;
        return steps.map(({ step, text }) => {
          const ms = latest + step;
          latest = Math.max(latest, ms);
          return { time: at(ms), text };
        });
      });
    fc.assert(
      fc.property(lines, fc.array(fc.nat({ max: 40 }), { maxLength: 5 }), (log, breaks) => {
        const window = new LogWindow();
        const reported: object[] = [];
        let reached = 0;
        for (const end of [...breaks, log.length]) {
          const since = window.since === undefined ? 0 : Date.parse(window.since);
          const upTo = Math.max(reached, Math.min(end, log.length));
          window.begin();
          // The kubelet omits lines that are older than sinceTime.
          for (const line of log.slice(0, upTo)) {
            if (Date.parse(line.time) >= since && window.take(line)) reported.push(line);
          }
          reached = upTo;
        }
        expect(reported).toEqual(log);
      }),
    );
  });
});
