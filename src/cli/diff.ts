import { Command } from 'commander';
import { count } from '../journal/words.js';
import { diffSnapshots } from '../metadata/diff.js';
import { type ToldDifference, tellDifference } from '../metadata/losses.js';
import { readSnapshotFile, type SnapshotFile } from '../metadata/snapshot-file.js';

export function diffCommand(): Command {
  return new Command('diff')
    .description('compare two snapshots of a cluster; exit 1 where the later one has lost something')
    .argument('<before>', 'the file of the earlier snapshot')
    .argument('<after>', 'the file of the later one')
    .option('--json', 'print the differences as one JSON object', false)
    .action((before: string, after: string, { json }: { readonly json: boolean }) => {
      const [old, present] = [readSnapshotFile(before), readSnapshotFile(after)];
      const { durable, operational } = diffSnapshots(old, present);
      const differences = durable.flatMap(tellDifference);
      const lost = differences.some(({ loss }) => loss);
      process.stdout.write(
        json
          ? `${JSON.stringify({ lost, differences, operational }, null, 2)}\n`
          : `${lines(old, present, differences, operational.length).join('\n')}\n`,
      );
      process.exitCode = lost ? 1 : 0;
    });
}

function lines(
  before: SnapshotFile,
  after: SnapshotFile,
  differences: readonly ToldDifference[],
  operational: number,
): readonly string[] {
  const lost = differences.filter(({ loss }) => loss).length;
  return [
    `before  ${described(before)}`,
    `after   ${described(after)}`,
    ...differences.map(({ kind, loss, text }) => `${(loss ? 'LOST' : '').padEnd(6)}${kind.padEnd(9)}${text}`),
    lost > 0
      ? `${lost} lost, ${differences.length - lost} otherwise different.`
      : differences.length > 0
        ? `Nothing was lost; ${count(differences.length, 'difference')}.`
        : 'Nothing was lost: topics, ids, partitions, replicas and configurations are the same.',
    ...(operational === 0
      ? []
      : [`(${count(operational, 'change')} of leaders, in-sync replicas or live brokers: no loss.)`]),
  ];
}

function described({ from, takenAt, topics, source }: SnapshotFile): string {
  return `${count(topics.length, 'topic')}, ${source === 'kraft' ? 'KRaft' : 'ZooKeeper'}, from ${from}, ${takenAt}`;
}
