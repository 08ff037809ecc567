import type { Evidence, JournalEvent } from '../journal/events.js';
import { listNames, seconds } from '../journal/text.js';
import type { Invariant, Observation, Violation } from './invariant.js';
import { firstUnjudged, is, lastRollback, type Rollback } from './reading/history.js';
import { byWriter } from './reading/wording.js';
import { changesOf, phaseAfter, phaseBefore, type ZnodeChange } from './reading/znodes.js';

const PATH = '/migration';

/**
 * After a rollback `/migration` does not exist, and is not created again until the next migration begins with the
 * creation of a controller pool. A leftover makes the next migration skip its copy (strimzi-kafka-operator#11262;
 * Strimzi 0.45.0 `KRaftMigrationUtils.java:46-68` deletes `/controller` only, 0.45.1 `:49-88` both).
 *
 * Its absence proves something only if it existed before: in a migration that reached KRaftDualWriting it must have
 * been seen with an offset above 0. Otherwise the invariant is violated, because nothing is proved. `disabled` in
 * KRaftMigration ends a migration that need not have copied anything; there it is enough that the znode was seen at
 * all.
 */
export const migrationZnodeAbsent: Invariant = {
  name: 'migration-znode-absent',
  about: 'residue',
  title: 'After a rollback /migration, once copied, is absent until the next migration begins',

  applies: (observation) => rollbackToJudge(observation) !== undefined,

  evaluate(observation) {
    const rollback = rollbackToJudge(observation);
    if (rollback === undefined) return undefined;
    const changes = windowOf(rollback, observation.events);
    return (
      leftOver(rollback, changes, observation) ??
      cameBack(rollback, changes) ??
      unproven(rollback, changes, observation)
    );
  },
};

/**
 * The rollback whose end is to be judged now: while the state is ZooKeeper, and once more when the next migration has
 * begun.
 */
function rollbackToJudge(observation: Observation): Rollback | undefined {
  const rollback = lastRollback(observation.events);
  if (rollback === undefined) return undefined;
  const isDue =
    rollback.nextPool === undefined
      ? observation.state === 'ZooKeeper'
      : rollback.nextPool >= firstUnjudged(observation);
  if (!isDue) return undefined;
  const copyWasDue = rollback.from !== 'KRaftMigration';
  return copyWasDue || wasSeen(rollback, observation) ? rollback : undefined;
}

/** Whether `/migration` existed at all in the migration that was rolled back, or exists now. */
function wasSeen(rollback: Rollback, observation: Observation): boolean {
  const changes = windowOf(rollback, observation.events);
  return (
    changes.some(({ index }) => index > rollback.pool) ||
    phaseBefore(changes, rollback.pool) !== 'absent' ||
    existsNow(rollback, observation)
  );
}

/** Every change of `/migration` up to the next migration. */
function windowOf(rollback: Rollback, events: readonly JournalEvent[]): readonly ZnodeChange[] {
  return changesOf(PATH, events.slice(0, rollback.nextPool));
}

function existsNow(rollback: Rollback, { znodes }: Observation): boolean {
  return rollback.nextPool === undefined && znodes[PATH] !== undefined;
}

/** Where `/migration` was last copied before the rollback's end; undefined: not in this migration. */
function lastCopy(rollback: Rollback, changes: readonly ZnodeChange[]): number | undefined {
  const copy = changes.findLast(
    (change) => change.index > rollback.pool && change.index < rollback.index && phaseAfter(change) === 'copied',
  );
  if (copy !== undefined) return copy.index;
  return phaseBefore(changes, rollback.pool) === 'copied' ? rollback.pool : undefined;
}

function leftOver(
  rollback: Rollback,
  changes: readonly ZnodeChange[],
  observation: Observation,
): Violation | undefined {
  const last = changes.at(-1);
  const exists = last !== undefined && phaseAfter(last) !== 'absent';
  if (!exists && !existsNow(rollback, observation)) return undefined;
  const next = rollback.nextPool === undefined ? undefined : observation.events[rollback.nextPool];
  const value = (next === undefined ? observation.znodes[PATH]?.value : undefined) ?? last?.event.value;
  const deleted = deletedByOperator(rollback, observation.events);
  const until =
    next === undefined ? 'is still there' : `was still there when the next migration began at ${seconds(next.t)},`;
  return {
    message: `/migration ${until} after the rollback that ended at ${seconds(rollback.end.t)}: ${deleted}`,
    evidence: [
      {
        subject: PATH,
        expected: `absent since the rollback that ended at ${seconds(rollback.end.t)}`,
        found: value ?? 'present',
        where: 'znode',
        note: deleted,
        noteInMessage: true,
        ...blame(exists ? last : undefined),
      },
    ],
  };
}

function cameBack(rollback: Rollback, changes: readonly ZnodeChange[]): Violation | undefined {
  const copy = lastCopy(rollback, changes) ?? rollback.pool;
  const deletion = changes.find((change) => change.index > copy && phaseAfter(change) === 'absent');
  if (deletion === undefined) return undefined;
  const back = changes.find((change) => change.index > deletion.index && phaseAfter(change) !== 'absent');
  if (back === undefined) return undefined;
  const after = seconds(back.event.t - deletion.event.t);
  const [by, deletedBy] = [byWriter(back.event.writer), byWriter(deletion.event.writer)];
  return {
    message: `/migration came back at ${seconds(back.event.t)}, ${after} after its deletion${by}`,
    evidence: [
      {
        subject: PATH,
        expected: `absent without interruption since ${seconds(deletion.event.t)}`,
        found: back.event.value ?? 'present',
        where: 'znode',
        note: `${after} after its deletion${deletedBy}`,
        // The message says who created it again; the note adds who deleted it, if that was another.
        ...(deletedBy === '' || deletedBy === by ? { noteInMessage: true } : {}),
        ...blame(back),
      },
    ],
  };
}

function unproven(rollback: Rollback, changes: readonly ZnodeChange[], { events }: Observation): Violation | undefined {
  if (rollback.from === 'KRaftMigration' || lastCopy(rollback, changes) !== undefined) return undefined;
  const pool = events[rollback.pool];
  const since = pool === undefined ? 'the start of the run' : `the controller pool was created at ${seconds(pool.t)}`;
  const seen = changes.some((change) => change.index > rollback.pool && phaseAfter(change) === 'initial')
    ? 'present without an offset above 0'
    : 'never present';
  return {
    message: `the absence of /migration proves nothing: it was not seen with an offset above 0 since ${since} (the rollback ended at ${seconds(rollback.end.t)})`,
    evidence: [
      {
        subject: PATH,
        expected: 'seen with an offset above 0 before the rollback, then deleted',
        found: seen,
        where: 'znode',
      },
    ],
  };
}

function blame(change: ZnodeChange | undefined): Pick<Evidence, 'at' | 'writer'> {
  if (change === undefined) return {};
  const { t, writer } = change.event;
  return { at: t, ...(writer === undefined ? {} : { writer }) };
}

function deletedByOperator(rollback: Rollback, events: readonly JournalEvent[]): string {
  const deleted = events
    .slice(rollback.pool + 1, rollback.index)
    .flatMap((event) =>
      is(event, 'operator-deleted-znode') && event.outcome === 'deleted'
        ? [`${event.path} at ${seconds(event.t)}`]
        : [],
    );
  return deleted.length === 0 ? 'the operator deleted no znode' : `the operator deleted ${listNames(deleted)}`;
}
