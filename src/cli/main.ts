#!/usr/bin/env node
import {
  OPEN_FILES_TO_LOAD,
  openFilesProblem,
  PROCESSES_OF_A_COMMAND,
  processesProblem,
} from '../distribution/limits.js';

// This file imports almost nothing: if too few files can be opened, Node.js fails to load the rest, and its exit code
// would be 1, which means a loss. If too few processes can be started, the search for Java would report none.
const problem = openFilesProblem(OPEN_FILES_TO_LOAD) ?? processesProblem(PROCESSES_OF_A_COMMAND);
if (problem === undefined) {
  await import('./program.js');
} else {
  process.stderr.write(`remigrate: ${problem}\n`);
  process.exitCode = 2;
}
