import { word } from '../../strimzi/shell.js';

/** `kubectl`, with `--context` if there is one; a context may have any name. */
export function kubectlTo(context: string | undefined): string {
  return context === undefined ? 'kubectl' : `kubectl --context ${word(context)}`;
}
