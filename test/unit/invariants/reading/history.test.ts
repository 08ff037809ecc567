import { describe, expect, it } from '@jest/globals';
import {
  annotationNow,
  firstUnjudged,
  lastPoolCreation,
  lastRollback,
  runningNodes,
} from '../../../../src/invariants/reading/history.js';
import { observe, rolledBack, Story } from '../story.js';

const BROKER = 'my-cluster-broker-0';
const CONTROLLER = 'my-cluster-controller-1';

function running(story: Story): readonly string[] {
  return runningNodes(story.events).map(({ start, ready }) => `${start.pod}${ready ? ' ready' : ''}`);
}

describe('the nodes that run', () => {
  const two = () => new Story().broker('ZK').ready(BROKER).controller().ready(CONTROLLER);

  it('are those that were started, in the order of their last start', () => {
    expect(running(two())).toEqual([`${BROKER} ready`, `${CONTROLLER} ready`]);
    expect(running(two().broker('MIGRATION'))).toEqual([`${CONTROLLER} ready`, BROKER]);
  });

  it('are not those that were stopped, nor those whose pod is gone', () => {
    expect(running(two().stop(BROKER))).toEqual([`${CONTROLLER} ready`]);
    expect(running(two().gone(CONTROLLER))).toEqual([`${BROKER} ready`]);
    expect(running(two().log('a line').reach('ZooKeeper'))).toHaveLength(2);
  });

  it('are not ready after the kubelet restarted them, until they say so again', () => {
    expect(running(two().crash())).toEqual([BROKER, `${CONTROLLER} ready`]);
    expect(running(two().crash().ready(BROKER))).toEqual([`${BROKER} ready`, `${CONTROLLER} ready`]);
    expect(running(new Story().ready(BROKER).crash())).toEqual([]);
  });

  it('have their last start and its index', () => {
    const story = two().rollBroker('MIGRATION');
    const broker = runningNodes(story.events).at(-1);
    expect(broker?.start.configurationState).toBe('MIGRATION');
    expect(story.events[broker?.index ?? -1]).toBe(broker?.start);
  });
});

describe('what no earlier step has judged', () => {
  const judged = () => new Story().reach('ZooKeeper').evaluated('first').evaluated('second');
  const from = (story: Story, step: string) => firstUnjudged(observe(story, { step }));

  it('begins after the last evaluation in another step', () => {
    expect(from(judged(), 'third')).toBe(3);
    expect(from(judged().reach('KRaftMigration'), 'third')).toBe(3);
    expect(from(judged().reach('KRaftMigration').evaluated('third'), 'third')).toBe(3);
    expect(from(judged(), 'second')).toBe(2);
  });

  it('is everything in the first step', () => {
    expect(from(new Story().reach('ZooKeeper').evaluated('first').reach('KRaftMigration'), 'first')).toBe(0);
    expect(from(new Story(), 'first')).toBe(0);
  });
});

describe('the annotation now', () => {
  it('is the last one that the user set, or else disabled', () => {
    const story = new Story().gesture({ gesture: 'annotate', value: 'migration' });
    story.gesture({ gesture: 'annotate', value: 'rollback' }).gesture({ gesture: 'deploy' });
    expect(annotationNow(story.events)).toEqual({ value: 'rollback', index: 1 });
    expect(annotationNow([])).toEqual({ value: 'disabled', index: -1 });
  });
});

describe('the last rollback', () => {
  it('is the last arrival in ZooKeeper from another state', () => {
    const story = rolledBack().migrated().rolledBack();
    const found = lastRollback(story.events);
    expect(found).toMatchObject({
      from: 'KRaftDualWriting',
      pool: lastPoolCreation(story.events),
      nextPool: undefined,
    });
    expect(found?.end).toBe(story.events.findLast((event) => event.type === 'state-changed'));
    expect(story.events[found?.index ?? -1]).toBe(found?.end);
  });

  it('is not the arrival of a new cluster, nor a state that is reached again', () => {
    expect(lastRollback(new Story().deployed().reach('ZooKeeper').events)).toBeUndefined();
    const story = rolledBack();
    const end = lastRollback(story.events)?.index;
    expect(lastRollback(story.reach('ZooKeeper').events)?.index).toBe(end);
  });

  it('says where the next migration began', () => {
    const story = rolledBack();
    const next = story.events.length;
    story.migrated();
    expect(lastRollback(story.events)).toMatchObject({ nextPool: next });
    expect(lastRollback(story.gesture({ gesture: 'create-controller-pool', deleteClaim: true }).events)).toMatchObject({
      nextPool: next,
    });
  });
});
