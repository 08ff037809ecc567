import { Deadline, type DeadlineOptions } from '../../waiting/deadline.js';
import { parseEndpoint, withBroker } from '../kafka/connection.js';

export interface DynamicUpdateOptions extends DeadlineOptions {
  /** `host:port` of the broker to send the update to. */
  readonly bootstrapServer: string;
  /** The node id of the broker whose configuration is updated. */
  readonly nodeId: number;
}

const BROKER_RESOURCE = 4 as const;
const NONE = 0;

/**
 * Sends an empty update of the broker's dynamic configuration, as Strimzi's KafkaRoller does for a broker whose
 * configuration it can update without a restart: it sends the differences of the broker's and of the loggers'
 * configuration in one IncrementalAlterConfigs request, and force-restarts the broker when that is refused (Strimzi
 * 0.45.1, KafkaRoller.java, dynamicUpdateBrokerConfig).
 *
 * Measured, Kafka 3.9.0: a plain broker in ZooKeeper mode and a broker in KRaft mode accept it. A broker in migration
 * mode accepts it while a broker holds `/controller`; it refuses it once a KRaft controller does and is still in
 * SYNC_KRAFT_TO_ZK (STALE_CONTROLLER_EPOCH, "Cannot set entity configs for brokers 0 directly when there is a KRaft
 * controller").
 *
 * @returns `refused` with the broker's reason if it responded with an error.
 * @throws KafkaUnreachable when the broker does not accept the connection, WaitTimedOut, WaitAborted.
 */
export async function updateBrokerDynamically(options: DynamicUpdateOptions): Promise<'updated' | { refused: string }> {
  const deadline = new Deadline(options);
  return withBroker(parseEndpoint(options.bootstrapServer), deadline, async (connection) => {
    const { incrementalAlterConfigsV1 } = connection.protocol;
    const response = await connection.request(
      'IncrementalAlterConfigs',
      incrementalAlterConfigsV1.api,
      [{ resourceType: BROKER_RESOURCE, resourceName: String(options.nodeId), configs: [] }],
      false,
    );
    const refusal = response.responses.find((answer) => answer.errorCode !== NONE);
    if (refusal === undefined) return 'updated';
    const name = connection.errorName(refusal.errorCode);
    return { refused: refusal.errorMessage === null ? name : `${name}: ${refusal.errorMessage}` };
  });
}
