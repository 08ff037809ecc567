/** How many nodes of each role a cluster has. */
export interface Topology {
  readonly brokers: number;
  readonly controllers: number;
  readonly zookeepers: number;
}

/** The topology of a run that names none: one node of each role. */
export const ONE_OF_EACH: Topology = { brokers: 1, controllers: 1, zookeepers: 1 };
