import { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { ClusterFacts } from '../inspection/facts.js';
import { type Forecast, forecast } from '../inspection/forecast.js';
import { type Inspected, tellInspected } from '../inspection/report.js';
import { readZnodes } from '../inspection/zookeeper.js';
import { worst } from './exit.js';
import { Interrupts } from './interrupts.js';
import { collect } from './options.js';
import { readZooKeeper } from './zookeeper.js';

interface InspectOptions {
  readonly zookeeper?: string;
  readonly context: readonly string[];
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly allNamespaces: boolean;
  readonly cluster?: string;
  readonly json: boolean;
}

const EXIT_CODES: Readonly<Record<Forecast['safety'], 0 | 1 | 3>> = { safe: 0, unsafe: 1, unknown: 3 };

export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'say what a migration that is started now would do to a cluster, and why; it reads alone. Exit 0 all safe, 1 one is not, 3 one can not be told',
    )
    .option('--context <name>', 'a context of the kubeconfig; repeatable, there is no default', collect, [])
    .option('--kubeconfig <file>', 'instead of KUBECONFIG')
    .option('--namespace <name>', 'look there')
    .option('--all-namespaces', 'look in every namespace', false)
    .option('--cluster <name>', 'this cluster alone')
    .option('--zookeeper <host:port>', 'look at a ZooKeeper instead (plain text): claims are not seen then')
    .option('--json', 'print one JSON object', false)
    .action(async (options: InspectOptions) => {
      const interrupts = Interrupts.listen(process.stderr);
      try {
        const inspected = (await look(options, interrupts.signal)).map((facts) => ({
          facts,
          forecast: forecast(facts),
        }));
        const text = options.json
          ? JSON.stringify({ clusters: inspected }, null, 2)
          : inspected.flatMap(tellInspected).join('\n');
        process.stdout.write(`${text}\n`);
        process.exitCode = exitCodeOf(inspected);
      } finally {
        interrupts.close();
      }
    });
}

/** 1: one is not safe. 3: of one it can't be told. 0: all are safe. */
export function exitCodeOf(inspected: readonly Inspected[]): 0 | 1 | 3 {
  return worst(inspected.map(({ forecast: { safety } }) => EXIT_CODES[safety]));
}

async function look(options: InspectOptions, signal: AbortSignal): Promise<readonly ClusterFacts[]> {
  const { zookeeper, context, namespace, allNamespaces } = options;
  if (zookeeper !== undefined && context.length === 0) return [await lookAtZooKeeper(zookeeper, signal)];
  if (context.length === 0 || zookeeper !== undefined) {
    throw new UsageError('Say where to look: --context NAME (repeatable), or --zookeeper HOST:PORT.');
  }
  if (namespace === undefined && !allNamespaces) {
    throw new UsageError('Say in which namespace to look: --namespace NAME, or --all-namespaces.');
  }
  const found: ClusterFacts[] = [];
  for (const name of context) found.push(...(await lookAtContext(name, options, signal)));
  if (found.length === 0) throw new UsageError(nothingThere(options));
  return found;
}

function nothingThere({ context, namespace, cluster }: InspectOptions): string {
  const what = cluster === undefined ? 'Kafka resource' : `Kafka resource ${cluster}`;
  return `There is no ${what} in ${namespace === undefined ? 'any namespace' : `namespace ${namespace}`} of ${context.join(', ')}.`;
}

async function lookAtContext(
  context: string,
  { kubeconfig, namespace, allNamespaces, cluster }: InspectOptions,
  signal: AbortSignal,
): Promise<readonly ClusterFacts[]> {
  // The Kubernetes client takes as long to load as all else.
  const { KubeApi } = await import('../environments/kubernetes/api/kube-api.js');
  const { inspectClusters } = await import('../inspection/kubernetes.js');
  process.stderr.write(`Reading ${context}: a port-forward and a session with each ZooKeeper; nothing is written.\n`);
  const api = await KubeApi.connect({ context, ...(kubeconfig === undefined ? {} : { kubeconfig }), signal });
  try {
    return await inspectClusters(api, { namespace: allNamespaces ? undefined : namespace, cluster, signal });
  } finally {
    api.close();
  }
}

async function lookAtZooKeeper(connectString: string, signal: AbortSignal): Promise<ClusterFacts> {
  const unseen = { unknown: 'only ZooKeeper was looked at' };
  return {
    name: `ZooKeeper at ${connectString}`,
    cluster: 'CLUSTER',
    namespace: undefined,
    kafka: unseen,
    znodes: { known: await readZooKeeper(connectString, signal, readZnodes) },
    remains: unseen,
  };
}
