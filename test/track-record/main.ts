import { renderTrackRecord } from './table.js';

/** Prints the table of docs/track-record.md. */
process.stdout.write(`${await renderTrackRecord()}\n`);
