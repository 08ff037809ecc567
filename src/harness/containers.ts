import type { Environment } from '../cluster/environment.js';
import { ContainersEnvironment } from '../environments/containers/containers-environment.js';
import type { ContainersChoice, OpenOptions } from './environment-choice.js';

/**
 * Where Strimzi publishes the images that its operator starts (0.45.1
 * `install/cluster-operator/060-Deployment-strimzi-cluster-operator.yaml`).
 */
const STRIMZI_IMAGE = 'quay.io/strimzi/kafka:{operator}-kafka-{kafka}';

/** @throws UsageError if there is no Docker engine or no image that can be used. */
export async function openContainers(choice: ContainersChoice, options: OpenOptions): Promise<Environment> {
  const { env, kafkaVersion, operatorVersions, profiles, progress, interrupt } = options;
  const { timings, image = STRIMZI_IMAGE, keep } = choice;
  return ContainersEnvironment.open({
    env,
    image,
    kafkaVersion,
    operatorVersions,
    profiles,
    timings,
    keep,
    progress,
    signal: interrupt,
  });
}
