import { type Command, Option } from 'commander';
import type { Timings } from '../environments/replayed/overlay.js';
import { UsageError } from '../errors.js';
import { defaultEnvironment } from '../harness/default-environment.js';
import type { EnvironmentChoice } from '../harness/environment-choice.js';
import {
  type KubernetesOptions,
  kubernetesChoice,
  refuseKubernetesOptions,
  withKubernetesOptions,
} from './kubernetes-options.js';

/** Where nodes run. */
export type EnvironmentName = 'local' | 'containers' | 'kubernetes';

export interface EnvironmentOptions extends KubernetesOptions {
  readonly env?: EnvironmentName;
  readonly image?: string;
  readonly timings: Timings;
  readonly keep: boolean;
}

export function withEnvironmentOptions(command: Command): Command {
  command
    .addOption(
      new Option(
        '--env <where>',
        'where nodes run: local and containers replay the operator, kubernetes runs a real one (default: local if Java is installed, otherwise containers)',
      ).choices(['local', 'containers', 'kubernetes']),
    )
    .option(
      '--image <image>',
      "containers: an image with Kafka and ZooKeeper to use instead of Strimzi's; {operator} and {kafka} are replaced by the versions",
    );
  return withKubernetesOptions(command);
}

/** Whether the options ask for a replayed operator; without `--env` they do. */
export function isReplayed({ env }: Pick<EnvironmentOptions, 'env'>): boolean {
  return env !== 'kubernetes';
}

/**
 * @param progress is called with a message about the environment, if the user named none and it is not local.
 * @throws UsageError for options that exclude each other, and if `--env` is omitted without Java and Docker.
 */
export async function environmentChoice(
  options: EnvironmentOptions,
  operators: readonly string[],
  env: NodeJS.ProcessEnv,
  progress: (text: string) => void,
): Promise<EnvironmentChoice> {
  const { image, timings, keep } = options;
  if (image !== undefined && options.env !== undefined && options.env !== 'containers') {
    throw new UsageError('--image requires --env containers.');
  }
  if (options.env === 'kubernetes') return kubernetesChoice(options, operators);
  refuseKubernetesOptions(options);
  if (options.env === 'local') return { kind: 'local', timings };
  if (options.env === undefined && image === undefined) {
    const chosen = await defaultEnvironment(env);
    if (chosen.kind === 'local') return { kind: 'local', timings, java: chosen.java };
    progress(`${chosen.because} The nodes run in Docker containers.`);
  }
  return { kind: 'containers', timings, image, keep };
}
