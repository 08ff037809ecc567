import { refuseImpossibleFaults } from '../cluster/faults/index.js';
import { UsageError } from '../errors.js';
import type { Scenario } from '../scenario/scenario.js';
import { ONE_OF_EACH, type Topology } from '../strimzi/topology.js';
import type { EnvironmentChoice } from './environment-choice.js';

/** Where runs are to take place, and with how many nodes the user chose. */
export interface RunPlace {
  readonly environment: EnvironmentChoice['kind'];
  readonly topology: Partial<Topology>;
}

/**
 * Before anything is started: whether the scenarios can be run there, with all their faults and enough nodes.
 * @throws UsageError that names the first that cannot, and why.
 */
export function refuseImpossible(scenarios: readonly Scenario[], place: RunPlace): void {
  for (const scenario of scenarios) requirePossible(scenario, place);
}

/**
 * Of all shipped scenarios, those that can be run there.
 * @param omitted called with a sentence about each other one.
 */
export function possibleScenarios(
  scenarios: readonly Scenario[],
  place: RunPlace,
  omitted: (why: string) => void,
): readonly Scenario[] {
  return scenarios.filter((scenario) => {
    try {
      requirePossible(scenario, place);
      return true;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      omitted(`Omitted: ${error.message}`);
      return false;
    }
  });
}

function requirePossible(scenario: Scenario, { environment, topology }: RunPlace): void {
  const { name, environments } = scenario;
  if (environments !== undefined && !environments.names.includes(environment)) {
    throw new UsageError(
      `scenario ${name} cannot be run in the environment ${environment}: ${environments.elsewhere}. ` +
        `Use ${environments.names.map((one) => `--env ${one}`).join(' or ')}.`,
    );
  }
  refuseImpossibleFaults(scenario, environment);
  topologyFor(scenario, topology);
}

/**
 * The nodes of a run: what the user chose, or what the scenario needs, or one of each role.
 * @throws UsageError if the user chose fewer nodes than the scenario needs.
 */
export function topologyFor(
  { name, topology: needed = {} }: Pick<Scenario, 'name' | 'topology'>,
  chosen: Partial<Topology>,
): Topology {
  for (const role of TOPOLOGY_ROLES) {
    const [least = 0, most] = [needed[role], chosen[role]];
    if (most === undefined || most >= least) continue;
    throw new UsageError(
      `scenario ${name} needs ${least} ${role}, but --${role} is ${most}. Omit it, or use --${role} ${least}.`,
    );
  }
  return { ...ONE_OF_EACH, ...needed, ...chosen };
}

const TOPOLOGY_ROLES = ['brokers', 'controllers', 'zookeepers'] as const;
