/** What a migration that is started now would do, or where a migration that is under way stands. */
export type Outcome =
  | 'first-copy'
  | 'skip-and-wipe'
  | 'loses-since-rollback'
  | 'no-controller'
  | 'never-begins'
  | 'under-way'
  | 'on-stale-metadata'
  | 'wiped'
  | 'finalised'
  | 'unknown';

export interface Forecast {
  readonly outcome: Outcome;
  readonly safety: 'safe' | 'unsafe' | 'unknown';
  /** One sentence: why. */
  readonly reason: string;
  /** Shell commands that make a migration safe, in order, while the state is ZooKeeper. */
  readonly commands: readonly string[];
  /** What to do where no command makes it safe. */
  readonly advice: string | undefined;
}

export function safe(outcome: Outcome, reason: string): Forecast {
  return { outcome, safety: 'safe', reason, commands: [], advice: undefined };
}

export function unsafe(outcome: Outcome, reason: string, advice: string): Forecast {
  return { outcome, safety: 'unsafe', reason, commands: [], advice };
}

export function fixable(outcome: Outcome, reason: string, commands: readonly string[]): Forecast {
  return { outcome, safety: 'unsafe', reason, commands, advice: undefined };
}

export function unknown(reason: string): Forecast {
  return { outcome: 'unknown', safety: 'unknown', reason, commands: [], advice: undefined };
}
