import type { KubeApi } from './kube-api.js';

/** A context of a kubeconfig, as `ContextChoice` in kubeconfig.ts, which loads the Kubernetes client. */
export interface NamedContext {
  readonly context: string;
  readonly kubeconfig?: string | undefined;
}

/**
 * Works with the API server of a context that the user names, and closes the connections to it.
 * @throws as `KubeApi.connect` and `work` do.
 */
export async function withContext<T>(
  { context, kubeconfig }: NamedContext,
  signal: AbortSignal,
  work: (api: KubeApi) => Promise<T>,
): Promise<T> {
  // The Kubernetes client takes as long to load as everything else: it is loaded only when a context is used.
  const { KubeApi } = await import('./kube-api.js');
  const api = await KubeApi.connect({ context, ...(kubeconfig === undefined ? {} : { kubeconfig }), signal });
  try {
    return await work(api);
  } finally {
    api.close();
  }
}
