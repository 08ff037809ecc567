import { Command } from 'commander';
import { type NamedContext, withContext } from '../kubernetes/with-context.js';
import { Interrupts } from './interrupts.js';

export function cleanupCommand(): Command {
  return new Command('cleanup')
    .description("remove the leftovers of killed runs from a Kubernetes cluster: only objects with remigrate's label")
    .requiredOption('--context <name>', 'the kubeconfig context to use; there is no default')
    .option('--kubeconfig <file>', 'the kubeconfig file, instead of KUBECONFIG')
    .action(async ({ context, kubeconfig }: NamedContext) => {
      const { removeRun, runsIn } = await import('../environments/kubernetes/removal.js');
      const interrupts = Interrupts.listen(process.stderr);
      try {
        const { signal } = interrupts;
        await withContext({ context, kubeconfig }, signal, async (api) => {
          const runs = await runsIn(api, signal);
          if (runs.length === 0) process.stdout.write(`Context ${context} has no leftovers of remigrate.\n`);
          for (const run of runs) {
            for (const what of await removeRun(api, run, signal)) process.stdout.write(`removed ${what}\n`);
          }
        });
      } finally {
        interrupts.close();
      }
    });
}
