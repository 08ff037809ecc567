import { Deadline } from '../../waiting/deadline.js';
import { type BootstrapOptions, withAnyBroker } from './connection.js';
import { describeTopics } from './topics.js';

/**
 * How long a cluster may take until a broker responds, in milliseconds. Reading a large cluster may take longer, so that
 * its deadline is later; a dead address is reported after this time.
 */
export const FIRST_RESPONSE_MS = 30_000;

/**
 * Waits until a broker responds to a request. No socket is open afterwards.
 * @throws WaitTimedOut that names the addresses, WaitAborted, UsageError for an address that is not one.
 */
export async function awaitFirstResponse(options: BootstrapOptions): Promise<void> {
  await withAnyBroker(options.bootstrapServers, new Deadline(options), 'a response', async (connection) => {
    await describeTopics(connection, []);
  });
}
