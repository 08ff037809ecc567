import type { Outcome } from '../../src/inspection/forecast/outcome.js';
import type { EventOf } from '../../src/journal/events.js';

/** What `inspect` says before each migration of a scenario, and at its end. */
export interface ExpectedForecasts {
  readonly migrations: readonly Outcome[];
  readonly atEnd: Outcome;
}

/** How a scenario ends with an operator version. */
export interface ScenarioEnd {
  /** With the step in which something was lost. */
  readonly verdict: Pick<EventOf<'verdict'>, 'verdict' | 'step'>;
  /** The invariants that do not hold, by name. */
  readonly violated: readonly string[];
  /** Invariants that may hold or not, by name: it depends on timing. */
  readonly mayBeViolated?: readonly string[];
  /** The known issues that explain it; by default only the one about the leftover /migration. */
  readonly issues?: readonly string[];
  readonly forecasts: ExpectedForecasts;
}

interface LibraryEntry {
  readonly scenario: string;
  /** Where it is run by tests: on Kubernetes only what needs few nodes and was recorded in each of its states. */
  readonly where: 'everywhere' | 'local-and-containers' | 'local';
  /** With 0.45.0, whose rollback leaves /migration behind. */
  readonly broken: ScenarioEnd;
  /** With every later version. */
  readonly fixed: ScenarioEnd;
}

const ONCE: readonly Outcome[] = ['first-copy'];
const TWICE: readonly Outcome[] = ['first-copy', 'first-copy'];

const LEFTOVER = 'migration-znode-absent';
const LOST = { verdict: 'lost', step: 'migrate again' } as const;
const WIPED: ScenarioEnd = {
  verdict: LOST,
  violated: [LEFTOVER, 'zookeeper-metadata-survives'],
  forecasts: { migrations: ['first-copy', 'skip-and-wipe'], atEnd: 'wiped' },
};
const STALE: ExpectedForecasts = { migrations: ['first-copy', 'loses-since-rollback'], atEnd: 'on-stale-metadata' };

function survives(migrations: readonly Outcome[], atEnd: Outcome, violated: readonly string[] = []): ScenarioEnd {
  return { verdict: { verdict: 'survived' }, violated, forecasts: { migrations, atEnd } };
}

/** The same end with every version. */
function always(
  scenario: string,
  end: ScenarioEnd,
  where: LibraryEntry['where'] = 'local-and-containers',
): LibraryEntry {
  return { scenario, where, broken: end, fixed: end };
}

/** The rollback ends the run: nothing can be said about the cluster that it leaves. */
const BROKEN_ROLLBACK: ScenarioEnd = {
  verdict: { verdict: 'broken', step: 'roll back' },
  violated: ['nodes-stay-up'],
  issues: ['KAFKA-20762'],
  forecasts: { migrations: ONCE, atEnd: 'unknown' },
};
/** A way back that ends in ZooKeeper mode, where 0.45.0 leaves /migration behind. */
function wayBack(scenario: string, where: LibraryEntry['where'] = 'local-and-containers'): LibraryEntry {
  return {
    scenario,
    where,
    broken: survives(ONCE, 'skip-and-wipe', [LEFTOVER]),
    fixed: survives(ONCE, 'first-copy'),
  };
}

