import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { updateBroker } from '../../../../src/environments/replayed/broker-update.js';
import { PassFailed } from '../../../../src/operator/executor.js';

describe('the dynamic update of a broker', () => {
  let silent: Server;
  beforeEach(async () => {
    silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    silent.close();
  });

  const update = (port: number) =>
    updateBroker({
      nodeId: 0,
      bootstrapServer: `127.0.0.1:${port}`,
      signal: new AbortController().signal,
      deadlineMs: 300,
      ready: async () => undefined,
      events: () => [],
    });

  it('fails the pass if the broker accepts the connection and does not respond', async () => {
    const failed = update((silent.address() as AddressInfo).port);
    await expect(failed).rejects.toBeInstanceOf(PassFailed);
    await expect(failed).rejects.toMatchObject({ reason: 'ForceableProblem' });
  });

  it('fails the pass if nothing listens at its address', async () => {
    await expect(update(1)).rejects.toBeInstanceOf(PassFailed);
  });
});
