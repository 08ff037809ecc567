import { closest } from 'fastest-levenshtein';
import { UsageError } from '../../errors.js';
import type { Fault } from './fault.js';
import { freezeNode } from './freeze-node.js';
import { killNode } from './kill-node.js';
import { killOperator } from './kill-operator.js';

export type { Fault, FaultTarget, NodeControl, NodeName } from './fault.js';

const ALL = [killNode, freezeNode, killOperator] as const;

/** The name of a fault: `kill-node`, `freeze-node`, `kill-operator`. */
export type FaultName = (typeof ALL)[number]['name'];

/** Every fault that a scenario can inject. */
export const FAULTS: readonly (Fault & { readonly name: FaultName })[] = ALL;

/** @param where who names it, for the message: `scenario my-scenario`. @throws UsageError if there is no such fault. */
export function faultNamed(name: string, where: string): Fault {
  const fault = FAULTS.find((one) => one.name === name);
  if (fault !== undefined) return fault;
  const names = FAULTS.map((one) => one.name);
  throw new UsageError(
    `${where}: there is no fault "${name}". Did you mean ${closest(name, names)}? The faults are ${names.join(', ')}.`,
  );
}

/**
 * Before a run: whether an environment can inject what a scenario declares.
 * @throws UsageError that names the fault, why it cannot be injected, and where it can.
 */
export function refuseImpossibleFaults(
  { name, faults = [] }: { readonly name: string; readonly faults?: readonly string[] },
  environment: string,
): void {
  for (const declared of faults) {
    const fault = faultNamed(declared, `scenario ${name}`);
    if (fault.environments.includes(environment)) continue;
    const why = fault.elsewhere === undefined ? '' : `: ${fault.elsewhere}`;
    throw new UsageError(
      `scenario ${name} injects the fault ${fault.name}, which the environment ${environment} cannot${why}. ` +
        `Use ${fault.environments.map((one) => `--env ${one}`).join(' or ')}.`,
    );
  }
}
