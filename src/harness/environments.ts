import type { Environment } from '../cluster/environment.js';
import type { EnvironmentChoice, OpenOptions } from './environment-choice.js';

/**
 * Finds what an environment needs: Java and Kafka (which is fetched if necessary), Docker and an image, or the API
 * server and the operator's manifests. A module is loaded only if its environment is chosen: the Kubernetes client
 * takes as long to load as everything else together, and so does testcontainers.
 * @throws UsageError for what is missing or cannot be used.
 */
export async function openEnvironment(choice: EnvironmentChoice, options: OpenOptions): Promise<Environment> {
  if (choice.kind === 'local') return (await import('./local.js')).openLocal(choice, options);
  if (choice.kind === 'containers') return (await import('./containers.js')).openContainers(choice, options);
  return (await import('./kubernetes.js')).openKubernetes(choice, options);
}
