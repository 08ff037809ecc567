import type { Readable } from 'node:stream';

export interface TextLine {
  readonly text: string;
  /** False for the last line of a stream that does not end with a line break: the line may be incomplete. */
  readonly whole: boolean;
}

/** The lines of a UTF-8 stream, without their line breaks, as they arrive. Throws when the stream breaks. */
export async function* linesOf(stream: Readable): AsyncGenerator<TextLine> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const piece of stream) {
    const lines = (rest + String(piece)).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) yield { text, whole: true };
  }
  if (rest !== '') yield { text: rest, whole: false };
}
