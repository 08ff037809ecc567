/** Where a ZooKeeper client can connect. */
export interface ZooKeeperAccess {
  /** `host:port[,host:port...]`, plain text. */
  readonly connectString: string;
}

/** Where a Kafka client can connect. */
export interface KafkaAccess {
  /** `host:port` of every broker, plain text, as reachable from this machine. */
  readonly bootstrapServers: readonly string[];
  /** Maps an address that a broker advertises to the address to connect to. Default: the advertised address. */
  readonly reach?: (advertised: { readonly host: string; readonly port: number }) => {
    readonly host: string;
    readonly port: number;
  };
}
