import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EnvironmentError, messageOf } from '../errors.js';
import type { Observation } from '../invariants/invariant.js';
import type { FileReference, Observed } from '../journal/events.js';
import type { Journal } from '../journal/journal.js';
import type { MetadataSnapshot } from '../metadata/model.js';

/** The version of the files in `observations/`. */
export const OBSERVATION_VERSION = 1;

/** The part of an observation that is in a file of its own: it can be large, and most readers do not need it. */
export interface ObservationFile extends Pick<Observation, 'expectedTopics' | 'deletedTopics'> {
  readonly observationVersion: typeof OBSERVATION_VERSION;
  /** null: no records were read back. */
  readonly records: NonNullable<Observation['records']> | null;
  /** Absent: the brokers were not asked, or none answered. */
  readonly leaders?: NonNullable<Observation['leaders']>;
}

/**
 * Writes an observation to the journal, immediately before it is judged, so that a run can be judged again from its
 * folder (`rebuild.ts`).
 * @param only the subject of the invariants that are evaluated; undefined: all of them.
 * @throws EnvironmentError when a file cannot be written.
 */
export type RecordObservation = (observation: Observation, only?: 'outage') => void;

/** @param folder the run's folder, for snapshots and for what does not fit into the journal. */
export function observationRecorder(journal: Journal, folder: string): RecordObservation {
  let observations = 0;
  let snapshots = 0;
  const snapshotFile = (step: string, snapshot: MetadataSnapshot | undefined): FileReference | undefined => {
    if (snapshot === undefined) return undefined;
    const { source, topics } = snapshot;
    snapshots += 1;
    const reference = writeJson(folder, `snapshots/${numbered(snapshots)}-${source}.json`, snapshot);
    journal.write({ type: 'snapshot-taken', step, source, topics: topics.length, file: reference.file });
    return reference;
  };
  return (observation, only) => {
    const { step, moment, state, topology, expectedTopics, deletedTopics, records = null, leaders } = observation;
    const zookeeper = snapshotFile(step, observation.zookeeper);
    const kraft = snapshotFile(step, observation.kraft);
    observations += 1;
    const content: ObservationFile = {
      observationVersion: OBSERVATION_VERSION,
      expectedTopics,
      deletedTopics,
      records,
      ...(leaders === undefined ? {} : { leaders }),
    };
    journal.write({
      type: 'observed',
      step,
      moment,
      state: state ?? null,
      topology,
      znodes: znodesOf(observation),
      observation: writeJson(folder, `observations/${numbered(observations)}.json`, content),
      ...(zookeeper === undefined ? {} : { zookeeper }),
      ...(kraft === undefined ? {} : { kraft }),
      ...(only === undefined ? {} : { only }),
    });
  };
}

function znodesOf({ znodes }: Observation): Observed['znodes'] {
  return Object.fromEntries(Object.entries(znodes).map(([path, znode]) => [path, znode ?? null]));
}

/** `01`, `02`, ..., `100` */
function numbered(position: number): string {
  return String(position).padStart(2, '0');
}

function writeJson(folder: string, file: string, content: object): FileReference {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  const path = join(folder, file);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    throw new EnvironmentError(`${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  return { file, sha256: sha256Of(text) };
}

/** In lower-case hexadecimal. */
export function sha256Of(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
