export interface ZooKeeperServer {
  /** `myid`, from 1: Strimzi's pod ordinal plus one. */
  readonly id: number;
  /** Where the other servers reach it: a name or an address. */
  readonly host: string;
  readonly quorumPort: number;
  readonly electionPort: number;
}

/**
 * A `zoo.cfg` with Strimzi's settings (0.45.1 `zookeeper_config_generator.sh`, `ZookeeperConfiguration.java:30-33`), in
 * plain text.
 */
export function zooKeeperConfiguration(options: {
  readonly dataFolder: string;
  /** The address for clients to connect to. */
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly servers: readonly ZooKeeperServer[];
}): Record<string, string> {
  const properties: Record<string, string> = {
    tickTime: '2000',
    initLimit: '5',
    syncLimit: '2',
    'autopurge.purgeInterval': '1',
    dataDir: options.dataFolder,
    '4lw.commands.whitelist': '*',
    standaloneEnabled: 'false',
    reconfigEnabled: 'true',
    clientPortAddress: options.clientAddress,
    clientPort: String(options.clientPort),
    quorumListenOnAllIPs: 'false',
  };
  for (const { id, host, quorumPort, electionPort } of options.servers) {
    properties[`server.${id}`] = `${host}:${quorumPort}:${electionPort}`;
  }
  return properties;
}
