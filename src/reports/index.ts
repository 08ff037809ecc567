import { createJUnitReporter } from './junit.js';
import { allReporters, type Reporter } from './reporter.js';
import { createResultReporter } from './result.js';
import { createTerminalReporter, type TerminalOptions } from './terminal.js';

export { exitCodeOf, type ReportedRun, type Reporter, reportJournal } from './reporter.js';
export { RESULT_FILE, renderResult } from './result.js';

export interface ReportOptions {
  readonly terminal: TerminalOptions;
  /** The folder for reports that are files; it must exist. undefined: no files are written. */
  readonly folder: string | undefined;
}

/** Every format, in the order in which they are written. A new format is one file and one line here. */
const FORMATS: readonly ((options: ReportOptions) => Reporter | undefined)[] = [
  ({ folder }) => (folder === undefined ? undefined : createResultReporter(folder)),
  ({ folder }) => (folder === undefined ? undefined : createJUnitReporter(folder)),
  ({ terminal }) => createTerminalReporter(terminal),
];

/** Reports the runs of a call in every format that the options ask for. */
export function createReporter(options: ReportOptions): Reporter {
  return allReporters(FORMATS.flatMap((create) => create(options) ?? []));
}
