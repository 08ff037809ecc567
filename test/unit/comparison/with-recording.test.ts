import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compareWithRecording } from '../../../src/comparison/with-recording.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { readJournal } from '../../../src/journal/file.js';
import { packageRoot } from '../../../src/package-root.js';

const recorded = (): Promise<readonly JournalEvent[]> =>
  readJournal(join(packageRoot(), 'fixtures/recordings/0.45.1-one-broker.jsonl'));

/** The recording, with another beginning. */
async function runLike(change: object): Promise<readonly JournalEvent[]> {
  const [started, ...rest] = await recorded();
  return [{ ...started, ...change } as JournalEvent, ...rest];
}
const parts = (environment: string, operator: string) => ({ parts: { environment, operator, kafka: 'real' } });

describe('a run in Kubernetes, compared with the recording', () => {
  it('agrees if it did the same', async () => {
    const lines = await compareWithRecording(await runLike(parts('kubernetes', 'real')));
    expect(lines).toEqual([
      expect.stringMatching(/^agrees with recording 0\.45\.1-one-broker: \d\d items in 7 lanes are the same$/),
    ]);
  });

  it('does not agree if it reached no verdict', async () => {
    const run = await runLike(parts('kubernetes', 'real'));
    const begun = run.slice(
      0,
      run.findIndex(({ type }) => type === 'step-ran'),
    );
    expect(await compareWithRecording(begun)).toEqual([
      expect.stringMatching(
        /^no difference from recording .* but this is no agreement .* reached no verdict: its journal ends/,
      ),
    ]);
  });

  it('is not compared if a stand-in replaced the operator', async () => {
    const lines = await compareWithRecording(await runLike(parts('kubernetes', 'stand-in')));
    expect(lines).toEqual(['not compared: a stand-in replaced the operator']);
  });

  it('is not compared if it is a candidate, which is compared with its baseline', async () => {
    const candidate = { ...parts('kubernetes', 'real'), operatorVersion: '0.45.3', baseline: '0.45.1' };
    expect(await compareWithRecording(await runLike(candidate))).toEqual([]);
  });

  it('differs if it did something else, and says how', async () => {
    const run = (await runLike(parts('kubernetes', 'real'))).filter(
      (event) => event.type !== 'operator-deleted-znode' || event.path !== '/migration',
    );
    const [first, ...explanation] = await compareWithRecording(run);
    expect(first).toBe('the first difference from recording 0.45.1-one-broker:');
    expect(explanation.join(' ')).toContain('/migration');
  });

  it.each([
    ['of another scenario', { scenario: 'twice-around' }],
    ['of an unknown version', { operatorVersion: '0.45.3' }],
    ['with other nodes', { topology: { brokers: 3, controllers: 1, zookeepers: 1 } }],
  ])('has nothing to be compared with: %s', async (_what, change) => {
    const lines = await compareWithRecording(await runLike({ ...parts('kubernetes', 'real'), ...change }));
    expect(lines).toEqual([expect.stringContaining('not compared: no recording has this')]);
  });

  describe('of a scenario that there is no recording of', () => {
    const unrecorded = { ...parts('kubernetes', 'real'), scenario: 'twice-around' };
    const events = async () => runLike({ ...parts('local', 'replayed'), scenario: 'twice-around' });

    it('agrees with a local replay that did the same', async () => {
      const replay = { version: '0.45.1', events: await events() };
      expect(await compareWithRecording(await runLike(unrecorded), replay)).toEqual([
        expect.stringMatching(/^agrees with a local replay of 0\.45\.1: \d\d items in 7 lanes are the same$/),
      ]);
    });

    it('differs from a local replay that did something else', async () => {
      const without = (await events()).filter(({ type }) => type !== 'operator-deleted-znode');
      const [first] = await compareWithRecording(await runLike(unrecorded), { version: '0.45.1', events: without });
      expect(first).toBe('the first difference from a local replay of 0.45.1:');
    });

    it('says why there is no replay', async () => {
      const replay = { version: '0.45.1', unavailable: 'There is no Java.' };
      expect(await compareWithRecording(await runLike(unrecorded), replay)).toEqual([
        'not compared: no recording has this scenario, version and topology, and it could not be replayed here: There is no Java.',
      ]);
    });
  });

  it('is not compared if it was replayed', async () => {
    expect(await compareWithRecording(await runLike(parts('local', 'replayed')))).toEqual([]);
  });
});
