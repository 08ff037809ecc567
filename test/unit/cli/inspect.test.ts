import { describe, expect, it } from '@jest/globals';
import { exitCodeOfInspection } from '../../../src/cli/inspect.js';
import { FACTS, SAFE } from '../inspection/facts.js';

describe('an inspection of several clusters', () => {
  it.each([
    [['safe', 'safe'], [], 0],
    [['safe', 'unknown'], [], 3],
    [['unknown', 'unsafe', 'safe'], [], 1],
    [['safe'], ['lab'], 3],
    [['unsafe'], ['lab'], 1],
  ] as const)('with %j, and %j not inspected: exit code %i', (safeties, places, code) => {
    const inspected = safeties.map((safety) => ({ facts: FACTS, forecast: { ...SAFE, safety } }));
    const notInspected = places.map((place) => ({ place, why: 'no route to host' }));
    expect(exitCodeOfInspection({ inspected, notInspected })).toBe(code);
  });
});
