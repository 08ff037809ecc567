import { z } from 'zod';
import type { Cluster } from '../cluster/cluster.js';
import { type FaultName, type FaultTarget, faultNamed, type NodeName } from '../cluster/faults/index.js';
import { UsageError } from '../errors.js';
import type { Observation, Violation } from '../invariants/invariant.js';
import type { About } from '../journal/events.js';
import type { TopicGroup } from '../metadata/topic-sets.js';
import type { Topology } from '../strimzi/topology.js';

/** What Kafka's clients do in a scenario. The topics are those of fixtures/metadata, by group. */
export interface Topics {
  /** Creates the topics of a group and produces their records. Resolves when the brokers have acknowledged all of them. */
  create(group: TopicGroup): Promise<void>;
  /** Replaces all configuration overrides of a topic. */
  alter(topic: string, configs: Readonly<Record<string, string>>): Promise<void>;
  /** Deletes a topic: from now on it must not exist. */
  delete(topic: string): Promise<void>;
}

/** What happens to the cluster, besides what the user does. Every fault is journalled. */
export interface Faults {
  /**
   * Injects a fault that the scenario declares in `faults`. Resolves when it has happened.
   * @param target `broker-0`, `controller-1`, `zookeeper-0`: brokers have the ids from 0, controllers the next ones; or
   *   `operator`.
   */
  inject(fault: FaultName, target: FaultTarget): Promise<void>;
  /** Undoes one that lasts. At the end of the run, whatever still lasts is undone. */
  undo(fault: FaultName, node: NodeName): Promise<void>;
}

export interface ScenarioContext {
  readonly cluster: Cluster;
  readonly topics: Topics;
  readonly faults: Faults;
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
    /** Why a version must survive if no known issue below applies to it. */
    readonly survives: string;
    /** Known issues by id (fixtures/known-issues.yaml, which names the versions), each with what it does here. */
    readonly unless?: Readonly<Record<string, string>>;
  };
  /** How many nodes it needs at least, of the roles that need more than one. A run with fewer is refused. */
  readonly topology?: Partial<Topology>;
  /** Environments that can run it (`Parts.environment`), and why others cannot; absent: all can. */
  readonly environments?: { readonly names: readonly string[]; readonly elsewhere: string };
  /**
   * The faults that its steps inject. A run in an environment that cannot inject one of them is refused before it starts.
   */
  readonly faults?: readonly FaultName[];
  readonly steps: readonly (Step | Check)[];
}

export interface Scenario extends ScenarioDefinition {
  readonly kind: 'scenario';
  /** The user's file that it was loaded from, for messages; undefined: it was not loaded from one. */
  readonly file?: string;
}

/** A scenario is wrong: its author must fix it. The message names the scenario, its file, and the step or check. */
export class ScenarioError extends UsageError {
  /** @param element the step or check. */
  constructor(
    { name, file }: Pick<Scenario, 'name' | 'file'>,
    element: Pick<Step | Check, 'kind' | 'name'>,
    message: string,
    options?: ErrorOptions,
  ) {
    const of = file === undefined ? `scenario ${name}` : `scenario ${name} (${file})`;
    super(`${of}, ${element.kind} "${element.name}": ${message}`, options);
  }
}

