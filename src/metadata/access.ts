/** Where a ZooKeeper client can connect. */
export interface ZooKeeperAccess {
  /** `host:port[,host:port...]`, plain text. */
  readonly connectString: string;
}

/** Where a Kafka client can connect. */
export interface KafkaAccess {
  /** `host:port` of every broker, plain text, as reached from here. */
  readonly bootstrapServers: readonly string[];
  /** Where an address that a broker advertises is reached from here. Default: at itself. */
  readonly reach?: (advertised: { readonly host: string; readonly port: number }) => {
    readonly host: string;
    readonly port: number;
  };
}
