import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, UsageError } from '../errors.js';
import type { Observation } from '../invariants/invariant.js';
import type { EventOf, FileReference, InvariantEvaluated, JournalEvent, Observed } from '../journal/events.js';
import { readJournal } from '../journal/file.js';
import { History } from '../journal/history.js';
import type { Leadership } from '../metadata/kafka/leaders.js';
import type { DeletedTopic, RecordsReadBack } from '../metadata/model.js';
import { METADATA_SNAPSHOT, TOPIC_METADATA } from '../metadata/snapshot-file.js';
import { OBSERVATION_VERSION, sha256Of } from './observation-record.js';

/** A part of an observation that a journal does not have. */
export class NotRecorded extends Error {
  override readonly name = 'NotRecorded';
  readonly part: keyof Observation;

  constructor(part: keyof Observation) {
    super(`the journal does not have ${PARTS[part] ?? part}`);
    this.part = part;
  }
}

/** What was judged at one moment of a run, and with which result. */
export interface JudgedMoment {
  /**
   * What the invariants were given. In a journal of a version that did not record it, reading a part that is missing
   * throws NotRecorded.
   */
  readonly observation: Observation;
  /** Whether the journal has the whole observation. */
  readonly recorded: boolean;
  /** Only the invariants about this were evaluated; undefined: all of them. */
  readonly only: Observed['only'];
  /** What the run found, in order: invariants, and after them the scenario's own checks. */
  readonly evaluated: readonly InvariantEvaluated[];
}

const PARTS: Partial<Record<keyof Observation, string>> = {
  moment: 'how the step ended',
  expectedTopics: 'the topics that must exist',
  deletedTopics: 'the topics that must not exist',
  zookeeper: 'the snapshot of ZooKeeper',
  kraft: 'the snapshot of KRaft',
  records: 'the records that were read back',
  znodes: 'the znodes',
};

/**
 * Rebuilds everything that the invariants of a run judged, from its folder: the journal and the files that it names.
 * @param folder a run's folder, with `journal.jsonl`
 * @throws UsageError when the journal cannot be read, or when a file is missing, was changed after the run, or is not
 * what the journal says.
 */
export async function rebuildObservations(folder: string): Promise<readonly JudgedMoment[]> {
  const events = await readJournal(join(folder, 'journal.jsonl'));
  return groupsOf(events).map(({ at, observed, evaluated, history }) => ({
    observation:
      observed === undefined
        ? partOfObservation(evaluated[0]?.step ?? '', events, at, history)
        : { ...observationOf(observed, folder), events: history },
    recorded: observed !== undefined,
    only: observed?.only,
    evaluated,
  }));
}

interface Group {
  /** Where in the journal the evaluation begins. */
  readonly at: number;
  readonly observed: Observed | undefined;
  readonly evaluated: readonly InvariantEvaluated[];
  /** What the invariants were given as events. */
  readonly history: readonly JournalEvent[];
}

/** The moments at which something was judged: each `observed`, or, without one, the evaluations of one step. */
function groupsOf(events: readonly JournalEvent[]): readonly Group[] {
  const groups: {
    at: number;
    observed: Observed | undefined;
    evaluated: InvariantEvaluated[];
    history: JournalEvent[];
  }[] = [];
  const replay = new Replay();
  for (const [at, event] of events.entries()) {
    const last = groups.at(-1);
    if (event.type === 'observed') {
      groups.push({ at, observed: event, evaluated: [], history: [...replay.history.events()] });
    } else if (event.type === 'invariant-evaluated') {
      const belongs = last !== undefined && (last.observed?.step ?? last.evaluated[0]?.step) === event.step;
      if (belongs) last.evaluated.push(event);
      else groups.push({ at, observed: undefined, evaluated: [event], history: [...replay.history.events()] });
    }
    replay.next(event);
  }
  return groups;
}

/** A journal that is played again, for `History`. */
class Replay {
  readonly history: History;
  #listener: (event: JournalEvent) => void = () => undefined;

  constructor() {
    this.history = new History({
      events: () => [],
      listen: (listener) => {
        this.#listener = listener;
        return () => undefined;
      },
    });
  }

  next(event: JournalEvent): void {
    this.#listener(event);
  }
}