/** A value as a message shows it: `undefined`, `7`, `an object`. */
export function shownValue(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** A name is used for folders and in reports. */
const NAME = /^[A-Za-z0-9][\w.-]*$/;
const LONGEST_NAME = 100;

const text = z.string().min(1);
const nodes = z.int().positive();

/** What is wrong with these fields is reported for all of them at once; names and steps have messages of their own. */
const FIELDS = z.object({
  title: text,
  expected: z.object({ survives: text, unless: z.exactOptional(z.record(z.string(), text)) }),
  topology: z.exactOptional(z.strictObject({ brokers: nodes, controllers: nodes, zookeepers: nodes }).partial()),
  environments: z.exactOptional(z.strictObject({ names: z.array(text).min(1), elsewhere: text })),
  faults: z.exactOptional(z.array(text)),
  steps: z.array(z.unknown()),
});

const ABOUTS: Readonly<Record<About, true>> = { loss: true, outage: true, residue: true, conduct: true };

/**
 * A scenario: what a user does to a cluster, step by step. After every step the runner takes a metadata snapshot and
 * evaluates every invariant that applies.
 * @throws UsageError when the name is not valid, when a field is missing or of another type, when there are no steps,
 *   when two steps or checks have the same name, when a check comes before the first step (it would have nothing to check
 *   and could never fail), and when a step or a check has no function.
 */
export function scenario(definition: ScenarioDefinition): Scenario {
  const { name, steps } = definition;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} is not a valid scenario name. Use letters, digits, dots, underscores and hyphens, as in my-scenario.`,
    );
  }
  if (name.length > LONGEST_NAME) {
    throw new UsageError(`the scenario name ${name} has more than ${LONGEST_NAME} characters`);
  }
  const fields = FIELDS.safeParse(definition);
  if (!fields.success) throw new UsageError(`scenario ${name} is not valid:\n${z.prettifyError(fields.error)}`);
  for (const fault of definition.faults ?? []) faultNamed(fault, `scenario ${name}`);
  const [first] = steps;
  if (first === undefined && steps.length === 0) throw new UsageError(`scenario ${name} has no steps`);
  for (const [index, element] of steps.entries()) refuseMalformed(name, index, element);
  if (first?.kind === 'check') {
    throw new UsageError(`scenario ${name} begins with the check "${first.name}": a check needs a step before it`);
  }
  const seen = new Set<string>();
  for (const { name: element } of steps) {
    if (seen.has(element)) throw new UsageError(`scenario ${name} has two steps named "${element}"`);
    seen.add(element);
  }
  return { kind: 'scenario', ...definition };
}

/**
 * A scenario that was written without `scenario()`, or with that of another copy of this package: checked again.
 * @returns undefined if the value is not a scenario at all.
 * @throws UsageError as `scenario()` does.
 */
export function checkedScenario(value: unknown): Scenario | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'scenario') return undefined;
  return scenario(value as Scenario);
}

/** Refuses what the types exclude: a scenario in JavaScript, or one that was not type-checked, may contain it. */
function refuseMalformed(scenario: string, index: number, element: Step | Check): void {
  const kind: unknown = element?.kind;
  if ((kind !== 'step' && kind !== 'check') || typeof element.name !== 'string' || element.name.trim() === '') {
    throw new UsageError(
      `scenario ${scenario}: element ${index + 1} of its steps is not a named step or check. ` +
        "Write step('name', async ({ cluster, topics }) => { ... }) or check('name', 'loss', (observation) => ...).",
    );
  }
  const work: unknown = element.kind === 'step' ? element.run : element.evaluate;
  if (typeof work !== 'function') {
    throw new UsageError(
      `scenario ${scenario}, ${element.kind} "${element.name}": expected a function, got ${work === null ? 'null' : typeof work}`,
    );
  }
  if (element.kind === 'check' && !Object.hasOwn(ABOUTS, element.about)) {
    throw new UsageError(
      `scenario ${scenario}, check "${element.name}": a check is about ${Object.keys(ABOUTS).join(', ')}, not ${JSON.stringify(element.about)}`,
    );
  }
}

/**
 * One step: gestures and waits. It must await every one of them. It fails if its promise is rejected.
 */
export function step(name: string, run: (context: ScenarioContext) => Promise<void>): Step {
  return { kind: 'step', name, run };
}

/**
 * An invariant of one scenario, evaluated once, after the step before it. It returns a violation, or undefined when it
 * holds; anything else, also a promise, is an error of the scenario.
 */
export function check(
  name: string,
  about: About,
  evaluate: (observation: Observation) => Violation | undefined,
): Check {
  return { kind: 'check', name, about, evaluate };
}
