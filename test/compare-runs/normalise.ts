/** Fields whose strings people read. Their wording may change; every other string is part of a format. */
const PROSE: ReadonlySet<string> = new Set([
  'because',
  'detail',
  'error',
  'found',
  'message',
  'note',
  'reason',
  'subject',
  'summary',
  'text',
  'title',
]);

/** In evidence `expected` is prose; a run's `expected` is a verdict. */
function isProse(path: readonly string[]): boolean {
  const field = path.findLast((part) => part !== '[]') ?? '';
  return PROSE.has(field) || (field === 'expected' && path.includes('evidence'));
}

/** A text without what differs from run to run: ids, times, ports and other numbers. */
export function normaliseText(text: string): string {
  return text
    .replaceAll(/\b0x[0-9a-f]+\b/g, '<id>')
    .replaceAll(/(?<![\w-])[\w-]{22}(?![\w-])/g, (word) => (/[0-9A-Z_]/.test(word) ? '<id>' : word))
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/-?\d+(?:\.\d+)?/g, '#');
}

/** A JSON document as lines `path: value`, ids, times and numbers normalised, prose apart. */
export interface Flattened {
  /** One line for each value, in the order of the document. */
  readonly lines: readonly string[];
  /** Distinct normalised texts of the fields that people read. */
  readonly prose: ReadonlySet<string>;
}

export function flatten(document: unknown): Flattened {
  const lines: string[] = [];
  const prose = new Set<string>();
  const visit = (value: unknown, path: readonly string[]): void => {
    if (Array.isArray(value)) {
      lines.push(`${path.join('.')}: ${value.length} elements`);
      for (const element of value) visit(element, [...path, '[]']);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, field] of Object.entries(value)) visit(field, [...path, key]);
    } else if (typeof value === 'number') {
      lines.push(`${path.join('.')}: a number`);
    } else if (typeof value === 'string' && isProse(path)) {
      lines.push(`${path.join('.')}: a text`);
      prose.add(normaliseText(value));
    } else {
      lines.push(`${path.join('.')}: ${typeof value === 'string' ? identifier(value) : value}`);
    }
  };
  visit(document, []);
  return { lines, prose };
}

/** Names of formats keep their digits (`0.45.1`, `W6`); ids and times have none that last. */
function identifier(value: string): string {
  const normalised = normaliseText(value);
  return normalised.includes('<') ? normalised : value;
}
