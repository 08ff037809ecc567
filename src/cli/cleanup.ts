import { Command } from 'commander';
import type { RunInCluster } from '../environments/kubernetes/runs.js';
import { UsageError } from '../errors.js';
import type { KubeApi } from '../kubernetes/kube-api.js';
import { type NamedContext, withContext } from '../kubernetes/with-context.js';
import { untilInterrupted } from './interrupts.js';

const AFTER_A_SIGNAL = 'stopped; run the command again to remove the rest';

interface CleanupOptions extends NamedContext {
  readonly run?: string | undefined;
}

export function cleanupCommand(): Command {
  return new Command('cleanup')
    .description(
      "remove the leftovers of killed runs from a Kubernetes cluster: only objects with remigrate's label, and not those of live runs",
    )
    .requiredOption('--context <name>', 'the kubeconfig context to use; there is no default')
    .option('--kubeconfig <file>', 'the kubeconfig file, instead of KUBECONFIG')
    .option('--run <name>', 'remove only this run, even if it is live')
    .action(async ({ context, kubeconfig, run }: CleanupOptions) => {
      process.exitCode = await untilInterrupted(process.stderr, AFTER_A_SIGNAL, async (signal) => {
        await withContext({ context, kubeconfig }, signal, (api) =>
          cleanUp(api, { context, run }, signal, (line) => void process.stdout.write(`${line}\n`)),
        );
        return 0;
      });
    });
}

/**
 * Removes what runs have left behind; with `run` only that run, even if it is live.
 * @param write called with each line of the command's output.
 * @throws UsageError when there is no such run.
 */
export async function cleanUp(
  api: KubeApi,
  { context, run }: CleanupOptions,
  signal: AbortSignal,
  write: (line: string) => void,
): Promise<void> {
  const { removeRun } = await import('../environments/kubernetes/removal.js');
  const { describeRun, runsIn } = await import('../environments/kubernetes/runs.js');
  const runs = await runsIn(api, signal);
  const isLeft = leftBehind(runs);
  for (const one of run === undefined ? runs : [named(runs, run, context)]) {
    if (one.live && run === undefined) {
      write(`${describeRun(one)} is live and is not removed. To remove it all the same: ${command(context, one.run)}`);
      continue;
    }
    if (run === undefined && !isLeft(one)) continue;
    write(`${describeRun(one)} ${one.live ? 'is live, and is removed because it was named' : 'was left behind'}`);
    for (const what of await removeRun(api, one.run, signal)) write(`removed ${what}`);
  }
  if (run === undefined && !runs.some(isLeft)) write(`Context ${context} has no leftovers of remigrate.`);
}

/** Definitions have the label of the run that installed them last. While a run is live, they are in use. */
function leftBehind(runs: readonly RunInCluster[]): (run: RunInCluster) => boolean {
  const inUse = runs.some(({ live }) => live);
  return ({ live, onlyDefinitions }) => !live && !(inUse && onlyDefinitions);
}

function named(runs: readonly RunInCluster[], name: string, context: string): RunInCluster {
  const found = runs.find(({ run }) => run === name);
  if (found !== undefined) return found;
  const all = runs.map(({ run }) => run).join(', ');
  throw new UsageError(
    `--run ${name}: the cluster of context ${context} has no such run. ${all === '' ? 'It has no run of remigrate.' : `It has ${all}.`}`,
  );
}

function command(context: string, run: string): string {
  return `remigrate cleanup --context ${context} --run ${run}`;
}
