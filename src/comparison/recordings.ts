import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { UsageError } from '../errors.js';
import type { JournalEvent, RunStarted } from '../journal/events.js';
import { readJournal } from '../journal/file.js';
import { summarise } from '../journal/summary.js';
import { packageRoot } from '../package-root.js';

const FOLDER = join(packageRoot(), 'fixtures/recordings');
const ENDING = '.jsonl';
const JOURNAL = 'journal.jsonl';

/** The folder in which recordings are looked up by name. */
export function recordingsFolder(): string {
  return FOLDER;
}

/** Names of the recordings of real operators that this package includes. */
export async function recordingNames(): Promise<readonly string[]> {
  return (await readdir(FOLDER))
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .sort();
}

/**
 * The journal of a recording (by its name), of a run's folder, or a journal file itself.
 * @throws UsageError that lists the recordings.
 */
export async function findJournal(nameOrPath: string): Promise<string> {
  const path = resolve(nameOrPath);
  if (existsSync(path)) {
    const file = statSync(path).isDirectory() ? join(path, JOURNAL) : path;
    if (existsSync(file)) return file;
    throw new UsageError(`${path} is not the folder of a run: it contains no ${JOURNAL}.${await runsIn(path)}`);
  }
  const names = await recordingNames();
  if (names.includes(nameOrPath)) return join(FOLDER, `${nameOrPath}${ENDING}`);
  throw new UsageError(
    `Run or recording "${nameOrPath}" does not exist. Did you mean ${closest(nameOrPath, [...names])}? Recordings: ${names.join(', ')}. For a run, give its folder (--out).`,
  );
}

/** The folder that was given as `--out` holds a folder for each run: a hint that names them. */
async function runsIn(folder: string): Promise<string> {
  const runs = (await readdir(folder)).filter((name) => existsSync(join(folder, name, JOURNAL))).sort();
  return runs.length === 0 ? '' : ` It contains the runs ${runs.join(', ')}: give one of these folders.`;
}

/** What a real operator did, as a recording shows it. */
export interface Recording {
  readonly name: string;
  readonly events: readonly JournalEvent[];
}

/**
 * The recording of an operator version in the scenario of a run, with its Kafka and nodes; undefined: there is none. The
 * recording of a candidate is that of one build, and not of the version.
 */
export async function recordingLike(started: RunStarted, operatorVersion: string): Promise<Recording | undefined> {
  const wanted = kindOf({ ...started, operatorVersion });
  for (const name of await recordingNames()) {
    const events = await readJournal(await findJournal(name));
    const { started: recorded } = summarise(events);
    if (recorded.baseline === undefined && kindOf(recorded) === wanted) return { name, events };
  }
  return undefined;
}

/** What two runs must share to be compared. */
function kindOf({ scenario, operatorVersion, kafkaVersion, topology }: RunStarted): string {
  const { brokers, controllers, zookeepers } = topology;
  return JSON.stringify([scenario, operatorVersion, kafkaVersion, brokers, controllers, zookeepers]);
}