function observationOf(observed: Observed, folder: string): Omit<Observation, 'events'> {
  const { step, moment, state, topology, znodes, observation, zookeeper, kraft } = observed;
  const { expectedTopics, deletedTopics, records, leaders } = parsed(OBSERVATION, folder, observation);
  const snapshot = (reference: FileReference | undefined) =>
    reference === undefined ? undefined : parsed(METADATA_SNAPSHOT, folder, reference);
  return {
    step,
    moment,
    state: state ?? undefined,
    topology,
    expectedTopics,
    deletedTopics,
    zookeeper: snapshot(zookeeper),
    kraft: snapshot(kraft),
    records: records ?? undefined,
    ...(leaders === undefined ? {} : { leaders }),
    znodes: Object.fromEntries(Object.entries(znodes).map(([path, znode]) => [path, znode ?? undefined])),
  };
}

/** What a journal without `observed` has of an observation. */
function partOfObservation(
  step: string,
  journal: readonly JournalEvent[],
  at: number,
  events: readonly JournalEvent[],
): Observation {
  const [head] = journal;
  const states = journal
    .slice(0, at)
    .filter((event): event is EventOf<'state-changed'> => event.type === 'state-changed');
  const missing = (part: keyof Observation): never => {
    throw new NotRecorded(part);
  };
  return {
    step,
    state: states.at(-1)?.to,
    topology: head?.type === 'run-started' ? head.topology : missing('topology'),
    events,
    get moment() {
      return missing('moment');
    },
    get expectedTopics() {
      return missing('expectedTopics');
    },
    get deletedTopics() {
      return missing('deletedTopics');
    },
    get zookeeper() {
      return missing('zookeeper');
    },
    get kraft() {
      return missing('kraft');
    },
    get records() {
      return missing('records');
    },
    get znodes() {
      return missing('znodes');
    },
  };
}

const count = z.int().nonnegative();
const DELETED: z.ZodType<DeletedTopic> = z.looseObject({ name: z.string(), id: z.string() });
const READ_BACK: z.ZodType<RecordsReadBack> = z.looseObject({
  topic: z.string(),
  acknowledged: count,
  readBack: count,
  missing: z.array(z.string()),
  logs: z.array(z.looseObject({ partition: count, acknowledged: count, start: z.int(), end: z.int() })),
});
const LEADERSHIP: z.ZodType<Leadership> = z.looseObject({
  partitions: count,
  leaderless: z.array(
    z.looseObject({
      topic: z.string(),
      partition: count,
      leader: z.int(),
      replicas: z.array(z.int()),
      isr: z.array(z.int()),
      live: z.array(z.int()),
    }),
  ),
});
const OBSERVATION = z.looseObject({
  observationVersion: z.literal(OBSERVATION_VERSION),
  expectedTopics: z.array(TOPIC_METADATA),
  deletedTopics: z.array(DELETED),
  records: z.array(READ_BACK).nullable(),
  leaders: z.exactOptional(LEADERSHIP),
});

/** @throws UsageError when the file cannot be read, or is not the one that the journal names. */
function contentOf(folder: string, { file, sha256 }: FileReference): unknown {
  const path = join(folder, file);
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    throw new UsageError(
      `${path}, which the journal names, cannot be read: ${messageOf(error)}. Give the whole folder of the run.`,
      { cause: error },
    );
  }
  const found = sha256Of(content);
  if (found !== sha256) {
    throw new UsageError(
      `${path} is not the file that the run wrote: its SHA-256 is ${found}, the journal says ${sha256}. Give the folder as the run left it.`,
    );
  }
  try {
    return JSON.parse(content.toString());
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${messageOf(error)}.`, { cause: error });
  }
}

/** @throws UsageError as `contentOf` does, or when the file does not have this schema. */
function parsed<T>(schema: z.ZodType<T>, folder: string, reference: FileReference): T {
  const result = schema.safeParse(contentOf(folder, reference));
  if (result.success) return result.data;
  throw new UsageError(
    `${join(folder, reference.file)} does not hold what the journal says: ${z.prettifyError(result.error)}. Read it with the version of remigrate that wrote it, or a newer one.`,
  );
}
