import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../errors.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import { type KubeObject, objectReference } from '../../kubernetes/kube-object.js';
import { mapConcurrently } from '../../waiting/concurrency.js';
import { RUN_LABEL } from './manifests.js';
import { describeRun, type RunInCluster, runsIn } from './runs.js';

/**
 * CustomResourceDefinitions are cluster-wide: every run in the cluster, and every other operator, uses the same. A run
 * never changes those that somebody else may be using.
 */

/** A definition of Strimzi has up to 500 KB. */
const CONCURRENT_READS = 4;

type Definition = KubeObject & { readonly spec?: unknown };

/** What a run does with one definition. */
export type DefinitionPlan =
  /** It does not exist, or it belongs to runs and no other run is live. */
  | 'apply'
  /** It was installed by a run and has what is needed: only its label is changed, to show that this run uses it. */
  | 'share'
  /** It was not installed by a run, and is used as it is. */
  | 'keep'
  /** It is of another version, and was not installed by a run. */
  | 'of-others'
  /** It is of another version, and a live run uses it. */
  | 'in-use';

export interface DefinitionRules {
  /** Use definitions that are installed, whatever their version is. */
  readonly useInstalled: boolean;
  /** Whether another run is live. */
  readonly othersLive: boolean;
}

/** What to do with a definition. @param present undefined: the cluster does not have it. */
export function planDefinition(
  wanted: Definition,
  present: Definition | undefined,
  { useInstalled, othersLive }: DefinitionRules,
): DefinitionPlan {
  if (present === undefined) return 'apply';
  const isOfRuns = present.metadata.labels?.[RUN_LABEL] !== undefined;
  if (useInstalled || contains(present.spec, wanted.spec)) {
    if (!isOfRuns) return 'keep';
    return useInstalled || othersLive ? 'share' : 'apply';
  }
  if (!isOfRuns) return 'of-others';
  return othersLive ? 'in-use' : 'apply';
}

export interface DefinitionOptions {
  /** The run that needs them; undefined: it does not exist yet. */
  readonly run: string | undefined;
  readonly useInstalled: boolean;
  readonly signal: AbortSignal;
}

/**
 * Refuses definitions that a run may not install, before there is a run.
 * @throws UsageError that names them, who uses them, and what to do.
 */
export async function checkDefinitions(
  api: KubeApi,
  definitions: readonly Definition[],
  options: DefinitionOptions,
): Promise<void> {
  const others = await otherLiveRuns(api, options);
  await mapConcurrently(definitions, CONCURRENT_READS, (wanted) => planned(api, wanted, others, options));
}

/**
 * Installs what is missing, and what is of another version and used by nobody. Another run may start at the same time:
 * each definition is looked up immediately before it is applied, and all of them afterwards if another run is live
 * then.
 * @param options.run has a namespace and a lease already, so that other runs see it.
 * @throws UsageError as `checkDefinitions` does.
 */
export async function installDefinitions(
  api: KubeApi,
  definitions: readonly Definition[],
  options: DefinitionOptions & { readonly run: string },
): Promise<void> {
  const { run, signal } = options;
  const others = await otherLiveRuns(api, options);
  for (const wanted of definitions) {
    const plan = await planned(api, wanted, others, options);
    if (plan === 'apply') await api.apply(wanted, { signal, force: true });
    if (plan === 'share') {
      // A run that ends deletes definitions only if they have not changed since it looked who uses them.
      await api.mergePatch(objectReference(wanted), { metadata: { labels: { [RUN_LABEL]: run } } }, { signal });
    }
  }
  if ((await otherLiveRuns(api, options)).length > 0) await checkDefinitions(api, definitions, options);
}

async function otherLiveRuns(
  api: KubeApi,
  { run, signal }: Pick<DefinitionOptions, 'run' | 'signal'>,
): Promise<readonly RunInCluster[]> {
  return (await runsIn(api, signal)).filter((other) => other.live && other.run !== run);
}

async function planned(
  api: KubeApi,
  wanted: Definition,
  others: readonly RunInCluster[],
  { useInstalled, signal }: DefinitionOptions,
): Promise<DefinitionPlan> {
  const present = await api.get<Definition>(objectReference(wanted), { signal });
  const plan = planDefinition(wanted, present, { useInstalled, othersLive: others.length > 0 });
  const { name } = wanted.metadata;
  if (plan === 'of-others') {
    throw new UsageError(
      `The cluster has a CustomResourceDefinition ${name} of another Strimzi version, which was not installed by remigrate. ` +
        'Use another cluster (--kind creates one), or use the installed definitions, with --use-installed-definitions.',
    );
  }
  if (plan === 'in-use') {
    throw new UsageError(
      `The cluster has a CustomResourceDefinition ${name} of another Strimzi version, which is in use by ${others.map(describeRun).join(' and ')}. ` +
        'Wait until that run has ended, use another cluster (--kind creates one), or use the installed definitions, with --use-installed-definitions.',
    );
  }
  return plan;
}

/** Whether `present` has everything that is in `wanted`. It may have more: the server adds defaults. */
function contains(present: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(present) && present.length === wanted.length && wanted.every((one, i) => contains(present[i], one))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return isDeepStrictEqual(present, wanted);
  if (typeof present !== 'object' || present === null) return false;
  const found = present as Readonly<Record<string, unknown>>;
  return Object.entries(wanted).every(([key, value]) => contains(found[key], value));
}
