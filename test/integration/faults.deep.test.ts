import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makePlace, type Place, removePlace } from './support/command.js';
import { runOwn } from './support/own-scenario.js';

const TEST_TIMEOUT_MS = 240_000;

describe('a node that does not respond, or ends,', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  it(
    'because the scenario’s own fault kills it comes back, and after a freeze it goes on: survived',
    async () => {
      const { result, events } = await runOwn(
        place,
        `
        await faults.inject('freeze-node', 'zookeeper-0');
        await faults.undo('freeze-node', 'zookeeper-0');
        await faults.inject('kill-node', 'broker-0');
        await topics.create('during');`,
      );
      expect(result.all).toContain('SURVIVED');
      expect(result.exitCode).toBe(0);
      expect(
        events.flatMap((event) => (event.type === 'fault' ? [[event.fault, event.action, event.pod]] : [])),
      ).toEqual([
        ['freeze-node', 'inject', 'my-cluster-zookeeper-0'],
        ['freeze-node', 'undo', 'my-cluster-zookeeper-0'],
        ['kill-node', 'inject', 'my-cluster-broker-0'],
      ]);
      const killed = events.findIndex((event) => event.type === 'container-restarted' && event.how === 'SIGKILL');
      expect(events.slice(killed).some((event) => event.type === 'node-ready')).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'because the scenario’s own fault froze it does not make the wait that times out inconclusive for that reason',
    async () => {
      const { result, events } = await runOwn(
        place,
        `
        await faults.inject('freeze-node', 'broker-0');
        await cluster.waitForState('KRaft');`,
        '--timeout',
        '20',
      );
      expect(result.exitCode).toBe(3);
      expect(result.all).toContain('timed out after 20 s waiting for the state KRaft');
      expect(result.all).not.toContain('something outside of the cluster');
      expect(events.filter((event) => event.type === 'node-unresponsive')).toEqual([
        expect.objectContaining({ pod: 'my-cluster-broker-0', detail: expect.stringContaining('(state T)') }),
      ]);
      // At the end of the run it is thawed.
      expect(events.filter((event) => event.type === 'fault').at(-1)).toMatchObject({ action: 'undo' });
    },
    TEST_TIMEOUT_MS,
  );
});
