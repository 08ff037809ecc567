import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JournalEvent } from '../../src/journal/events.js';
import { ofType } from '../scenarios/support.js';
import { makePlace, type Place, removePlace } from './support/command.js';
import { runOwn } from './support/own-scenario.js';

const TEST_TIMEOUT_MS = 240_000;

/** The volume is replaced in ZooKeeper mode, on a broker without partitions: nothing can be lost. */
const STATEMENTS = `
      await cluster.writeZnode('/of-the-user', 'created');
      await cluster.writeZnode('/of-the-user', 'changed');
      await cluster.restartZooKeeper(0);
      await cluster.scaleBrokers(2);
      await cluster.replaceBrokerVolume(1);
      await cluster.waitForState('ZooKeeper');

      await cluster.createControllerPool({ deleteClaim: true });
      await cluster.annotate('migration');
      // The pass that this triggers has begun.
      await new Promise((resolve) => setImmediate(resolve));
      await cluster.restartOperator();
      await cluster.reached('KRaftDualWriting');
      await cluster.restartController(2);
      await cluster.waitForState('KRaftPostMigration');
      await topics.create('during');`;

describe('the gestures of a user who does much at once', () => {
  let place: Place;
  let run: Awaited<ReturnType<typeof runOwn>>;
  beforeAll(async () => {
    place = await makePlace();
    run = await runOwn(place, STATEMENTS);
  }, TEST_TIMEOUT_MS);
  afterAll(() => removePlace(place));

  it('are survived', () => {
    expect(run.result.all).toContain('SURVIVED');
    expect(run.result.exitCode).toBe(0);
  });

  it('are journalled as they were made', () => {
    const gestures = ofType(run.events, 'gesture').map(({ t: _t, type: _type, ...gesture }) => gesture);
    expect(gestures).toEqual([
      { gesture: 'deploy' },
      { gesture: 'write-znode', path: '/of-the-user', value: 'created' },
      { gesture: 'write-znode', path: '/of-the-user', value: 'changed' },
      { gesture: 'restart-zookeeper', nodeId: 0 },
      { gesture: 'scale-broker-pool', replicas: 2 },
      { gesture: 'replace-broker-volume', nodeId: 1 },
      { gesture: 'create-controller-pool', deleteClaim: true },
      { gesture: 'annotate', value: 'migration' },
      { gesture: 'restart-operator' },
      { gesture: 'restart-controller', nodeId: 2 },
    ]);
  });

  it('restart the nodes that they name: the controllers’ ids come after those of the new broker', () => {
    const byUser = ofType(run.events, 'node-stopped').filter(({ reason }) => reason === 'user');
    expect(byUser.map(({ pod }) => pod)).toEqual([
      'my-cluster-zookeeper-0',
      'my-cluster-broker-1',
      'my-cluster-controller-2',
    ]);
    const started = new Set(ofType(run.events, 'node-started').map(({ pod }) => pod));
    expect(started).toEqual(
      new Set(['my-cluster-zookeeper-0', 'my-cluster-broker-0', 'my-cluster-broker-1', 'my-cluster-controller-2']),
    );
  });

  it('replace the volume while the broker is down', () => {
    const broker = run.events.filter((event) => 'pod' in event && event.pod === 'my-cluster-broker-1');
    const wiped = broker.findIndex(({ type }) => type === 'volume-wiped');
    expect(broker.slice(wiped - 1, wiped + 2).map(({ type }) => type)).toEqual([
      'node-stopped',
      'volume-wiped',
      'node-started',
    ]);
  });

  it('abandon the pass that the operator was in', () => {
    const restarted = run.events.findIndex(({ type }) => type === 'operator-restarted');
    const passes = (events: readonly JournalEvent[]) => events.filter(({ type }) => type.startsWith('pass-'));
    expect(passes(run.events.slice(0, restarted)).at(-1)).toMatchObject({
      type: 'pass-started',
      annotation: 'migration',
    });
    expect(passes(run.events.slice(restarted))[0]).toMatchObject({ type: 'pass-started', annotation: 'migration' });
  });

  it('come while the operator goes on: the state passes on before the controller is ready again', () => {
    const states = ofType(run.events, 'state-changed').map(({ to }) => to);
    expect(states).toEqual(['ZooKeeper', 'KRaftMigration', 'KRaftDualWriting', 'KRaftPostMigration']);
    const at = (type: JournalEvent['type'], test: (event: JournalEvent) => boolean): number =>
      run.events.findIndex((event) => event.type === type && test(event));
    const dualWriting = at('state-changed', (event) => 'to' in event && event.to === 'KRaftDualWriting');
    const gesture = at('gesture', (event) => 'gesture' in event && event.gesture === 'restart-controller');
    const postMigration = at('state-changed', (event) => 'to' in event && event.to === 'KRaftPostMigration');
    expect(dualWriting).toBeLessThan(gesture);
    expect(gesture).toBeLessThan(postMigration);
  });
});
