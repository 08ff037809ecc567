import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { EnvironmentChoice } from '../harness/environment-choice.js';
import { collect } from './options.js';

/** Options of commands that may use a Kubernetes cluster. */
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
    .option('--context <name>', 'Kubernetes: the kubeconfig context to use; there is no default')
    .option('--kubeconfig <file>', 'Kubernetes: the kubeconfig file, instead of KUBECONFIG')
    .option('--kind', 'Kubernetes: create a cluster with kind, and delete it afterwards (unless --keep is set)')
    .option('--kind-config <file>', 'Kubernetes: the configuration for --kind, instead of fixtures/kind/cluster.yaml')
    .option('--kind-image <image>', 'Kubernetes: the node image for --kind')
    .option(
      '--load-image <image>',
      'Kubernetes: a local image to load onto the nodes of --kind; repeatable',
      collect,
      [],
    )
    .option(
      '--operator-manifests <place>',
      "Kubernetes: Strimzi's installation manifests: a file, a folder or a URL; {version} is replaced by the version",
      RELEASED_MANIFESTS,
    )
    .option(
      '--operator-image <image>',
      "Kubernetes: the operator's image, for a build of your own; VERSION=IMAGE if you run several versions; repeatable",
      collect,
      [],
    )
    .option('--image-registry <prefix>', 'Kubernetes: replaces quay.io/strimzi in image names')
    .option(
      '--use-installed-definitions',
      'Kubernetes: use the installed CustomResourceDefinitions, even of another Strimzi version',
      false,
    )
    .option(
      '--use-installed-operator',
      'Kubernetes: install nothing, and use the installed Cluster Operator, which must watch all namespaces',
      false,
    );
}

/** @throws UsageError when the options do not say which cluster to use. */
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

/** @throws UsageError for options that are only valid with Kubernetes. */
export function refuseKubernetesOptions({ context, kind, useInstalledOperator }: KubernetesOptions): void {
  for (const [option, value] of [
    ['--context', context],
    ['--kind', kind],
    ['--use-installed-operator', useInstalledOperator || undefined],
  ]) {
    if (value !== undefined) throw new UsageError(`${option} requires --env kubernetes.`);
  }
}

/** @throws UsageError for options that install an operator, or create a cluster without one. */
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
        ? '--use-installed-operator and --kind exclude each other: a new cluster has no operator. Use a cluster that has one, with --context.'
        : `--use-installed-operator installs nothing: omit ${option}.`,
    );
  }
}

/** @throws UsageError when it is unclear which version an image is for. */
function operatorImages(given: readonly string[], operators: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((text) => {
      const [, version, image] = /^([^=]*)=(.*)$/.exec(text) ?? [undefined, undefined, text];
      const of = version ?? (operators.length === 1 ? operators[0] : undefined);
      if (of !== undefined && image !== undefined && image !== '' && operators.includes(of)) return [of, image];
      throw new UsageError(
        `--operator-image ${text}: it does not say which of the operator versions ${operators.join(', ')} it is for. Use VERSION=IMAGE.`,
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
      ? '--env kubernetes needs --context NAME (`kubectl config get-contexts` lists the contexts; the current context is never used implicitly), or --kind to create a cluster.'
      : '--context and --kind exclude each other: use an existing cluster, or create one.',
  );
}
