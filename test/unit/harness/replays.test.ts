import { expect, it } from '@jest/globals';
import { compareWithBaselines } from '../../../src/comparison/candidates.js';
import { UsageError } from '../../../src/errors.js';
import { type PlayReplay, playReplays, type ReplayOptions } from '../../../src/harness/replays.js';
import type { JournalEvent, RunStarted } from '../../../src/journal/events.js';
import { loadProfiles, shippedProfilesFolder } from '../../../src/operator/profile.js';
import { scenario, step } from '../../../src/scenario/scenario.js';
import { ONE_OF_EACH } from '../../../src/strimzi/topology.js';
import { journal, SURVIVED, started } from '../comparison/journals.js';

const OWN = scenario({
  name: 'own-scenario',
  title: 'A scenario that there is no recording of',
  expected: { survives: 'It does nothing.' },
  steps: [step('nothing', async () => undefined)],
});
const REAL = { environment: 'kubernetes', operator: 'real', kafka: 'real' } as const;
const DEPLOY = { type: 'gesture', gesture: 'deploy' } as const;

function run(changes: Partial<RunStarted>, bodies: Parameters<typeof journal>[0] = [DEPLOY, ...SURVIVED]) {
  return {
    events: journal(bodies, started({ scenario: OWN.name, operatorVersion: '0.45.2', parts: REAL, ...changes })),
  };
}

/** What was played, and what the user was told. */
class Played {
  readonly versions: string[] = [];
  readonly told: string[] = [];
  readonly options: ReplayOptions = {
    env: {},
    kafkaVersion: '3.9.0',
    topology: ONE_OF_EACH,
    data: undefined,
    scenarios: [OWN],
    profiles: loadProfiles([shippedProfilesFolder()]),
    progress: (text) => this.told.push(text),
    interrupt: new AbortController().signal,
  };
  readonly play: PlayReplay = async ({ name }, version) => {
    this.versions.push(version);
    return journal([DEPLOY, ...SURVIVED], started({ scenario: name, operatorVersion: version }));
  };

  of(runs: readonly { readonly events: readonly JournalEvent[] }[], play = this.play) {
    return playReplays(runs, this.options, play);
  }
}

it('a run of a real operator without a recording gets a local replay of its version, and the user is told', async () => {
  const played = new Played();
  const [only] = await played.of([run({})]);
  expect(only?.replay).toMatchObject({ version: '0.45.2', events: [{ type: 'run-started' }, DEPLOY, {}, {}] });
  expect(played.told).toEqual([
    'Playing a local replay of own-scenario with Strimzi 0.45.2, because there is no recording of it (--no-replay omits it)',
  ]);
});

it('a replay is played once for all runs that need it', async () => {
  const played = new Played();
  await played.of([run({}), run({ operatorVersion: '0.45.3', baseline: '0.45.2', run: 'another' })]);
  await played.of([run({}), run({})]);
  expect(played.versions).toEqual(['0.45.2', '0.45.2']);
});

it('a candidate without a run or recording of its baseline is compared with a replay of the baseline', async () => {
  const played = new Played();
  const [candidate] = await compareWithBaselines(
    await played.of([run({ operatorVersion: '0.45.3', baseline: '0.45.2' })]),
  );
  expect(played.versions).toEqual(['0.45.2']);
  expect(candidate?.baseline?.lines[0]).toBe(
    '0.45.3 compared with 0.45.2: no difference from a local replay of 0.45.2',
  );
});

it.each([
  ['that is replayed', run({ parts: { ...REAL, operator: 'replayed' } })],
  ['that a stand-in took part in', run({ parts: { ...REAL, operator: 'stand-in' } })],
  ['that reached no verdict', run({}, [DEPLOY])],
  ['that there is a recording of', run({ scenario: 'rollback-remigrate' })],
  ['of a scenario that is not at hand', run({ scenario: 'somebody-elses' })],
])('a run %s is not replayed', async (_what, one) => {
  const played = new Played();
  const [only] = await played.of([one]);
  expect(only?.replay).toBeUndefined();
  expect(played.versions).toEqual([]);
});

it('if this machine cannot replay, the run says why; a bug is not hidden', async () => {
  const noJava = async () => Promise.reject(new UsageError('There is no Java.'));
  const [only] = await new Played().of([run({})], noJava);
  expect(only?.replay).toEqual({ version: '0.45.2', unavailable: 'There is no Java' });
  await expect(new Played().of([run({})], () => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
});
