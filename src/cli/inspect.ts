import { Command } from 'commander';
import { messageOf, RemigrateError, UsageError } from '../errors.js';
import { inspectContext } from '../inspection/context.js';
import type { ClusterFacts } from '../inspection/facts.js';
import { forecast } from '../inspection/forecast/forecast.js';
import type { Forecast } from '../inspection/forecast/outcome.js';
import { printCommands } from '../inspection/kubectl/commands.js';
import { inspectFile } from '../inspection/kubectl/file.js';
import { describeInspected, describeNotInspected, type Inspected, type NotInspected } from '../inspection/report.js';
import { inspectZooKeeper } from '../inspection/zookeeper-session.js';
import { printable } from '../journal/text.js';
import { worst } from './exit.js';
import { READ_ONLY, untilInterrupted } from './interrupts.js';
import { collect } from './options.js';
import { announceSession } from './zookeeper.js';

interface InspectOptions {
  readonly context: readonly string[];
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly allNamespaces: boolean;
  readonly cluster?: string;
  readonly zookeeper: readonly string[];
  readonly from: readonly string[];
  readonly printCommands: boolean;
  readonly json: boolean;
}

/** Something to inspect: a context, a ZooKeeper or a file. */
interface Place {
  readonly name: string;
  readonly inspect: (signal: AbortSignal) => Promise<readonly ClusterFacts[]>;
}

interface Inspection {
  readonly inspected: readonly Inspected[];
  readonly notInspected: readonly NotInspected[];
}

const EXIT_CODES: Readonly<Record<Forecast['safety'], 0 | 1 | 3>> = { safe: 0, unsafe: 1, unknown: 3 };

export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'say what a migration that is started now would do to a cluster, and why; read-only. Exit code 0: all clusters are safe; 1: one is not; 3: one could not be judged',
    )
    .option('--context <name>', 'a context of the kubeconfig; repeatable; there is no default', collect, [])
    .option('--kubeconfig <file>', 'the kubeconfig file, instead of the files of KUBECONFIG')
    .option('--namespace <name>', 'inspect the clusters in this namespace')
    .option('--all-namespaces', 'inspect the clusters in all namespaces', false)
    .option('--cluster <name>', 'inspect only this cluster')
    .option(
      '--zookeeper <host:port>',
      'inspect a ZooKeeper instead (plain text; repeatable); claims and volumes are unknown then',
      collect,
      [],
    )
    .option('--from <file>', 'inspect a file that the commands of --print-commands wrote; repeatable', collect, [])
    .option(
      '--print-commands',
      'print the kubectl commands that write a file for --from, and exit; needs --namespace and --cluster',
      false,
    )
    .option('--json', 'print one JSON object', false)
    .action(async (options: InspectOptions) => {
      if (options.printCommands) {
        process.stdout.write(`${commandsFor(options).join('\n')}\n`);
        return;
      }
      const places = placesOf(options);
      process.exitCode = await untilInterrupted(process.stderr, READ_ONLY, async (signal) => {
        const inspection = await inspectPlaces(places, signal);
        process.stdout.write(`${options.json ? toJson(inspection) : printable(toText(inspection))}\n`);
        return exitCodeOfInspection(inspection);
      });
    });
}

/** 1: one cluster is not safe. 3: one could not be judged, or a place could not be inspected. 0: all clusters are safe. */
export function exitCodeOfInspection({ inspected, notInspected }: Inspection): 0 | 1 | 3 {
  return worst([
    ...inspected.map(({ forecast: { safety } }) => EXIT_CODES[safety]),
    ...(notInspected.length === 0 ? [] : ([3] as const)),
  ]);
}

/** @throws UsageError if the options name nothing to inspect. */
function placesOf(options: InspectOptions): readonly Place[] {
  const { context, zookeeper, from, namespace, allNamespaces } = options;
  if (context.length > 0 && namespace === undefined && !allNamespaces) {
    throw new UsageError('Say which namespace to inspect: --namespace NAME, or --all-namespaces.');
  }
  const places: readonly Place[] = [
    ...context.map((name) => ({ name, inspect: (signal: AbortSignal) => readContext(name, options, signal) })),
    ...zookeeper.map((address) => ({
      name: `ZooKeeper at ${address}`,
      inspect: (signal: AbortSignal) => readZooKeeper(address, signal),
    })),
    ...from.map((file) => ({ name: file, inspect: () => inspectFile(file) })),
  ];
  if (places.length > 0) return places;
  throw new UsageError('Say what to inspect: --context NAME, --zookeeper HOST:PORT, or --from FILE (each repeatable).');
}

/**
 * Inspects one place after the other. A place that cannot be inspected does not stop the others.
 * @throws the error of a place if it is the only one.
 */
async function inspectPlaces(places: readonly Place[], signal: AbortSignal): Promise<Inspection> {
  const inspected: Inspected[] = [];
  const notInspected: NotInspected[] = [];
  for (const { name, inspect } of places) {
    try {
      for (const facts of await inspect(signal)) inspected.push({ facts, forecast: forecast(facts) });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RemigrateError)) throw error;
      if (places.length === 1) throw error;
      notInspected.push({ place: name, why: messageOf(error) });
    }
  }
  return { inspected, notInspected };
}

function toText({ inspected, notInspected }: Inspection): string {
  return [...inspected.flatMap(describeInspected), ...notInspected.flatMap(describeNotInspected)].join('\n');
}

function toJson({ inspected, notInspected }: Inspection): string {
  return JSON.stringify({ clusters: inspected, notInspected }, null, 2);
}

/** @throws UsageError if the options do not name the one cluster that the commands are for. */
function commandsFor({ context, namespace, cluster }: InspectOptions): readonly string[] {
  if (namespace === undefined || cluster === undefined || context.length > 1) {
    throw new UsageError(
      '--print-commands needs --namespace NAME and --cluster NAME, and at most one --context: the commands are for one cluster.',
    );
  }
  return printCommands({ context: context[0], namespace, cluster });
}

async function readContext(
  context: string,
  { kubeconfig, namespace, allNamespaces, cluster }: InspectOptions,
  signal: AbortSignal,
): Promise<readonly ClusterFacts[]> {
  process.stderr.write(`Reading ${context}: opening a port-forward and a session to each ZooKeeper; read-only.\n`);
  return inspectContext({
    context,
    kubeconfig,
    namespace: allNamespaces ? undefined : namespace,
    cluster,
    signal,
  });
}

async function readZooKeeper(connectString: string, signal: AbortSignal): Promise<readonly ClusterFacts[]> {
  announceSession(connectString);
  return [await inspectZooKeeper(connectString, signal)];
}
