import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { findJournal } from '../comparison/recordings.js';
import { readJournal } from '../journal/file.js';
import { printable } from '../journal/text.js';
import { describeStory } from '../reports/story.js';

export function showCommand(): Command {
  return new Command('show')
    .description('describe a run, or a recording of a real operator, step by step')
    .argument('<run|recording>', "a run's folder, a journal.jsonl, or a recording's name (see `remigrate list`)")
    .action(async (name: string) => {
      const file = await findJournal(name);
      const logs = dirname(file);
      // A recording has no logs next to it.
      const story = describeStory(await readJournal(file), existsSync(join(logs, 'logs')) ? { logs } : {});
      process.stdout.write(`${printable(story.join('\n'))}\n`);
    });
}
