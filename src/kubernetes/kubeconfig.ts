import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { messageOf, UsageError } from '../errors.js';

export interface ContextChoice {
  /** The file to read. If omitted, the files of `KUBECONFIG`, or else `~/.kube/config`, like kubectl. */
  readonly kubeconfig?: string;
  /** A context's name. There is no default, because the current context may have been set for another purpose. */
  readonly context: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** The destination of a request, for messages. */
export interface ApiServer {
  readonly server: string;
  readonly context: string;
}

/**
 * Loads the configuration with `context` as its current context, whatever the file's current context is.
 * @throws UsageError for a file that cannot be read, a context that does not exist (the message lists those that do), a
 * context whose cluster or user is missing, and a server without TLS unless the kubeconfig allows it.
 */
export function loadContext(choice: ContextChoice): KubeConfig {
  const files = kubeconfigFiles(choice);
  const config = merged(files);
  const place = files.join(', ');
  const names = config.contexts.map(({ name }) => name);
  if (choice.context === '') throw new UsageError(`no context is given. ${contextsIn(names, place)}`);
  if (!names.includes(choice.context)) {
    throw new UsageError(`the context ${choice.context} does not exist. ${contextsIn(names, place)}`);
  }
  config.setCurrentContext(choice.context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new UsageError(
      `context ${choice.context} refers to a cluster that is not in ${place}: add it, or use another context`,
    );
  }
  if (config.getCurrentUser() === null) {
    throw new UsageError(
      `context ${choice.context} refers to a user that is not in ${place}: add it, or use another context`,
    );
  }
  if (!/^https?:\/\//.test(cluster.server)) {
    throw new UsageError(
      `the server of context ${choice.context} is "${cluster.server}", which is not a URL (${place})`,
    );
  }
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    throw new UsageError(
      `the server of context ${choice.context}, ${cluster.server}, would receive credentials without TLS: ` +
        `if that is intended, set insecure-skip-tls-verify in ${place}`,
    );
  }
  return config;
}

/** The server of the configuration's current context. */
export function apiServerOf(config: KubeConfig): ApiServer {
  return { server: config.getCurrentCluster()?.server ?? '', context: config.getCurrentContext() };
}

function kubeconfigFiles(choice: ContextChoice): readonly string[] {
  if (choice.kubeconfig !== undefined) return [choice.kubeconfig];
  const env = choice.env ?? process.env;
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  return listed.length > 0 ? listed : [join(env.HOME ?? homedir(), '.kube', 'config')];
}

/** kubectl's rule for several files: the first definition of a name is used, and missing files are skipped. */
function merged(files: readonly string[]): KubeConfig {
  const all = new KubeConfig();
  const absent: unknown[] = [];
  for (const file of files) {
    const one = new KubeConfig();
    try {
      one.loadFromFile(file);
    } catch (error) {
      if (isAbsent(error)) {
        absent.push(error);
        if (absent.length < files.length) continue;
      }
      throw new UsageError(
        `the kubeconfig ${files.length === absent.length ? files.join(', ') : file} cannot be read: ${messageOf(error)}`,
        {
          cause: error,
        },
      );
    }
    add(all.clusters, one.clusters);
    add(all.users, one.users);
    add(all.contexts, one.contexts);
  }
  return all;
}

function add<T extends { readonly name: string }>(all: T[], more: readonly T[]): void {
  for (const entry of more) if (!all.some(({ name }) => name === entry.name)) all.push(entry);
}

function isAbsent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

function contextsIn(names: readonly string[], place: string): string {
  return names.length === 0 ? `${place} has no contexts` : `${place} has: ${[...names].sort().join(', ')}`;
}
