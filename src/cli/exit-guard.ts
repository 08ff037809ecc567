import { writeSync } from 'node:fs';
import { INTERNAL_ERROR } from './exit.js';

/** Node's own, for a top-level await that nothing settles any more (Node.js 20, "Process exit codes"). */
const NEVER_SETTLED = 13;

/**
 * Sees to it that a process which ends before it has an answer does not end with 0, "as expected". Node ends where nothing is
 * left to wait for, an answer of Docker's on a connection that is gone for example; and a library that testcontainers loads
 * makes 0 of its code 13 (signal-exit 3.0.7, `index.js`, processEmit).
 * @returns to be called with the answer.
 */
export function guardExit(process: NodeJS.Process): () => void {
  let answered = false;
  process.on('exit', (code) => {
    if (answered || (code !== 0 && code !== NEVER_SETTLED)) return;
    process.exitCode = INTERNAL_ERROR;
    writeSync(
      2,
      'remigrate: ended without an answer: what it waited for can not come any more. There is no verdict.\n',
    );
  });
  return () => {
    answered = true;
  };
}
