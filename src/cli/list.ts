import { Command } from 'commander';
import { recordingNames } from '../comparison/recordings.js';
import { KAFKA_VERSIONS } from '../distribution/kafka-versions.js';
import { INVARIANTS } from '../invariants/index.js';
import { printable } from '../journal/text.js';
import { loadProfiles, shippedProfilesFolder } from '../operator/profile.js';
import { loadScenario, shippedScenarios } from '../scenario/load.js';

export function listCommand(): Command {
  return new Command('list')
    .description('list scenarios, operator versions, Kafka versions, invariants and recordings')
    .action(async () => {
      process.stdout.write(`${printable((await lines()).join('\n'))}\n`);
    });
}

async function lines(): Promise<readonly string[]> {
  const scenarios = await Promise.all((await shippedScenarios()).map(loadScenario));
  const profiles = loadProfiles([shippedProfilesFolder()]);
  return [
    'Scenarios',
    ...table(scenarios.map(({ name, title }) => [name, title])),
    '',
    'Operator versions (Strimzi)',
    ...table(
      profiles.versions().map((version) => [version, `Kafka ${profiles.get(version).kafka.supported.join(', ')}`]),
    ),
    '',
    'Kafka versions',
    ...table(KAFKA_VERSIONS.map(({ kafka, zookeeper }) => [kafka, `ZooKeeper ${zookeeper}`])),
    '',
    'Invariants',
    ...table(INVARIANTS.map(({ name, about, title }) => [name, `${about}: ${title}`])),
    '',
    'Recordings of real operators (remigrate show NAME)',
    ...(await recordingNames()).map((name) => `  ${name}`),
  ];
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
}
