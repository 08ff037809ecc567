import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compareWithRecording } from '../../../src/comparison/with-recording.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { readJournal } from '../../../src/journal/file.js';
import { packageRoot } from '../../../src/package-root.js';

const recorded = (): Promise<readonly JournalEvent[]> =>
  readJournal(join(packageRoot(), 'fixtures/recordings/0.45.1-one-broker.jsonl'));

/** The recording, begun in another way. */
async function runLike(change: object): Promise<readonly JournalEvent[]> {
  const [started, ...rest] = await recorded();
  return [{ ...started, ...change } as JournalEvent, ...rest];
}
const parts = (environment: string, operator: string) => ({ parts: { environment, operator, kafka: 'real' } });

describe('a run in Kubernetes beside what was recorded', () => {
  it('agrees where it did the same', async () => {
    const told = await compareWithRecording(await runLike(parts('kubernetes', 'real')));
    expect(told).toEqual(['the replay of 0.45.1 agrees, as does recording 0.45.1-one-broker']);
  });

  it('compares nothing where a stand-in took the operator’s place', async () => {
    const told = await compareWithRecording(await runLike(parts('kubernetes', 'stand-in')));
    expect(told).toEqual(['not compared: a stand-in ran']);
  });

  it('leaves a candidate to what it is held against', async () => {
    const candidate = { ...parts('kubernetes', 'real'), operatorVersion: '0.45.3', baseline: '0.45.1' };
    expect(await compareWithRecording(await runLike(candidate))).toEqual([]);
  });

  it('differs where it did not, and says how', async () => {
    const run = (await runLike(parts('kubernetes', 'real'))).filter(
      (event) => event.type !== 'operator-deleted-znode' || event.path !== '/migration',
    );
    const [first, ...explanation] = await compareWithRecording(run);
    expect(first).toContain('the first difference from the replay of 0.45.1 and recording 0.45.1-one-broker');
    expect(explanation.join(' ')).toContain('/migration');
  });

  it.each([
    ['of another scenario', { scenario: 'twice-around' }],
    ['of an unknown version', { operatorVersion: '0.45.3' }],
    ['with other nodes', { topology: { brokers: 3, controllers: 1, zookeepers: 1 } }],
  ])('has nothing to be compared with: %s', async (_what, change) => {
    const told = await compareWithRecording(await runLike({ ...parts('kubernetes', 'real'), ...change }));
    expect(told).toEqual([expect.stringContaining('not compared: no recording has this')]);
  });

  it('is not asked for elsewhere', async () => {
    expect(await compareWithRecording(await runLike(parts('local', 'replayed')))).toEqual([]);
  });
});
