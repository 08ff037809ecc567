import ts from 'typescript';

/** One small change of a source file, which some test should notice. */
export interface Mutant {
  /** Path from the root of the repository. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The trimmed text of that line. */
  readonly code: string;
  /** What is replaced, as in the source but on one line, and by what: `a && b → a`. */
  readonly change: string;
  /** Offsets of the replaced text. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** A text to put in the place of a node. */
type Change = readonly [node: ts.Node, replacement: string];

const EQUALITY: ReadonlyMap<ts.SyntaxKind, readonly string[]> = new Map([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ['!==']],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ['===']],
  [ts.SyntaxKind.LessThanToken, ['<=', '>=']],
  [ts.SyntaxKind.LessThanEqualsToken, ['<', '>']],
  [ts.SyntaxKind.GreaterThanToken, ['>=', '<=']],
  [ts.SyntaxKind.GreaterThanEqualsToken, ['>', '<']],
]);
const ARITHMETIC: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.AsteriskToken, '/'],
  [ts.SyntaxKind.SlashToken, '*'],
]);
/** Methods whose call is removed: what they were called on takes its place. */
const REMOVED = new Set(['filter', 'slice', 'sort', 'toSorted', 'reverse', 'toReversed', 'trim']);
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['find', 'findLast'],
  ['findLast', 'find'],
  ['findIndex', 'findLastIndex'],
  ['findLastIndex', 'findIndex'],
  ['startsWith', 'endsWith'],
  ['endsWith', 'startsWith'],
  ['min', 'max'],
  ['max', 'min'],
]);
/** Methods whose predicate is replaced by one that is always true. */
const WITH_PREDICATE = new Set(['some', 'every', 'find', 'findLast', 'findIndex', 'findLastIndex']);

/** Every mutant of a source file, in the order of the file. Types, imports and texts of messages are left alone. */
export function mutantsOf(file: string, text: string): readonly Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lines = text.split('\n');
  const mutants: Mutant[] = [];
  function visit(node: ts.Node): void {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    for (const [replaced, replacement] of changesOf(node)) {
      const start = replaced.getStart(source);
      const { line } = source.getLineAndCharacterOfPosition(start);
      mutants.push({
        file,
        line: line + 1,
        code: (lines[line] ?? '').trim(),
        change: `${onOneLine(replaced.getText(source))} → ${replacement === '' ? 'nothing' : onOneLine(replacement)}`,
        start,
        end: replaced.getEnd(),
        replacement,
      });
    }
    ts.forEachChild(node, visit);
  }
  visit(source);
  return mutants;
}

/** The source file with the mutant in it. */
export function mutated(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function changesOf(node: ts.Node): readonly Change[] {
  if (ts.isBinaryExpression(node)) return ofBinary(node);
  if (ts.isIfStatement(node)) return always(node.expression);
  if (ts.isConditionalExpression(node)) return always(node.condition);
  if (ts.isWhileStatement(node)) return [[node.expression, 'false']];
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [[node, node.operand.getText()]];
  }
  if (ts.isCallExpression(node)) return ofCall(node);
  if (ts.isArrayLiteralExpression(node)) return node.elements.map((element) => [node, without(node, element)]);
  if (ts.isReturnStatement(node)) return ofReturn(node);
  if (ts.isExpressionStatement(node)) return [[node, ';']];
  if (ts.isNumericLiteral(node)) return [[node, `${Number(node.text) + 1}`]];
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [[node, 'false']];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [[node, 'true']];
  return [];
}

function ofBinary(node: ts.BinaryExpression): readonly Change[] {
  const kind = node.operatorToken.kind;
  const compared = EQUALITY.get(kind);
  if (compared !== undefined) return compared.map((operator) => [node.operatorToken, operator]);
  const arithmetic = ARITHMETIC.get(kind);
  if (arithmetic !== undefined) return isText(node) ? [] : [[node.operatorToken, arithmetic]];
  if (kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken) {
    return [
      [node, node.left.getText()],
      [node, node.right.getText()],
    ];
  }
  // `undefined ?? b` is `b`: without the left side, a value that is there is ignored.
  return kind === ts.SyntaxKind.QuestionQuestionToken ? [[node, node.right.getText()]] : [];
}

/** Whether texts are joined: a change of `+` would not be a change of a number. */
function isText(node: ts.Expression): boolean {
  if (ts.isBinaryExpression(node)) return isText(node.left) || isText(node.right);
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

function always(condition: ts.Expression): readonly Change[] {
  return [
    [condition, 'true'],
    [condition, 'false'],
  ];
}

function ofCall(node: ts.CallExpression): readonly Change[] {
  const called = node.expression;
  if (!ts.isPropertyAccessExpression(called)) return [];
  const changes: Change[] = [];
  const method = called.name.text;
  if (REMOVED.has(method)) changes.push([node, called.expression.getText()]);
  const renamed = RENAMED.get(method);
  if (renamed !== undefined) changes.push([called.name, renamed]);
  const [predicate] = node.arguments;
  if (WITH_PREDICATE.has(method) && predicate !== undefined) changes.push([predicate, '() => true']);
  return changes;
}

function without(array: ts.ArrayLiteralExpression, left: ts.Expression): string {
  const kept = array.elements.filter((element) => element !== left);
  return `[${kept.map((element) => element.getText()).join(', ')}]`;
}

/** A returned value that is not there. Of `return undefined`, the condition before it is changed instead. */
function ofReturn({ expression }: ts.ReturnStatement): readonly Change[] {
  if (expression === undefined || expression.getText() === 'undefined') return [];
  if (expression.kind === ts.SyntaxKind.TrueKeyword || expression.kind === ts.SyntaxKind.FalseKeyword) return [];
  return [[expression, 'undefined']];
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
