import { describe, expect, it } from '@jest/globals';
import { compareWithBaselines } from '../../../src/comparison/candidates.js';
import type { Replay } from '../../../src/comparison/replays.js';
import type { JournalEventBody, RunStarted } from '../../../src/journal/events.js';
import { ISSUE, journal, SURVIVED, started } from './journals.js';

const REAL = { environment: 'kubernetes', operator: 'real', kafka: 'real' } as const;
const DEPLOYED: readonly JournalEventBody[] = [{ type: 'gesture', gesture: 'deploy' }, ...SURVIVED];

function run(changes: Partial<RunStarted>, replay?: Replay) {
  const head = started({ scenario: 'rollback-remigrate', operatorVersion: '0.45.2', parts: REAL, ...changes });
  return { events: journal(DEPLOYED, head), ...(replay === undefined ? {} : { replay }) };
}
const candidate = (changes: Partial<RunStarted> = {}, replay?: Replay) =>
  run({ operatorVersion: '0.45.3', baseline: '0.45.2', ...changes }, replay);
const REPLAY: Replay = { version: '0.45.2', events: run({ scenario: 'own', parts: started().parts }).events };

describe("a candidate's run", () => {
  const lineOf = async (...runs: Parameters<typeof compareWithBaselines>[0]) =>
    (await compareWithBaselines(runs))[0]?.baseline?.lines[0];

  it('is compared with the run of its baseline in the same call, wherever that stands', async () => {
    const other = run({ scenario: 'other' });
    await expect(lineOf(candidate(), run({ operatorVersion: '0.45.1' }), other, run({}))).resolves.toBe(
      '0.45.3 compared with 0.45.2: no difference from the run of 0.45.2 in this command',
    );
  });

  it('is compared with the first of several runs of its baseline', async () => {
    const [head, ...rest] = run({}).events;
    const other = { events: [head, { t: 1, type: 'node-gone', pod: 'my-cluster-broker-0' }, ...rest.slice(1)] };
    await expect(lineOf(candidate(), run({}), other as ReturnType<typeof run>)).resolves.toContain(
      'no difference from',
    );
    await expect(lineOf(candidate(), other as ReturnType<typeof run>, run({}))).resolves.toContain('first difference');
  });

  it('is compared with the recording of its baseline else', async () => {
    await expect(lineOf(candidate(), run({ operatorVersion: '0.45.1' }))).resolves.toContain('recording 0.45.2-');
  });

  it('is compared with a replay if there is neither', async () => {
    await expect(lineOf(candidate({ scenario: 'own' }, REPLAY))).resolves.toBe(
      '0.45.3 compared with 0.45.2: no difference from a local replay of 0.45.2',
    );
  });

  it.each([
    ['there is nothing', candidate({ scenario: 'own' })],
    ['the replay is not available', candidate({ scenario: 'own' }, { version: '0.45.2', unavailable: 'no Java' })],
    ['a stand-in took part in it', candidate({ parts: { ...REAL, operator: 'stand-in' } })],
  ])('is compared with the known issues only if %s', async (_, one) => {
    await expect(lineOf(one)).resolves.toContain('there is no journal of 0.45.2: run both in one command');
  });

  it('counts the topics that only it lost, unless it is compared with a recording, which has others', async () => {
    const lost: JournalEventBody = {
      type: 'invariant-evaluated',
      step: 'migrate again',
      invariant: 'zookeeper-metadata-survives',
      about: 'loss',
      holds: false,
      message: 'a topic vanished',
      evidence: [{ subject: '/brokers/topics/orders', expected: 'present', found: 'absent' }],
      knownIssue: ISSUE,
    };
    const losing = (one: { readonly events: ReturnType<typeof journal> }) => ({
      ...one,
      events: one.events.toSpliced(2, 0, { t: 1, ...lost }),
    });
    await expect(lineOf(losing(candidate()), run({}))).resolves.toContain('it lost what 0.45.2 kept');
    await expect(lineOf(losing(candidate({ scenario: 'own' }, REPLAY)))).resolves.toContain('it lost what 0.45.2 kept');
    await expect(lineOf(losing(candidate()))).resolves.not.toContain('it lost what 0.45.2 kept');
  });
});

it('a run of a known version is not compared with a baseline, and keeps its place', async () => {
  const runs = [run({}), candidate()];
  const compared = await compareWithBaselines(runs);
  expect(compared.map(({ baseline }) => baseline?.outcome)).toEqual([undefined, 'same']);
  expect(compared.map(({ events }) => events)).toEqual(runs.map(({ events }) => events));
});
