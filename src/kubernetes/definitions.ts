import { type Condition, DEFINITION } from './core-objects.js';
import type { KubeApi } from './kube-api.js';
import type { KubeObject } from './kube-object.js';
import { Watched } from './watched.js';

interface Definition extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/**
 * Waits until a CustomResourceDefinition is established: the API server serves a kind a moment after it has accepted
 * the definition.
 * @param wait the deadline in milliseconds, and the signal that ends the wait.
 * @throws WaitTimedOut that names the definition, WaitAborted, RequestFailed.
 */
export async function untilEstablished(
  api: KubeApi,
  name: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const definitions = await Watched.start<Definition>(
    api,
    { ...DEFINITION, fieldSelector: `metadata.name=${name}` },
    { signal },
  );
  try {
    await definitions.waitFor(
      `the CustomResourceDefinition ${name} to be established`,
      (objects) => {
        const conditions = objects.get(name)?.status?.conditions ?? [];
        return conditions.some(({ type, status }) => type === 'Established' && status === 'True') ? true : undefined;
      },
      timeoutMs,
      signal,
    );
  } finally {
    await definitions.close();
  }
}
