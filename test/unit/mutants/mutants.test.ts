import { describe, expect, it } from '@jest/globals';
import { mutantsOf, mutated } from '../../mutants/mutants.js';

function changesOf(code: string): readonly string[] {
  return mutantsOf('src/x.ts', code).map(({ change }) => change);
}

describe('the mutants of a source file', () => {
  it.each<[string, string, readonly string[]]>([
    ['an equality', 'f(a === b);', ['f(a === b); → ;', '=== → !==']],
    ['a boundary', 'x = a < b;', ['x = a < b; → ;', '< → <=', '< → >=']],
    ['each side of a conjunction', 'const x = a && b;', ['a && b → a', 'a && b → b']],
    ['a value that may be absent', 'const x = a ?? b;', ['a ?? b → b']],
    ['a condition', 'if (a) return f();', ['a → true', 'a → false', 'f() → undefined']],
    ['a choice', 'const x = a ? b : c;', ['a → true', 'a → false']],
    ['a negation', 'const x = !a;', ['!a → a']],
    ['a filter', 'const x = a.filter(f);', ['a.filter(f) → a']],
    ['a search', 'const x = a.find(f);', ['find → findLast', 'f → () => true']],
    ['each element', "const x = new Set(['a', b]);", ["['a', b] → [b]", "['a', b] → ['a']"]],
    ['a number', 'const x = 7;', ['7 → 8']],
    ['a sum, but not a text', "const x = a - b; const y = 'a' + b;", ['- → +']],
    ['nothing of types and imports', "import { a } from './a.js'; type B = 1 | true; interface C { d: true }", []],
    ['no return without a value', 'function f() { return undefined; }', []],
  ])('change %s', (_, code, expected) => {
    expect(changesOf(code)).toEqual(expected);
  });

  it('name the line, and stand in its place', () => {
    const code = 'const x = 1;\n  const y = a ||\n    b;\n';
    const mutant = mutantsOf('src/x.ts', code).find(({ change }) => change === 'a || b → b');
    expect(mutant).toMatchObject({ file: 'src/x.ts', line: 2, code: 'const y = a ||' });
    if (mutant !== undefined) expect(mutated(code, mutant)).toBe('const x = 1;\n  const y = b;\n');
  });
});
