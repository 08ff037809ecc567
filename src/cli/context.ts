import type { KubeApi } from '../kubernetes/kube-api.js';

/** `--context` and `--kubeconfig`. */
export interface ContextOptions {
  readonly context: string;
  readonly kubeconfig?: string | undefined;
}

/**
 * Works with the API server of a context that the user names, and closes the connections to it.
 * @throws as `KubeApi.connect` and `work` do.
 */
export async function withContext<T>(
  { context, kubeconfig }: ContextOptions,
  signal: AbortSignal,
  work: (api: KubeApi) => Promise<T>,
): Promise<T> {
  // The Kubernetes client takes as long to load as all else: the other commands do without.
  const { KubeApi } = await import('../kubernetes/kube-api.js');
  const api = await KubeApi.connect({ context, ...(kubeconfig === undefined ? {} : { kubeconfig }), signal });
  try {
    return await work(api);
  } finally {
    api.close();
  }
}
