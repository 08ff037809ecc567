import { type Replay, replayNeeded } from '../comparison/replays.js';
import { messageOf, UsageError } from '../errors.js';
import type { JournalEvent } from '../journal/events.js';
import { summarise } from '../journal/summary.js';
import type { OperatorProfiles } from '../operator/profile.js';
import type { Scenario } from '../scenario/scenario.js';
import { Session, type SessionOptions } from './session.js';

/** What is played, and with what. */
export interface ReplayOptions
  extends Pick<SessionOptions, 'env' | 'kafkaVersion' | 'topology' | 'data' | 'progress' | 'interrupt'> {
  /** The scenarios of the runs. */
  readonly scenarios: readonly Scenario[];
  readonly profiles: OperatorProfiles;
}

/** Plays one replay. @throws UsageError if this machine cannot, for example without Java. */
export type PlayReplay = (
  scenario: Scenario,
  version: string,
  options: ReplayOptions,
) => Promise<readonly JournalEvent[]>;

/**
 * Adds to each run of a real operator the local replay that it must be compared with, if there is nothing better (see
 * `replayNeeded`). A replay is played once for all runs that need it. If it cannot be played here, the run says why.
 */
export async function playReplays<R extends { readonly events: readonly JournalEvent[] }>(
  runs: readonly R[],
  options: ReplayOptions,
  play: PlayReplay = playLocally,
): Promise<readonly (R & { readonly replay?: Replay })[]> {
  const played = new Map<string, Replay>();
  const found: (R & { readonly replay?: Replay })[] = [];
  for (const run of runs) {
    const version = await replayNeeded(run, runs);
    const { scenario: name } = summarise(run.events).started;
    const scenario = options.scenarios.find((candidate) => candidate.name === name);
    if (version === undefined || scenario === undefined || options.interrupt.aborted) {
      found.push(run);
      continue;
    }
    const key = JSON.stringify([name, version]);
    const replay = played.get(key) ?? (await tryToPlay(scenario, version, options, play));
    played.set(key, replay);
    found.push({ ...run, replay });
  }
  return found;
}

async function tryToPlay(
  scenario: Scenario,
  version: string,
  options: ReplayOptions,
  play: PlayReplay,
): Promise<Replay> {
  options.progress(
    `Playing a local replay of ${scenario.name} with Strimzi ${version}, because there is no recording of it (--no-replay omits it)`,
  );
  try {
    return { version, events: await play(scenario, version, options) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { version, unavailable: messageOf(error) };
  }
}

async function playLocally(
  scenario: Scenario,
  version: string,
  { profiles, scenarios: _, ...options }: ReplayOptions,
): Promise<readonly JournalEvent[]> {
  const session = await Session.open(
    { ...options, environment: { kind: 'local', timings: 'fast' }, operatorVersions: [version], strict: false },
    profiles,
  );
  try {
    const { events } = await session.run({
      scenario,
      operatorVersion: version,
      results: () => undefined,
      keep: false,
      notice: options.progress,
    });
    return events;
  } finally {
    await session.close();
  }
}
