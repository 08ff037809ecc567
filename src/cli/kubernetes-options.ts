import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { EnvironmentChoice } from '../harness/environment-choice.js';
import { collect } from './options.js';

/** Options of commands that may go to a Kubernetes cluster. */
export interface KubernetesOptions {
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly kind?: boolean;
  readonly kindConfig?: string;
  readonly kindImage?: string;
  readonly loadImage: readonly string[];
  readonly operatorManifests: string;
  readonly operatorImage: readonly string[];
  readonly imageRegistry?: string;
  readonly useInstalledDefinitions: boolean;
  readonly useInstalledOperator: boolean;
}

/** Where Strimzi publishes the manifests of a release. */
const RELEASED_MANIFESTS =
  'https://github.com/strimzi/strimzi-kafka-operator/releases/download/{version}/strimzi-cluster-operator-{version}.yaml';

export function withKubernetesOptions(command: Command): Command {
  return command
    .option('--context <name>', 'Kubernetes: the context of the kubeconfig to use; there is no default')
    .option('--kubeconfig <file>', 'Kubernetes: instead of KUBECONFIG')
    .option('--kind', 'Kubernetes: a cluster of its own, made by kind and deleted afterwards (kept with --keep)')
    .option('--kind-config <file>', "Kubernetes: kind's configuration, instead of fixtures/kind/cluster.yaml")
    .option('--kind-image <image>', 'Kubernetes: the node image of --kind')
    .option('--load-image <image>', 'Kubernetes: a local image that the nodes of --kind get; repeatable', collect, [])
    .option(
      '--operator-manifests <place>',
      "Kubernetes: Strimzi's installation manifests, a file, a folder or a URL; {version} stands for the version",
      RELEASED_MANIFESTS,
    )
    .option(
      '--operator-image <image>',
      "Kubernetes: the operator's image, for a build of your own; with several versions VERSION=IMAGE, repeatable",
      collect,
      [],
    )
    .option('--image-registry <prefix>', 'Kubernetes: instead of quay.io/strimzi in the names of images')
    .option(
      '--use-installed-definitions',
      'Kubernetes: use the CustomResourceDefinitions that are there, though they are of another version',
      false,
    )
    .option(
      '--use-installed-operator',
      'Kubernetes: install nothing, use the Cluster Operator that is there and watches all namespaces',
      false,
    );
}

/** @throws UsageError when it is not said which cluster to use. */
export function kubernetesChoice(
  options: KubernetesOptions & { readonly keep: boolean },
  operators: readonly string[],
): EnvironmentChoice {
  const { operatorManifests, imageRegistry, useInstalledDefinitions, useInstalledOperator } = options;
  if (useInstalledOperator) refuseInstallation(options);
  return {
    kind: 'kubernetes',
    cluster: clusterChoice(options),
    operatorManifests,
    operatorImages: operatorImages(options.operatorImage, operators),
    imageRegistry,
    useInstalledDefinitions,
    useInstalledOperator,
  };
}

/** @throws UsageError for options that go with Kubernetes alone. */
export function refuseKubernetesOptions({ context, kind, useInstalledOperator }: KubernetesOptions): void {
  for (const [option, value] of [
    ['--context', context],
    ['--kind', kind],
    ['--use-installed-operator', useInstalledOperator || undefined],
  ]) {
    if (value !== undefined) throw new UsageError(`${option} goes with --env kubernetes.`);
  }
}

/** @throws UsageError for options that say how to install an operator, or that there is none. */
function refuseInstallation({ kind, operatorImage, imageRegistry, useInstalledDefinitions }: KubernetesOptions): void {
  const given = [
    ['--kind', kind === true],
    ['--operator-image', operatorImage.length > 0],
    ['--image-registry', imageRegistry !== undefined],
    ['--use-installed-definitions', useInstalledDefinitions],
  ] as const;
  for (const [option, isGiven] of given) {
    if (!isGiven) continue;
    throw new UsageError(
      option === '--kind'
        ? '--use-installed-operator and --kind exclude each other: a new cluster has no operator. Name a cluster that has one with --context.'
        : `--use-installed-operator installs nothing: leave ${option} away.`,
    );
  }
}

/** @throws UsageError where it can't be told which version an image is of. */
function operatorImages(given: readonly string[], operators: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((text) => {
      const [, version, image] = /^([^=]*)=(.*)$/.exec(text) ?? [undefined, undefined, text];
      const of = version ?? (operators.length === 1 ? operators[0] : undefined);
      if (of !== undefined && image !== undefined && image !== '' && operators.includes(of)) return [of, image];
      throw new UsageError(
        `--operator-image ${text}: it does not say which of the operator versions ${operators.join(', ')} it is. Write VERSION=IMAGE.`,
      );
    }),
  );
}

function clusterChoice(
  options: KubernetesOptions & { readonly keep: boolean },
): Extract<EnvironmentChoice, { kind: 'kubernetes' }>['cluster'] {
  const { context, kubeconfig, kind, kindConfig, kindImage, loadImage, keep } = options;
  if (kind === true && context === undefined) return { kindConfig, kindImage, loadImages: loadImage, keep };
  if (kind !== true && context !== undefined) return { context, kubeconfig };
  throw new UsageError(
    context === undefined
      ? '--env kubernetes needs --context NAME (`kubectl config get-contexts` lists them; a run never takes the current one by itself), or --kind for a cluster of its own.'
      : '--context and --kind exclude each other: a cluster that is there, or one of its own.',
  );
}
