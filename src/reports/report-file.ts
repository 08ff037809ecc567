import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, messageOf } from '../errors.js';

/** Writes a report at the end of a call. @throws EnvironmentError when it cannot be written. */
export async function writeReport(folder: string, name: string, content: string): Promise<void> {
  try {
    await writeFile(join(folder, name), content);
  } catch (error) {
    throw new EnvironmentError(`The reports cannot be written to ${folder}: ${messageOf(error)}`, { cause: error });
  }
}
