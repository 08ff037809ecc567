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
        'JVM processes or containers under the replayed operator, or a real operator in Kubernetes; by default local where there is Java, else containers',
      ).choices(['local', 'containers', 'kubernetes']),
    )
    .option(
      '--image <image>',
      "containers: an image with Kafka and ZooKeeper, instead of Strimzi's; {operator} and {kafka} stand for the versions",
    );
  return withKubernetesOptions(command);
}

/** Of the options alone: without `--env` it is one of the two with a replayed operator. */
export function isReplayed({ env }: Pick<EnvironmentOptions, 'env'>): boolean {
  return env !== 'kubernetes';
}

/**
 * @param progress is told which environment is taken, if it was not said and it is not processes.
 * @throws UsageError for options that do not go together, and without `--env` where there is neither Java nor Docker.
 */
export async function environmentChoice(
  options: EnvironmentOptions,
  operators: readonly string[],
  env: NodeJS.ProcessEnv,
  progress: (text: string) => void,
): Promise<EnvironmentChoice> {
  const { image, timings, keep } = options;
  if (image !== undefined && options.env !== undefined && options.env !== 'containers') {
    throw new UsageError('--image goes with --env containers.');
  }
  if (options.env === 'kubernetes') return kubernetesChoice(options, operators);
  refuseKubernetesOptions(options);
  if (options.env === 'local') return { kind: 'local', timings };
  if (options.env === undefined && image === undefined) {
    const usual = await defaultEnvironment(env);
    if (usual.kind === 'local') return { kind: 'local', timings, java: usual.java };
    progress(`${usual.because} The nodes run in containers of Docker.`);
  }
  return { kind: 'containers', timings, image, keep };
}
