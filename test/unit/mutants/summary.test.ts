import { describe, expect, it } from '@jest/globals';
import { type Mutant, mutantsOf } from '../../mutants/mutants.js';
import { asText, percentCaught, scoreOf } from '../../mutants/summary.js';

const [first, second, third] = mutantsOf('src/x.ts', 'const x = 1;\nconst y = 2;\nconst z = 3;\n') as [
  Mutant,
  Mutant,
  Mutant,
];
const entry = { file: 'src/x.ts', code: 'const y = 2;', change: '2 → 3', reason: 'It is never read.' };

describe('the score of a mutation run', () => {
  const tried = [
    { mutant: first, caughtBy: 'test/unit/x.test.ts' },
    { mutant: second, caughtBy: undefined },
    { mutant: third, caughtBy: undefined },
  ];

  it('counts what no test notices as a survivor', () => {
    const score = scoreOf(tried, []);
    expect(score).toMatchObject({ mutants: 3, caught: 1, accepted: [], survivors: [second, third], needless: [] });
    expect(percentCaught(score)).toBeCloseTo(33.3, 1);
  });

  it('does not count what is accepted', () => {
    const score = scoreOf(tried, [entry]);
    expect(score).toMatchObject({ accepted: [second], survivors: [third], needless: [] });
    expect(asText('src/x.ts', score)).toBe('src/x.ts: 3 mutants, 1 caught, 1 accepted, 1 survived: 50.0 %');
  });

  it('names an accepted mutant that a test notices', () => {
    const noticed = tried.map(({ mutant }) => ({ mutant, caughtBy: 'test/unit/x.test.ts' }));
    expect(scoreOf(noticed, [entry]).needless).toEqual([entry]);
    expect(percentCaught(scoreOf(noticed, [entry]))).toBe(100);
  });

  it('says nothing about an entry of a file that was not tried', () => {
    expect(scoreOf([], [entry]).needless).toEqual([]);
  });
});
