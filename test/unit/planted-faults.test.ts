import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../src/package-root.js';
import { planRun, SORTS } from '../planted-faults/plan.js';
import { keyOf, readResults, renderTable } from '../planted-faults/results.js';

const page = readFileSync(join(packageRoot(), 'docs/planted-faults.md'), 'utf8');
const table = /<!-- planted faults -->\n([\s\S]*)\n<!-- end of planted faults -->/.exec(page)?.[1]?.trim() ?? '';

/** Without the padding that the formatter adds. */
function cells(markdown: string): readonly (readonly string[])[] {
  return markdown.split('\n').map((row) => row.split('|').map((cell) => cell.trim().replace(/^-+$/, '---')));
}

describe('planted faults', () => {
  it('have at least 30 sorts, each with a name of its own', () => {
    const keys = SORTS.map(keyOf);
    expect(keys.length).toBeGreaterThanOrEqual(30);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('follow from the seed and the number of a run', () => {
    const plan = (seed: number) => Array.from({ length: 60 }, (_, index) => planRun(seed, index));
    expect(plan(1)).toEqual(plan(1));
    expect(plan(2).map(({ sort }) => sort.name)).not.toEqual(plan(1).map(({ sort }) => sort.name));
  });

  it('are all planted in the first rounds', () => {
    const planted = new Set(Array.from({ length: 160 }, (_, index) => keyOf(planRun(1, index).sort)));
    expect(SORTS.map(keyOf).filter((key) => !planted.has(key))).toEqual([]);
  });

  it('have results of the sorts and the moments that were planned', () => {
    for (const { seed, index, sort, moment } of readResults()) {
      const planned = planRun(seed, index);
      expect({ index, sort, moment }).toEqual({ index, sort: keyOf(planned.sort), moment: planned.moment });
    }
  });

  it('are listed in docs/planted-faults.md with their verdicts', () => {
    expect(cells(table)).toEqual(cells(renderTable(readResults())));
  });
});
