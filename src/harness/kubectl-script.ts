import { kafkaManifest, nodePoolManifest } from '../environments/kubernetes/manifests.js';
import type { JournalEvent } from '../journal/events.js';
import { kubectlScript } from '../reports/kubectl-script.js';

/**
 * The script of a run with the resources that runs on Kubernetes have (fixtures/kubernetes).
 * @throws UsageError if kubectl alone cannot repeat the run.
 */
export function kubectlScriptOf(events: readonly JournalEvent[]): string {
  return kubectlScript(events, {
    kafka: ({ cluster: { name }, topology, kafkaVersion }) => kafkaManifest({ name }, topology, kafkaVersion),
    pool: ({ cluster: { name }, topology }, role, { deleteClaim, storage }) =>
      nodePoolManifest({ name }, role, {
        replicas: role === 'broker' ? topology.brokers : topology.controllers,
        ...(storage === undefined ? { deleteClaim } : { storage }),
      }),
  });
}
