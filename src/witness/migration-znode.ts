import type { MigrationZnode } from '../metadata/zookeeper/znodes.js';

/** undefined when the text is not what Kafka writes there. */
export function parseMigrationZnode(value: string): MigrationZnode | undefined {
  try {
    const content = JSON.parse(value) as Partial<MigrationZnode>;
    return typeof content.kraft_metadata_offset === 'number' ? (content as MigrationZnode) : undefined;
  } catch {
    return undefined;
  }
}

/** An offset above 0 means that the first copy is done: Kafka 3.9.0 `ZkMigrationLeadershipState.java:138-140`. */
export function copyIsDone({ kraft_metadata_offset: offset }: Pick<MigrationZnode, 'kraft_metadata_offset'>): boolean {
  return offset > 0;
}

export function migrationPhase(value: string): 'initial' | 'copied' {
  const migration = parseMigrationZnode(value);
  return migration !== undefined && copyIsDone(migration) ? 'copied' : 'initial';
}
