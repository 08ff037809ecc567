/** The parts of a Markdown file that the tests of the documents check, each with its line number (from 1). */

export interface Line {
  readonly number: number;
  readonly text: string;
}

export interface CodeBlock {
  readonly number: number;
  /** `ts` of a fenced block; undefined of an indented one. */
  readonly language: string | undefined;
  /** What `<!-- sample: NAME -->` above it says. */
  readonly sample: string | undefined;
  readonly lines: readonly string[];
}

export interface Link extends Line {
  /** The target, without its title. */
  readonly target: string;
}

export interface MarkdownDocument {
  /** Paragraphs, list items and headings: no tables, no code, no definitions of links. */
  readonly prose: readonly Line[];
  readonly tables: readonly Table[];
  readonly code: readonly CodeBlock[];
  /** Of prose and tables. */
  readonly links: readonly Link[];
  /** `` `text` `` in prose and tables. */
  readonly codeSpans: readonly Line[];
  /** As GitHub makes them from headings. */
  readonly anchors: ReadonlySet<string>;
}

export interface Table {
  readonly number: number;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const SAMPLE = /^<!-- sample: (.*) -->$/;
const DEFINITION = /^\[[^\]]+\]: (\S+)/;

/** Reads the subset of Markdown that this project writes: no HTML but comments, no nested quotes, `#` headings. */
export function readMarkdown(text: string): MarkdownDocument {
  const prose: Line[] = [];
  const tableLines: Line[] = [];
  const definitions: Link[] = [];
  const code: CodeBlock[] = [];
  let open: { readonly block: CodeBlock; readonly lines: string[]; readonly fence: boolean } | undefined;
  let sample: string | undefined;
  let contentIndent = 0;
  let inParagraph = false;

  for (const [index, line] of text.split('\n').entries()) {
    const number = index + 1;
    const trimmed = line.trim();
    const indent = line.length - line.trimStart().length;
    if (open?.fence === true) {
      if (trimmed.startsWith('```')) open = undefined;
      else open.lines.push(line);
      continue;
    }
    if (trimmed === '') {
      open?.lines.push('');
      inParagraph = false;
      continue;
    }
    const isIndented = !inParagraph && indent >= contentIndent + 4;
    if (isIndented || trimmed.startsWith('```')) {
      if (open === undefined || !isIndented) {
        const lines: string[] = [];
        const language = isIndented ? undefined : trimmed.slice(3);
        const block = { number, language, sample, lines };
        code.push(block);
        open = { block, lines, fence: !isIndented };
        sample = undefined;
      }
      if (isIndented) open.lines.push(line.slice(contentIndent + 4));
      continue;
    }
    open = undefined;
    const definition = DEFINITION.exec(trimmed);
    const item = /^(\s*(?:[-*]|\d+\.)\s+)/.exec(line);
    if (item !== null) contentIndent = item[1]?.length ?? 0;
    else if (!inParagraph) contentIndent = Math.min(contentIndent, indent);
    sample = SAMPLE.exec(trimmed)?.[1] ?? sample;
    if (definition?.[1] !== undefined) definitions.push({ number, text: line, target: definition[1] });
    else if (trimmed.startsWith('|')) tableLines.push({ number, text: line });
    else if (!trimmed.startsWith('<!--')) {
      prose.push({ number, text: line });
      inParagraph = !trimmed.startsWith('#');
    }
  }
  const readable = [...prose, ...tableLines];
  return {
    prose,
    tables: tablesOf(tableLines),
    code: code.map((block) => ({ ...block, lines: withoutBlankEnd(block.lines) })),
    links: [...readable.flatMap(linksOf), ...definitions],
    codeSpans: readable.flatMap(codeSpansOf),
    anchors: anchorsOf(prose),
  };
}

function tablesOf(lines: readonly Line[]): readonly Table[] {
  const tables: { number: number; header: readonly string[]; rows: (readonly string[])[] }[] = [];
  let last = Number.NaN;
  for (const { number, text } of lines) {
    const table = tables.at(-1);
    const cells = cellsOf(text);
    if (table === undefined || number !== last + 1) tables.push({ number, header: cells, rows: [] });
    else if (number > table.number + 1) table.rows.push(cells);
    last = number;
  }
  return tables;
}

function cellsOf(row: string): readonly string[] {
  return row
    .trim()
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function linksOf({ number, text }: Line): readonly Link[] {
  const withoutCode = text.replace(/(?<!\[)`[^`]*`(?!\])/g, '');
  return [...withoutCode.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({ number, text, target }));
}

function codeSpansOf({ number, text }: Line): readonly Line[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => ({ number, text: span.replaceAll('\\|', '|') }));
}

function anchorsOf(prose: readonly Line[]): ReadonlySet<string> {
  return new Set(
    prose.flatMap(({ text }) => {
      const heading = /^#{1,6} (.*)$/.exec(text)?.[1];
      if (heading === undefined) return [];
      const words = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '');
      return [words.trim().replace(/\s/g, '-')];
    }),
  );
}

function withoutBlankEnd(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}
