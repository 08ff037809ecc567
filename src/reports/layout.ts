/** The longest line, in characters. */
const WIDTH = 120;
/** Room for the longest label, `Out of order`. */
const LABEL = 14;
const INDENT = '  ';

/**
 * Breaks a text between its words into lines of at most `width` characters; a longer word (a path, a URL) stays whole.
 */
export function wrap(text: string, width: number = WIDTH): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A label with paragraphs beside it, each of them wrapped; no lines if there are no paragraphs. */
export function row(label: string, paragraphs: readonly string[]): readonly string[] {
  const lines = paragraphs.flatMap((paragraph) => wrap(paragraph, WIDTH - INDENT.length - LABEL));
  return lines.map((line, i) => `${INDENT}${(i === 0 ? label : '').padEnd(LABEL)}${line}`);
}

/** An indented paragraph. */
export function indented(text: string): readonly string[] {
  return wrap(text, WIDTH - INDENT.length).map((line) => `${INDENT}${line}`);
}
