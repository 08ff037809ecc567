import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import { Transport } from '../../../src/kubernetes/transport.js';

/** Evicts a pod, like draining its node does: with the Eviction API (policy/v1), a subresource of the pod. */
export async function evict(api: KubeApi, namespace: string, pod: string): Promise<void> {
  const transport = new Transport(api.config);
  try {
    await transport.send(
      {
        method: 'POST',
        path: `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`,
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } },
        action: { verb: 'create', resource: 'pods/eviction', namespace, name: pod },
      },
      new AbortController().signal,
    );
  } finally {
    transport.close();
  }
}
