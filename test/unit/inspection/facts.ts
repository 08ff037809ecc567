import type { ClusterFacts, ControllerLeftovers, KafkaFacts, Znodes } from '../../../src/inspection/facts.js';
import type { Forecast } from '../../../src/inspection/forecast/outcome.js';

export const KAFKA: KafkaFacts = {
  annotation: 'disabled',
  state: 'ZooKeeper',
  paused: false,
  warnings: [],
  kafkaVersion: '3.9.0',
  operatorVersion: '0.45.1',
};
export const ZNODES: Znodes = {
  migration: undefined,
  controller: { id: 0, owner: 'broker' },
  controllerEpoch: 3,
  topics: 9,
};

export const NO_LEFTOVERS: ControllerLeftovers = {
  pools: [],
  dualRolePools: [],
  pods: [],
  claims: [],
  volumes: { known: { waiting: [], released: [] } },
};

/** A cluster that was never migrated. */
export const FACTS: ClusterFacts = {
  name: 'lab/kafka/my-cluster',
  context: 'lab',
  namespace: 'kafka',
  cluster: 'my-cluster',
  readBy: 'remigrate',
  kafka: { known: KAFKA },
  znodes: { known: ZNODES },
  leftovers: { known: NO_LEFTOVERS },
};

export const SAFE: Forecast = {
  outcome: 'first-copy',
  safety: 'safe',
  reason: 'nothing is left',
  commands: [],
  advice: undefined,
};
