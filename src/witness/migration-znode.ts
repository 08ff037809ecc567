/** The content of `/migration`: Kafka 3.9.0 `core/.../zk/ZkData.scala:1049-1085`. */
export interface MigrationZnode {
  readonly version: number;
  readonly kraft_controller_id: number;
  readonly kraft_controller_epoch: number;
  readonly kraft_metadata_offset: number;
  readonly kraft_metadata_epoch: number;
}

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
export function migrationPhase(value: string): 'initial' | 'copied' {
  return (parseMigrationZnode(value)?.kraft_metadata_offset ?? -1) > 0 ? 'copied' : 'initial';
}
