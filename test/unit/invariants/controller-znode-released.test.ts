import { describe, expect, it } from '@jest/globals';
import { controllerZnodeReleased as invariant } from '../../../src/invariants/controller-znode-released.js';
import { CONTROLLER, controllerValue, observe, outcome, rolledBack, Story, violation } from './story.js';

const znode = (value: string, ephemeral: boolean) => ({ znodes: { '/controller': { value, ephemeral } } });

describe('controller-znode-released', () => {
  it.each([
    ['it is absent', {}],
    ["it is a broker's ephemeral one", znode(controllerValue(0, -1), true)],
    ['it belongs to a broker that writes no KRaft epoch', znode('{"version":1,"brokerid":0,"timestamp":"1"}', true)],
  ])('holds when %s', (_, changes) => {
    expect(outcome(invariant, observe(rolledBack(), changes))).toBe('holds');
  });

  it("is violated when it is still KRaft's, and says whose and since when", () => {
    const story = new Story().deployed().migrated().rollbackBegun().rollBroker('ZK').reach('ZooKeeper');
    const claimed = story.events.findLast((event) => event.type === 'znode-changed' && event.path === '/controller');
    const found = violation(invariant, observe(story, znode(controllerValue(1, 1), false)));
    expect(found.message).toMatch(
      /^\/controller still belongs to KRaft controller 1 \(persistent\) after the rollback that ended at \d+\.\d s, by session 0x\w+, controller 1$/,
    );
    expect(found.evidence).toEqual([
      {
        subject: '/controller',
        expected: 'absent, or ephemeral with kraftControllerEpoch -1',
        found: `persistent ${controllerValue(1, 1)}`,
        where: 'znode',
        at: claimed?.t,
        writer: CONTROLLER,
      },
    ]);
  });

  it.each([
    [
      "a broker's that is not ephemeral",
      znode(controllerValue(0, -1), false),
      'belongs to broker 0, but is not ephemeral',
    ],
    ["KRaft's of epoch 0", znode(controllerValue(1, 0), false), 'belongs to KRaft controller 1'],
    ["KRaft's although ephemeral", znode(controllerValue(1, 1), true), 'belongs to KRaft controller 1 (ephemeral)'],
    ['unreadable', znode('no json', true), 'has content that no Kafka node writes'],
    ['without an owner', znode('{}', true), 'has content that no Kafka node writes'],
  ])('is violated when it is %s', (_, changes, message) => {
    expect(violation(invariant, observe(rolledBack(), changes)).message).toContain(message);
  });

  it('says nothing of a change or a writer that was not journalled', () => {
    const story = rolledBack();
    const evidence = {
      subject: '/controller',
      expected: 'absent, or ephemeral with kraftControllerEpoch -1',
      found: `persistent ${controllerValue(1, 1)}`,
      where: 'znode',
    };
    const events = story.events.filter((event) => event.type !== 'znode-changed');
    const unseen = violation(invariant, observe(story, { ...kraft, events }));
    expect(unseen.evidence).toStrictEqual([evidence]);
    expect(unseen.message).toMatch(/ended at \d+\.\d s$/);
    story.add({ type: 'znode-changed', path: '/controller', change: 'created' });
    const at = story.now;
    const anonymous = violation(invariant, observe(story, kraft));
    expect(anonymous.evidence).toStrictEqual([{ ...evidence, at }]);
    expect(anonymous.message).toMatch(/ended at \d+\.\d s$/);
  });

  const kraft = znode(controllerValue(1, 1), false);
  it.each([
    ['nothing was rolled back', new Story().deployed(), kraft],
    ['the rollback has not ended', new Story().deployed().migrated().rollbackBegun(), kraft],
    ['ZooKeeper could not be read', rolledBack(), { ...kraft, zookeeper: undefined }],
    ['the state is no longer ZooKeeper', rolledBack(), { ...kraft, state: 'KRaftMigration' as const }],
    [
      'the next migration has begun',
      rolledBack().gesture({ gesture: 'create-controller-pool', deleteClaim: true }),
      kraft,
    ],
  ])('does not apply when %s', (_, story, changes) => {
    expect(outcome(invariant, observe(story, changes))).toBe('not applicable');
  });
});
