import { Command } from 'commander';
import { count, printable } from '../journal/text.js';
import { type Comparable, comparable } from '../metadata/comparable.js';
import { diffSnapshots } from '../metadata/diff.js';
import { type ExplainedDifference, explainDifference } from '../metadata/losses.js';
import { readSnapshotFile, type SnapshotFile } from '../metadata/snapshot-file.js';

/** If the earlier snapshot has no topics, the later one cannot lack any: the comparison proves nothing. */
const PROVES_NOTHING = 3;

export function diffCommand(): Command {
  return new Command('diff')
    .description(
      'compare two snapshots of a cluster. Exit code 0: nothing was lost; 1: something was lost; 3: the earlier snapshot has no topics',
    )
    .argument('<before>', 'the file of the earlier snapshot')
    .argument('<after>', 'the file of the later snapshot')
    .option('--json', 'print the differences as one JSON object', false)
    .action((before: string, after: string, { json }: { readonly json: boolean }) => {
      const compared = comparable(readSnapshotFile(before), readSnapshotFile(after));
      const { caveats, proves } = compared;
      const { durable, operational } = diffSnapshots(compared.before, compared.after);
      const differences = durable.flatMap(explainDifference);
      const lost = differences.some(({ loss }) => loss);
      process.stdout.write(
        json
          ? `${JSON.stringify({ lost, proves, caveats, differences, operational }, null, 2)}\n`
          : `${printable(lines(compared, differences, operational.length).join('\n'))}\n`,
      );
      process.exitCode = lost ? 1 : proves ? 0 : PROVES_NOTHING;
    });
}

function lines(
  { before, after, caveats, proves }: Comparable,
  differences: readonly ExplainedDifference[],
  operational: number,
): readonly string[] {
  return [
    `before  ${described(before)}`,
    `after   ${described(after)}`,
    ...differences.map(({ kind, loss, text }) => `${(loss ? 'LOST' : '').padEnd(6)}${kind.padEnd(9)}${text}`),
    proves ? conclusion(differences) : 'The earlier snapshot has no topics: the comparison proves nothing.',
    ...(operational === 0
      ? []
      : [`(${count(operational, 'change')} of leaders, in-sync replicas or live brokers: no loss.)`]),
    ...caveats.map((caveat) => `(${caveat})`),
  ];
}

function conclusion(differences: readonly ExplainedDifference[]): string {
  const lost = differences.filter(({ loss }) => loss).length;
  if (lost > 0) return `${lost} lost, ${differences.length - lost} other differences.`;
  return differences.length === 0
    ? 'Nothing was lost: topics, ids, partitions, replicas and configurations are the same.'
    : `Nothing was lost: no topic, id, partition or configuration is missing; ${count(differences.length, 'difference')}.`;
}

function described({ from, takenAt, topics, source }: SnapshotFile): string {
  return `${count(topics.length, 'topic')}, ${source === 'kraft' ? 'KRaft' : 'ZooKeeper'}, from ${from}, ${takenAt}`;
}
