import { expect, it } from '@jest/globals';
import { byWriter, describeConfigs, describeTopic } from '../../../../src/invariants/reading/wording.js';
import { CONTROLLER, topic } from '../story.js';

it('a writer is named after a comma, if it is known', () => {
  expect(byWriter(CONTROLLER)).toBe(`, by session ${CONTROLLER.session}, controller 1`);
  expect(byWriter(undefined)).toBe('');
});

it('a topic is described by its id, its partitions with their replicas, and its configs', () => {
  const partitions = [
    { partition: 0, replicas: [0, 1] },
    { partition: 1, replicas: [1, 2] },
  ];
  expect(describeTopic(topic('orders', { id: 'q1', partitions }))).toBe(
    'id q1, 2 partitions on brokers [0,1] [1,2], configs retention.ms=60000',
  );
});

it('configs are described in the order of their names, or as none', () => {
  expect(describeConfigs({ b: '2', a: '1' })).toBe('configs a=1 b=2');
  expect(describeConfigs({})).toBe('no configs');
});
