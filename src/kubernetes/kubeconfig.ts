import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { messageOf, UsageError } from '../errors.js';

export interface ContextChoice {
  /** The file to read. Left out: the files of `KUBECONFIG`, or else `~/.kube/config`, as kubectl does. */
  readonly kubeconfig?: string;
  /** A context's name. There is no default: a current context is whatever somebody worked on last. */
  readonly context: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Where a request goes, as messages name it. */
export interface ApiServer {
  readonly server: string;
  readonly context: string;
}

/**
 * The configuration with `context` as its current context, whatever the file's own is.
 * @throws UsageError for a file that cannot be read, a context that is not in it (naming those that are), a context whose
 * cluster or user is missing, and a server without TLS where that was not asked for.
 */
export function loadContext(choice: ContextChoice): KubeConfig {
  const files = kubeconfigFiles(choice);
  const config = merged(files);
  const place = files.join(', ');
  const names = config.contexts.map(({ name }) => name);
  if (choice.context === '') throw new UsageError(`no context was named. ${offered(names, place)}`);
  if (!names.includes(choice.context)) {
    throw new UsageError(`there is no context ${choice.context}. ${offered(names, place)}`);
  }
  config.setCurrentContext(choice.context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new UsageError(
      `context ${choice.context} names a cluster that is not in ${place}: add it, or name another context`,
    );
  }
  if (config.getCurrentUser() === null) {
    throw new UsageError(
      `context ${choice.context} names a user that is not in ${place}: add it, or name another context`,
    );
  }
  if (!/^https?:\/\//.test(cluster.server)) {
    throw new UsageError(`the server of context ${choice.context} is "${cluster.server}", which is no URL (${place})`);
  }
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    throw new UsageError(
      `the server of context ${choice.context}, ${cluster.server}, would get credentials without TLS: ` +
        `set insecure-skip-tls-verify in ${place} if that is meant`,
    );
  }
  return config;
}

/** The server that the configuration's current context leads to. */
export function apiServerOf(config: KubeConfig): ApiServer {
  return { server: config.getCurrentCluster()?.server ?? '', context: config.getCurrentContext() };
}

function kubeconfigFiles(choice: ContextChoice): readonly string[] {
  if (choice.kubeconfig !== undefined) return [choice.kubeconfig];
  const env = choice.env ?? process.env;
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  return listed.length > 0 ? listed : [join(env.HOME ?? homedir(), '.kube', 'config')];
}

/** kubectl's rule for several files: the first to have a name has it, and one that does not exist is skipped. */
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

function offered(names: readonly string[], place: string): string {
  return names.length === 0 ? `${place} has none` : `${place} has: ${[...names].sort().join(', ')}`;
}
