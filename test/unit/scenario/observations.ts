import type { Observation } from '../../../src/invariants/invariant.js';
import { ONE_OF_EACH } from '../../../src/strimzi/topology.js';

/** An observation in which nothing was read, except for what the test passes. */
export function observation(changes: Partial<Observation> = {}): Observation {
  return {
    step: 'work',
    moment: 'ended',
    state: 'ZooKeeper',
    topology: ONE_OF_EACH,
    expectedTopics: [],
    deletedTopics: [],
    zookeeper: undefined,
    kraft: undefined,
    records: undefined,
    znodes: {},
    events: [],
    ...changes,
  };
}
