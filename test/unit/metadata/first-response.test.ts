import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UsageError, WaitAborted, WaitTimedOut } from '../../../src/errors.js';
import { awaitFirstResponse } from '../../../src/metadata/kafka/first-response.js';
import { API, FakeBroker, metadata } from './fake-broker.js';

describe('awaitFirstResponse', () => {
  let broker: FakeBroker;
  let silent: Server;
  let silentAddress: string;
  beforeEach(async () => {
    broker = await FakeBroker.start();
    silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    silentAddress = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  afterEach(async () => {
    await broker.stop();
    silent.close();
  });

  it('resolves once a broker has responded, also if another one does not exist', async () => {
    broker.answers.set(API.METADATA, metadata([[1, 0]], []));
    await expect(
      awaitFirstResponse({ bootstrapServers: ['127.0.0.1:1', broker.address], deadlineMs: 60_000 }),
    ).resolves.toBeUndefined();
  });

  it('names the address, the deadline and the last failure if nothing listens there', async () => {
    const waiting = awaitFirstResponse({ bootstrapServers: ['127.0.0.1:1'], deadlineMs: 300 });
    await expect(waiting).rejects.toBeInstanceOf(WaitTimedOut);
    await expect(waiting).rejects.toThrow(
      /timed out after 0\.3 s waiting for a response from 127\.0\.0\.1:1; the last attempt failed: .*ECONNREFUSED/,
    );
  });

  it('does the same if something accepts the connection and never responds', async () => {
    await expect(awaitFirstResponse({ bootstrapServers: [silentAddress], deadlineMs: 300 })).rejects.toThrow(
      `timed out after 0.3 s waiting for a response from ${silentAddress}`,
    );
  });

  it('ends with the signal', async () => {
    const signal = AbortSignal.abort();
    await expect(
      awaitFirstResponse({ bootstrapServers: ['127.0.0.1:1'], deadlineMs: 60_000, signal }),
    ).rejects.toBeInstanceOf(WaitAborted);
  });

  it('refuses an address without a port', async () => {
    await expect(awaitFirstResponse({ bootstrapServers: ['localhost'], deadlineMs: 60_000 })).rejects.toBeInstanceOf(
      UsageError,
    );
  });
});
