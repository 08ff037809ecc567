import type { Cluster } from '../cluster/cluster.js';
import type { Observation, Violation } from '../invariants/invariant.js';
import type { About } from '../journal/events.js';

/** What clients do in a scenario. The topics are those of fixtures/metadata, by group. */
export interface Topics {
  /** Creates the topics of a group and produces their records; resolves when all is acknowledged. */
  create(group: string): Promise<void>;
  /** Replaces all configuration overrides of a topic. */
  alter(topic: string, configs: Readonly<Record<string, string>>): Promise<void>;
  /** Deletes a topic: from now on it must not be there. */
  delete(topic: string): Promise<void>;
}

export interface ScenarioContext {
  readonly cluster: Cluster;
  readonly topics: Topics;
}

export interface Step {
  readonly kind: 'step';
  readonly name: string;
  readonly run: (context: ScenarioContext) => Promise<void>;
}

export interface Check {
  readonly kind: 'check';
  readonly name: string;
  readonly about: About;
  readonly evaluate: (observation: Observation) => Violation | undefined;
}

export interface ScenarioDefinition {
  /** `rollback-remigrate`: its name on the command line and in reports. */
  readonly name: string;
  /** One line for lists. */
  readonly title: string;
  /** What is expected of an operator version, and why: prose. */
  readonly expected: {
    /** Why a version that no known issue below applies to must survive. */
    readonly survives: string;
    /** Known issues by id (fixtures/known-issues.yaml, which names the versions), each with what it does here. */
    readonly unless?: Readonly<Record<string, string>>;
  };
  readonly steps: readonly (Step | Check)[];
}

export interface Scenario extends ScenarioDefinition {
  readonly kind: 'scenario';
}

/** It names folders and reports. */
const NAME = /^[A-Za-z0-9][\w.-]*$/;

/**
 * A scenario: what a user does to a cluster, step by step. After every step the runner takes a metadata snapshot and
 * evaluates every invariant that applies.
 * @throws Error when two steps or checks have one name, when there is no step, or when a check stands before the first:
 * it would be evaluated after nothing, and so never fail.
 */
export function scenario(definition: ScenarioDefinition): Scenario {
  if (!NAME.test(definition.name)) {
    throw new Error(
      `"${definition.name}" is no name for a scenario: letters, digits, dots and hyphens, as in my-scenario`,
    );
  }
  const first = definition.steps[0];
  if (first === undefined) throw new Error(`scenario ${definition.name} has no step`);
  if (first.kind === 'check') {
    throw new Error(
      `scenario ${definition.name} begins with the check "${first.name}": a check needs a step before it`,
    );
  }
  const seen = new Set<string>();
  for (const { name } of definition.steps) {
    if (seen.has(name)) throw new Error(`scenario ${definition.name} has two steps named "${name}"`);
    seen.add(name);
  }
  return { kind: 'scenario', ...definition };
}

/** One step: gestures and waits. It fails by rejecting. */
export function step(name: string, run: (context: ScenarioContext) => Promise<void>): Step {
  return { kind: 'step', name, run };
}

/**
 * An invariant of this scenario alone, evaluated once, after the step before it. Answers with a violation, or undefined
 * when it holds.
 */
export function check(
  name: string,
  about: About,
  evaluate: (observation: Observation) => Violation | undefined,
): Check {
  return { kind: 'check', name, about, evaluate };
}
