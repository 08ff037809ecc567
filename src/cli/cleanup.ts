import { Command } from 'commander';
import { type NamedContext, withContext } from '../kubernetes/with-context.js';
import { Interrupts } from './interrupts.js';

export function cleanupCommand(): Command {
  return new Command('cleanup')
    .description(
      "remove what killed runs have left in a Kubernetes cluster: what carries remigrate's label, nothing else",
    )
    .requiredOption('--context <name>', 'the context of the kubeconfig to use; there is no default')
    .option('--kubeconfig <file>', 'instead of KUBECONFIG')
    .action(async ({ context, kubeconfig }: NamedContext) => {
      const { removeRun, runsIn } = await import('../environments/kubernetes/removal.js');
      const interrupts = Interrupts.listen(process.stderr);
      try {
        const { signal } = interrupts;
        await withContext({ context, kubeconfig }, signal, async (api) => {
          const runs = await runsIn(api, signal);
          if (runs.length === 0) process.stdout.write(`Nothing of remigrate's is in ${context}.\n`);
          for (const run of runs) {
            for (const what of await removeRun(api, run, signal)) process.stdout.write(`removed ${what}\n`);
          }
        });
      } finally {
        interrupts.close();
      }
    });
}
