import type { JournalEvent } from '../src/journal/events.js';

/** Where the time of a run went, in seconds. The shares add up to the whole. */
export interface Shares {
  /** From the first step's start to the last step's own end, without checks: the sum of the shares. */
  readonly whole: number;
  /** A node was starting: from its start to its readiness. */
  readonly starting: number;
  /** A node was stopping, and none was starting. */
  readonly stopping: number;
  /** Neither, and the operator waited for the migration: state KRaftMigration, or a pass that reads the controllers. */
  readonly migrating: number;
  /** The rest: planning, journalling, clients, waking up. */
  readonly harness: number;
  /** Not part of the whole: snapshots, read-backs and invariants. */
  readonly checks: number;
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

/**
 * Pairs each opening event with the next closing one of the same key. An interval that never closes ends with the run.
 */
function intervals(
  events: readonly JournalEvent[],
  opens: (event: JournalEvent) => string | undefined,
  closes: (event: JournalEvent) => string | undefined,
): readonly Interval[] {
  const open = new Map<string, number>();
  const found: Interval[] = [];
  for (const event of events) {
    const closed = closes(event);
    const from = closed === undefined ? undefined : open.get(closed);
    if (closed !== undefined && from !== undefined) {
      found.push({ from, to: event.t });
      open.delete(closed);
    }
    const opened = opens(event);
    if (opened !== undefined && !open.has(opened)) open.set(opened, event.t);
  }
  const end = events.at(-1)?.t ?? 0;
  return [...found, ...[...open.values()].map((from) => ({ from, to: end }))];
}

function covers(all: readonly Interval[], at: number): boolean {
  return all.some(({ from, to }) => from <= at && at < to);
}

/**
 * Splits a run's time by what was going on, the first that applies: checks, starting, stopping, migrating, the rest.
 */
export function sharesOf(events: readonly JournalEvent[]): Shares {
  const pod = (type: JournalEvent['type']) => (event: JournalEvent) =>
    event.type === type && 'pod' in event ? event.pod : undefined;
  const steps = intervals(
    events,
    (event) => (event.type === 'step-started' ? event.step : undefined),
    (event) => (event.type === 'step-ended' ? event.step : undefined),
  );
  const checks = intervals(
    events,
    (event) => (event.type === 'step-ran' ? event.step : undefined),
    (event) => (event.type === 'step-ended' ? event.step : undefined),
  );
  const starting = intervals(
    events,
    pod('node-started'),
    (event) => pod('node-ready')(event) ?? pod('node-stopped')(event),
  );
  const stopping = intervals(events, pod('node-stopping'), pod('node-stopped'));
  const migrating = intervals(
    events,
    (event) => (event.type === 'state-changed' && event.to === 'KRaftMigration' ? 'migration' : undefined),
    (event) => (event.type === 'state-changed' && event.from === 'KRaftMigration' ? 'migration' : undefined),
  );
  const sums = { checks: 0, starting: 0, stopping: 0, migrating: 0, harness: 0 };
  const edges = [
    ...new Set([...steps, ...checks, ...starting, ...stopping, ...migrating].flatMap(({ from, to }) => [from, to])),
  ];
  edges.sort((a, b) => a - b);
  for (const [index, from] of edges.entries()) {
    const to = edges[index + 1];
    if (to === undefined || !covers(steps, from)) continue;
    const what = covers(checks, from)
      ? 'checks'
      : covers(starting, from)
        ? 'starting'
        : covers(stopping, from)
          ? 'stopping'
          : covers(migrating, from)
            ? 'migrating'
            : 'harness';
    sums[what] += to - from;
  }
  const { checks: apart, ...rest } = sums;
  return { ...rest, checks: apart, whole: rest.starting + rest.stopping + rest.migrating + rest.harness };
}

/** Of several runs, the middle value of each part. @throws Error for no runs. */
export function medianShares(shares: readonly Shares[]): Shares {
  const of = (part: keyof Shares): number => median(shares.map((one) => one[part]));
  return {
    whole: of('whole'),
    starting: of('starting'),
    stopping: of('stopping'),
    migrating: of('migrating'),
    harness: of('harness'),
    checks: of('checks'),
  };
}

/** The middle value, or the mean of the two middle values. @throws Error for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new Error('no values to take the median of');
  return (upper + lower) / 2;
}
