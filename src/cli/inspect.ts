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
import { worst } from './exit.js';
import { Interrupts } from './interrupts.js';
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

/** Somewhere to look. */
interface Place {
  readonly name: string;
  readonly look: (signal: AbortSignal) => Promise<readonly ClusterFacts[]>;
}

interface Looked {
  readonly inspected: readonly Inspected[];
  readonly notInspected: readonly NotInspected[];
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
    .option(
      '--zookeeper <host:port>',
      'look at a ZooKeeper instead (plain text; repeatable): claims are not seen then',
      collect,
      [],
    )
    .option('--from <file>', 'look at what the commands of --print-commands have written; repeatable', collect, [])
    .option(
      '--print-commands',
      'print the kubectl commands for --from, and look at nothing; with --namespace and --cluster',
      false,
    )
    .option('--json', 'print one JSON object', false)
    .action(async (options: InspectOptions) => {
      if (options.printCommands) {
        process.stdout.write(`${commandsFor(options).join('\n')}\n`);
        return;
      }
      const places = placesOf(options);
      const interrupts = Interrupts.listen(process.stderr);
      try {
        const looked = await lookAround(places, interrupts.signal);
        process.stdout.write(`${options.json ? toJson(looked) : toText(looked)}\n`);
        process.exitCode = exitCodeOfInspection(looked);
      } finally {
        interrupts.close();
      }
    });
}

/** 1: one is not safe. 3: of one it can't be told, or a place could not be looked at. 0: all are safe. */
export function exitCodeOfInspection({ inspected, notInspected }: Looked): 0 | 1 | 3 {
  return worst([
    ...inspected.map(({ forecast: { safety } }) => EXIT_CODES[safety]),
    ...(notInspected.length === 0 ? [] : ([3] as const)),
  ]);
}

/** @throws UsageError when it is not said where to look. */
function placesOf(options: InspectOptions): readonly Place[] {
  const { context, zookeeper, from, namespace, allNamespaces } = options;
  if (context.length > 0 && namespace === undefined && !allNamespaces) {
    throw new UsageError('Say in which namespace to look: --namespace NAME, or --all-namespaces.');
  }
  const places: readonly Place[] = [
    ...context.map((name) => ({ name, look: (signal: AbortSignal) => lookAtContext(name, options, signal) })),
    ...zookeeper.map((address) => ({
      name: `ZooKeeper at ${address}`,
      look: (signal: AbortSignal) => lookAtZooKeeper(address, signal),
    })),
    ...from.map((file) => ({ name: file, look: () => inspectFile(file) })),
  ];
  if (places.length > 0) return places;
  throw new UsageError('Say where to look: --context NAME, --zookeeper HOST:PORT, or --from FILE (each repeatable).');
}

/**
 * Looks at one place after the other. One that can't be looked at does not keep the others from being told.
 * @throws the error of the only place.
 */
async function lookAround(places: readonly Place[], signal: AbortSignal): Promise<Looked> {
  const inspected: Inspected[] = [];
  const notInspected: NotInspected[] = [];
  for (const { name, look } of places) {
    try {
      for (const facts of await look(signal)) inspected.push({ facts, forecast: forecast(facts) });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RemigrateError)) throw error;
      if (places.length === 1) throw error;
      notInspected.push({ place: name, why: messageOf(error) });
    }
  }
  return { inspected, notInspected };
}

function toText({ inspected, notInspected }: Looked): string {
  return [...inspected.flatMap(describeInspected), ...notInspected.flatMap(describeNotInspected)].join('\n');
}

function toJson({ inspected, notInspected }: Looked): string {
  return JSON.stringify({ clusters: inspected, notInspected }, null, 2);
}

/** @throws UsageError when it is not said which cluster the commands are to read. */
function commandsFor({ context, namespace, cluster }: InspectOptions): readonly string[] {
  if (namespace === undefined || cluster === undefined || context.length > 1) {
    throw new UsageError(
      '--print-commands needs --namespace NAME and --cluster NAME, and takes one --context: the commands are for one cluster.',
    );
  }
  return printCommands({ context: context[0], namespace, cluster });
}

async function lookAtContext(
  context: string,
  { kubeconfig, namespace, allNamespaces, cluster }: InspectOptions,
  signal: AbortSignal,
): Promise<readonly ClusterFacts[]> {
  process.stderr.write(`Reading ${context}: a port-forward and a session with each ZooKeeper; nothing is written.\n`);
  return inspectContext({
    context,
    kubeconfig,
    namespace: allNamespaces ? undefined : namespace,
    cluster,
    signal,
  });
}

async function lookAtZooKeeper(connectString: string, signal: AbortSignal): Promise<readonly ClusterFacts[]> {
  announceSession(connectString);
  return [await inspectZooKeeper(connectString, signal)];
}
