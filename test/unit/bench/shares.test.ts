import { describe, expect, it } from '@jest/globals';
import { median, sharesOf } from '../../../bench/shares.js';
import type { JournalEvent, JournalEventBody } from '../../../src/journal/events.js';

function journal(...events: readonly (readonly [number, JournalEventBody])[]): readonly JournalEvent[] {
  return events.map(([t, body]) => ({ t, ...body }));
}

const started = (pod: string): JournalEventBody => ({
  type: 'node-started',
  role: 'broker',
  nodeId: 0,
  pod,
  configurationState: 'ZK',
  mode: 'zookeeper-based',
  configuration: {},
  configMap: {},
});
const ready = (pod: string): JournalEventBody => ({ type: 'node-ready', pod });

describe('sharesOf', () => {
  it('assigns each moment of a step to the first that applies: checks, starting, stopping, migrating, harness', () => {
    const shares = sharesOf(
      journal(
        [0, { type: 'step-started', step: 'migrate', index: 0 }],
        [1, started('broker-0')],
        [2, { type: 'state-changed', from: 'ZooKeeper', to: 'KRaftMigration', annotation: 'migration' }],
        [3, ready('broker-0')],
        [5, { type: 'node-stopping', pod: 'broker-0' }],
        [6, { type: 'node-stopped', pod: 'broker-0', reason: 'rolled' }],
        [7, { type: 'state-changed', from: 'KRaftMigration', to: 'KRaftDualWriting', annotation: 'migration' }],
        [8, { type: 'step-ran', step: 'migrate' }],
        [10, { type: 'step-ended', step: 'migrate', outcome: 'passed' }],
        [12, { type: 'run-ended', how: 'completed' }],
      ),
    );
    expect(shares).toEqual({ whole: 8, starting: 2, stopping: 1, migrating: 3, harness: 2, checks: 2 });
  });

  it('counts nodes that start together once', () => {
    const shares = sharesOf(
      journal(
        [0, { type: 'step-started', step: 'deploy', index: 0 }],
        [1, started('broker-0')],
        [2, started('broker-1')],
        [3, ready('broker-0')],
        [4, ready('broker-1')],
        [4, { type: 'step-ran', step: 'deploy' }],
        [4, { type: 'step-ended', step: 'deploy', outcome: 'passed' }],
      ),
    );
    expect(shares).toMatchObject({ whole: 4, starting: 3, harness: 1, checks: 0 });
  });

  it('omits what is outside of steps', () => {
    expect(sharesOf(journal([0, started('broker-0')], [5, ready('broker-0')]))).toMatchObject({ whole: 0 });
  });
});

describe('median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])('of %j is %d', (values, expected) => expect(median(values)).toBe(expected));

  it('of nothing is an error', () => expect(() => median([])).toThrow('no values'));
});