/** Every shipped scenario with the nodes that it needs. */
export const LIBRARY: readonly LibraryEntry[] = [
  {
    scenario: 'rollback-remigrate',
    where: 'everywhere',
    broken: WIPED,
    fixed: survives(TWICE, 'under-way'),
  },
  {
    scenario: 'rollback-remigrate-volumes-kept',
    where: 'everywhere',
    broken: {
      verdict: LOST,
      violated: ['controllers-start-empty', LEFTOVER, 'zookeeper-metadata-survives'],
      forecasts: STALE,
    },
    fixed: {
      verdict: LOST,
      violated: ['controllers-start-empty', 'kraft-metadata-survives', 'migration-completes', 'records-survive'],
      forecasts: STALE,
    },
  },
  {
    scenario: 'rollback-only',
    where: 'everywhere',
    broken: survives(ONCE, 'skip-and-wipe', [LEFTOVER]),
    fixed: survives(ONCE, 'first-copy'),
  },
  {
    scenario: 'rollback-manual-cleanup',
    where: 'everywhere',
    broken: survives(TWICE, 'under-way', [LEFTOVER]),
    fixed: survives(TWICE, 'under-way'),
  },
  {
    scenario: 'upgrade-after-rollback',
    where: 'everywhere',
    broken: WIPED,
    fixed: survives(TWICE, 'under-way'),
  },
  {
    scenario: 'upgrade-cleanup-finalize',
    where: 'everywhere',
    broken: survives(TWICE, 'finalised', [LEFTOVER]),
    fixed: survives(TWICE, 'finalised'),
  },
  {
    scenario: 'migrate-and-finalize',
    where: 'everywhere',
    broken: survives(ONCE, 'finalised'),
    fixed: survives(ONCE, 'finalised'),
  },
  {
    scenario: 'remigrate-and-finalize',
    where: 'everywhere',
    broken: WIPED,
    fixed: survives(TWICE, 'finalised'),
  },
  always('broker-volume-replaced-then-rolled-back', BROKEN_ROLLBACK),
  always('broker-added-then-rolled-back', BROKEN_ROLLBACK),
  wayBack('broker-volume-replaced-again-before-disabled'),
  wayBack('broker-volume-replaced-again-after-disabled'),
  wayBack('meta-properties-rewritten-after-disabled', 'local'),
  {
    scenario: 'added-broker-volume-replaced-after-disabled',
    where: 'local-and-containers',
    broken: {
      verdict: { verdict: 'lost', step: 'roll back' },
      violated: ['records-survive', LEFTOVER],
      issues: ['replicas-only-on-replaced-volume', 'strimzi-kafka-operator#11262'],
      forecasts: { migrations: ONCE, atEnd: 'skip-and-wipe' },
    },
    fixed: {
      verdict: { verdict: 'lost', step: 'roll back' },
      violated: ['records-survive'],
      issues: ['replicas-only-on-replaced-volume'],
      forecasts: { migrations: ONCE, atEnd: 'first-copy' },
    },
  },
  always('only-controller-on-ephemeral-storage', {
    verdict: { verdict: 'broken', step: 'restart the controller' },
    violated: ['nodes-become-ready'],
    issues: ['strimzi-kafka-operator#10187'],
    forecasts: { migrations: ONCE, atEnd: 'under-way' },
  }),
  always('migration-znode-without-data', {
    verdict: { verdict: 'broken', step: 'migrate' },
    violated: ['migration-finishes'],
    issues: ['KAFKA-19480'],
    forecasts: { migrations: ['never-begins'], atEnd: 'never-begins' },
  }),
  always('migration-znode-empty', {
    verdict: { verdict: 'broken', step: 'migrate' },
    violated: ['migration-finishes'],
    issues: ['empty-migration-znode'],
    forecasts: { migrations: ['never-begins'], atEnd: 'never-begins' },
  }),
  always('paused-in-dual-write', {
    verdict: { verdict: 'broken', step: 'finish the rollback during a pause' },
    violated: ['controller-znode-released', LEFTOVER, 'partitions-have-leaders'],
    issues: ['pause-removes-state'],
    forecasts: { migrations: ONCE, atEnd: 'no-controller' },
  }),
  always('quorum-epoch-above-zookeepers', {
    verdict: { verdict: 'broken', step: 'finish the rollback' },
    violated: ['controller-elects'],
    mayBeViolated: ['partitions-have-leaders'],
    issues: ['KAFKA-20488'],
    forecasts: { migrations: ONCE, atEnd: 'first-copy' },
  }),
  wayBack('quorum-epoch-raised-in-zookeeper'),
];

/** How a scenario ends with an operator version. @throws Error if the library has no such scenario. */
export function endOf(scenario: string, operatorVersion: string): ScenarioEnd {
  const entry = LIBRARY.find((one) => one.scenario === scenario);
  if (entry === undefined) throw new Error(`LIBRARY has no scenario ${scenario}`);
  return operatorVersion === '0.45.0' ? entry.broken : entry.fixed;
}
