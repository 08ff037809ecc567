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
  readonly forecasts: ExpectedForecasts;
}

interface LibraryEntry {
  readonly scenario: string;
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

/** Every shipped scenario on one node of each role, in every environment. */
export const LIBRARY: readonly LibraryEntry[] = [
  {
    scenario: 'rollback-remigrate',
    broken: WIPED,
    fixed: survives(TWICE, 'under-way'),
  },
  {
    scenario: 'rollback-remigrate-volumes-kept',
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
    broken: survives(ONCE, 'skip-and-wipe', [LEFTOVER]),
    fixed: survives(ONCE, 'first-copy'),
  },
  {
    scenario: 'rollback-manual-cleanup',
    broken: survives(TWICE, 'under-way', [LEFTOVER]),
    fixed: survives(TWICE, 'under-way'),
  },
  {
    scenario: 'upgrade-after-rollback',
    broken: WIPED,
    fixed: survives(TWICE, 'under-way'),
  },
  {
    scenario: 'upgrade-cleanup-finalize',
    broken: survives(TWICE, 'finalised', [LEFTOVER]),
    fixed: survives(TWICE, 'finalised'),
  },
  {
    scenario: 'migrate-and-finalize',
    broken: survives(ONCE, 'finalised'),
    fixed: survives(ONCE, 'finalised'),
  },
  {
    scenario: 'remigrate-and-finalize',
    broken: WIPED,
    fixed: survives(TWICE, 'finalised'),
  },
];

/** How a scenario ends with an operator version. @throws Error if the library has no such scenario. */
export function endOf(scenario: string, operatorVersion: string): ScenarioEnd {
  const entry = LIBRARY.find((one) => one.scenario === scenario);
  if (entry === undefined) throw new Error(`LIBRARY has no scenario ${scenario}`);
  return operatorVersion === '0.45.0' ? entry.broken : entry.fixed;
}
