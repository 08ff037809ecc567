import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { findJournal } from '../comparison/recordings.js';
import { kubectlScriptOf } from '../harness/kubectl-script.js';
import { readJournal } from '../journal/file.js';
import { printable } from '../journal/text.js';
import { describeStory } from '../reports/story.js';

export function showCommand(): Command {
  return new Command('show')
    .description('describe a run, or a recording of a real operator, step by step')
    .argument('<run|recording>', "a run's folder, a journal.jsonl, or a recording's name (see `remigrate list`)")
    .option(
      '--kubectl',
      'print a bash script that repeats the gestures of the run with kubectl, for an upstream report',
    )
    .action(async (name: string, { kubectl = false }: { readonly kubectl?: boolean }) => {
      const file = await findJournal(name);
      if (kubectl) {
        process.stdout.write(kubectlScriptOf(await readJournal(file)));
        return;
      }
      const logs = dirname(file);
      // A recording has no logs next to it.
      const story = describeStory(await readJournal(file), existsSync(join(logs, 'logs')) ? { logs } : {});
      process.stdout.write(`${printable(story.join('\n'))}\n`);
    });
}
