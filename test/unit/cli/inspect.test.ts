import { describe, expect, it } from '@jest/globals';
import { exitCodeOf } from '../../../src/cli/inspect.js';
import type { Forecast } from '../../../src/inspection/forecast.js';
import { FACTS } from '../inspection/facts.js';

const SAFE: Forecast = { outcome: 'first-copy', safety: 'safe', reason: 'nothing is left', commands: [] };

describe('what is told of several clusters', () => {
  it.each([
    [['safe', 'safe'], 0],
    [['safe', 'unknown'], 3],
    [['unknown', 'unsafe', 'safe'], 1],
  ] as const)('ends with %j: exit %i', (safeties, code) => {
    expect(exitCodeOf(safeties.map((safety) => ({ facts: FACTS, forecast: { ...SAFE, safety } })))).toBe(code);
  });
});
