import { Command } from 'commander';
import { Interrupts } from './interrupts.js';

interface CleanupOptions {
  readonly context: string;
  readonly kubeconfig?: string;
}

export function cleanupCommand(): Command {
  return new Command('cleanup')
    .description(
      "remove what killed runs have left in a Kubernetes cluster: what carries remigrate's label, nothing else",
    )
    .requiredOption('--context <name>', 'the context of the kubeconfig to use; there is no default')
    .option('--kubeconfig <file>', 'instead of KUBECONFIG')
    .action(async ({ context, kubeconfig }: CleanupOptions) => {
      // The Kubernetes client takes as long to load as all else: the other commands do without.
      const { KubeApi } = await import('../environments/kubernetes/api/kube-api.js');
      const { removeRun, runsIn } = await import('../environments/kubernetes/removal.js');
      const interrupts = Interrupts.listen(process.stderr);
      try {
        const { signal } = interrupts;
        const api = await KubeApi.connect({ context, ...(kubeconfig === undefined ? {} : { kubeconfig }), signal });
        try {
          const runs = await runsIn(api, signal);
          if (runs.length === 0) process.stdout.write(`Nothing of remigrate's is in ${context}.\n`);
          for (const run of runs) {
            for (const what of await removeRun(api, run, signal)) process.stdout.write(`removed ${what}\n`);
          }
        } finally {
          api.close();
        }
      } finally {
        interrupts.close();
      }
    });
}
