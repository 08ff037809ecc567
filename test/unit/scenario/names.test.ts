import { describe, expect, it } from '@jest/globals';
import { scenario, step } from '../../../src/scenario/scenario.js';

const named = (name: string) =>
  scenario({ name, title: 'title', expected: { survives: 'why' }, steps: [step('one', async () => undefined)] });

describe("a scenario's name", () => {
  it.each(['my-scenario', 'a', 'v1.2_x'])('may be %s', (name) => {
    expect(named(name).name).toBe(name);
  });

  it.each(['', '../../elsewhere', 'a/b', '.hidden', 'with space'])('may not be "%s": it names folders', (name) => {
    expect(() => named(name)).toThrow('is not a valid scenario name');
  });
});
