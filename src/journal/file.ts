import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { EnvironmentError, messageOf, UsageError } from '../errors.js';
import { JOURNAL_VERSION, type JournalEvent, type JournalEventType } from './events.js';
import type { Journal } from './journal.js';
import { ANY_EVENT, EVENT_SCHEMAS } from './schema.js';
import { upgraded } from './upgrade.js';

/**
 * Reads a journal: one event a line, JSON. Events of a type that this version does not know are kept as they are;
 * readers ignore them, so that a newer run can still be shown. A last line that was cut off, for example because the
 * harness was killed while writing, is omitted: everything before it was written completely.
 *
 * @returns the events in the order of the file, the first of type `run-started`. A journal of an older format has the
 * optional fields that readers use (`upgrade.ts`).
 * @throws UsageError if the file cannot be read, is not a journal, has a line that is not an event, or is of a newer
 * version.
 */
export async function readJournal(file: string): Promise<JournalEvent[]> {
  const lines = (await contentOf(file)).split('\n');
  // The text after the last line break is empty, or a line that was cut off.
  const unfinished = lines.pop() ?? '';
  if (unfinished !== '' && parsed(unfinished) !== undefined) lines.push(unfinished);
  const events = lines.map((line, index) => readEvent(line, `${file}, line ${index + 1}`));
  const first = events[0];
  if (first === undefined) throw new UsageError(`${file} is not a journal: it contains no event.`);
  if (first.type !== 'run-started') {
    throw new UsageError(
      `${file} is not a journal: its first event is '${first.type}', not 'run-started'. Give the path of a run's journal.jsonl.`,
    );
  }
  return [...upgraded(events)];
}

/** Reading a FIFO, a terminal or a device may never end. */
async function contentOf(file: string): Promise<string> {
  try {
    if (!(await stat(file)).isFile()) throw new UsageError('it is not a regular file');
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = messageOf(error);
    throw new UsageError(`The journal ${file} cannot be read: ${reason}. Give the path of a run's journal.jsonl.`, {
      cause: error,
    });
  }
}

/** undefined: not JSON. */
function parsed(line: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(line) };
  } catch {
    return undefined;
  }
}

function readEvent(line: string, where: string): JournalEvent {
  const json = parsed(line);
  if (json === undefined) throw new UsageError(`${where}: not JSON. A journal has one event per line.`);
  const any = ANY_EVENT.safeParse(json.value);
  if (!any.success) throw new UsageError(`${where}: not an event of a journal: ${z.prettifyError(any.error)}`);
  const { type } = any.data;
  refuseNewer(any.data, where);
  // A type of a later version: it is kept, and the readers of this version ignore it.
  if (!isKnown(type)) return any.data as unknown as JournalEvent;
  const event = EVENT_SCHEMAS[type].safeParse(json.value);
  if (!event.success) throw new UsageError(`${where}: not a valid '${type}': ${z.prettifyError(event.error)}`);
  return event.data;
}

function isKnown(type: string): type is JournalEventType {
  return Object.hasOwn(EVENT_SCHEMAS, type);
}

/** Called before the shape is checked, because it may differ in a newer version. */
function refuseNewer(event: Readonly<Record<string, unknown>>, where: string): void {
  const version = event.journalVersion;
  if (event.type === 'run-started' && typeof version === 'number' && version > JOURNAL_VERSION) {
    throw new UsageError(
      `${where}: a journal of version ${version}. This version of remigrate reads versions up to ${JOURNAL_VERSION}: ` +
        'use the version of remigrate that wrote it, or a newer one.',
    );
  }
}

/**
 * Writes what is in the journal, and from now on every event as it comes, to the file: one write per line, so that the
 * file has everything that was journalled before a crash. The file must not exist; its folder is created.
 *
 * A failing write never stops the run that is being journalled, because its nodes must still be stopped: the error is
 * thrown when the file is closed.
 *
 * @returns closes the file and stops listening. Throws EnvironmentError if an event could not be written.
 * @throws UsageError if the file exists or cannot be created.
 */
export function writeJournalTo(journal: Journal, file: string): () => void {
  const descriptor = create(file);
  let failure: unknown;
  const append = (event: JournalEvent) => {
    if (failure !== undefined) return;
    try {
      writeSync(descriptor, `${JSON.stringify(event)}\n`);
    } catch (error) {
      failure = error;
    }
  };
  for (const event of journal.events()) append(event);
  const ignore = journal.listen(append);
  return () => {
    ignore();
    closeSync(descriptor);
    if (failure !== undefined) {
      const reason = messageOf(failure);
      throw new EnvironmentError(`The journal ${file} is incomplete, an event could not be written: ${reason}`, {
        cause: failure,
      });
    }
  };
}

function create(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return openSync(file, 'wx');
  } catch (error) {
    const reason = messageOf(error);
    throw new UsageError(
      `The journal ${file} cannot be written: ${reason}. Give a folder that contains no other run.`,
      {
        cause: error,
      },
    );
  }
}
