import { writeSync } from 'node:fs';
import { INTERNAL_ERROR } from './exit.js';

/** Node's exit code for a top-level await that never settles (Node.js 20, "Process exit codes"). */
const NEVER_SETTLED = 13;

/**
 * Makes sure that a process which exits before it has reached a verdict does not exit with 0, "as expected". Node exits when
 * nothing is left to wait for, for example when a connection to Docker is gone; and a library that testcontainers loads
 * turns Node's code 13 into 0 (signal-exit 3.0.7, `index.js`, processEmit).
 * @returns a function to call when the verdict is reached.
 */
export function guardExit(process: NodeJS.Process): () => void {
  let hasVerdict = false;
  process.on('exit', (code) => {
    if (hasVerdict || (code !== 0 && code !== NEVER_SETTLED)) return;
    process.exitCode = INTERNAL_ERROR;
    writeSync(2, 'remigrate: exited before reaching a verdict; this is a bug\n');
  });
  return () => {
    hasVerdict = true;
  };
}
