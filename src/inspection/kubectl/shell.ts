/** A word that no POSIX shell splits or expands. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** Quotes a text so that a POSIX shell reads it as one word. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `kubectl`, with `--context` if there is one; a context may have any name. */
export function kubectlTo(context: string | undefined): string {
  if (context === undefined) return 'kubectl';
  return `kubectl --context ${PLAIN_WORD.test(context) ? context : quoted(context)}`;
}
