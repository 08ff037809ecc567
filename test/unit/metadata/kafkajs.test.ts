import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import {
  KafkaJSConnectionError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
} from 'kafkajs';
import { EnvironmentError, WaitAborted, WaitTimedOut } from '../../../src/errors.js';
import { isRetriable, protocolErrorsOf, WorkUnfinished, withKafkaJs } from '../../../src/metadata/kafka/kafkajs.js';
import { Deadline } from '../../../src/waiting/deadline.js';

/** As kafkajs' protocol/error.js makes them. */
const protocolError = (type: string, retriable: boolean, topic?: string) =>
  Object.assign(new KafkaJSProtocolError(Object.assign(new Error(type), { type, retriable, code: 1 })), { topic });
const aggregate = (...errors: Error[]) =>
  Object.assign(new Error('several'), { name: 'KafkaJSAggregateError', errors });

describe('isRetriable', () => {
  it.each([
    ['a retriable protocol error', protocolError('NOT_CONTROLLER', true), true],
    ['a protocol error that is not retriable', protocolError('INVALID_CONFIG', false), false],
    ['a broken connection', new KafkaJSConnectionError('refused'), true],
    [
      'the error after no retries',
      new KafkaJSNumberOfRetriesExceeded(protocolError('LEADER_NOT_AVAILABLE', true), { retryCount: 0, retryTime: 1 }),
      true,
    ],
    ['a refusal', new KafkaJSNonRetriableError('no'), false],
    [
      'several errors, all retriable',
      aggregate(protocolError('NOT_CONTROLLER', true), protocolError('NOT_CONTROLLER', true)),
      true,
    ],
    [
      'several errors, one of them not retriable',
      aggregate(protocolError('NOT_CONTROLLER', true), protocolError('INVALID_CONFIG', false)),
      false,
    ],
    ['work that is not finished', new WorkUnfinished('not yet'), true],
    ['a bug', new TypeError('x is undefined'), false],
  ])('of %s', (_, error, expected) => {
    expect(isRetriable(error)).toBe(expected);
  });
});

describe('protocolErrorsOf', () => {
  it('finds types and topics, nested ones too', () => {
    expect(protocolErrorsOf(protocolError('A', false))).toEqual([{ type: 'A' }]);
    expect(protocolErrorsOf(aggregate(protocolError('A', false, 'x'), protocolError('B', true, 'y')))).toEqual([
      { type: 'A', topic: 'x' },
      { type: 'B', topic: 'y' },
    ]);
    const wrapped = new KafkaJSNumberOfRetriesExceeded(protocolError('A', true), { retryCount: 0, retryTime: 1 });
    expect(protocolErrorsOf(Object.assign(wrapped, { cause: protocolError('A', true) }))).toEqual([{ type: 'A' }]);
    expect(protocolErrorsOf(new Error('x'))).toEqual([]);
  });
});

describe('withKafkaJs', () => {
  const OPTIONS = { bootstrapServers: ['127.0.0.1:1'] };
  const LONG = { deadlineMs: 60_000 };

  class FakeClient {
    connected = 0;
    disconnected = 0;
    async connect(): Promise<void> {
      this.connected += 1;
    }
    async disconnect(): Promise<void> {
      this.disconnected += 1;
    }
  }

  it('uses a new client for each attempt, and closes each', async () => {
    const clients: FakeClient[] = [];
    const open = () => {
      const client = new FakeClient();
      clients.push(client);
      return client;
    };
    const result = await withKafkaJs(OPTIONS, new Deadline(LONG), 'to answer', open, async () => {
      if (clients.length < 3) throw protocolError('NOT_CONTROLLER', true);
      return 'done';
    });
    expect(result).toBe('done');
    expect(clients.map(({ connected, disconnected }) => [connected, disconnected])).toEqual(Array(3).fill([1, 1]));
  });

  it('says what Kafka refused, and why', async () => {
    const refused = withKafkaJs(
      OPTIONS,
      new Deadline(LONG),
      'to create topic a',
      () => new FakeClient(),
      async () => {
        throw aggregate(protocolError('INVALID_CONFIG', false, 'a'));
      },
    );
    await expect(refused).rejects.toThrow(EnvironmentError);
    await expect(refused).rejects.toThrow('Kafka refused to create topic a: a: INVALID_CONFIG');
  });

  it('names what it waited for when no broker can be reached before the deadline', async () => {
    const attempt = withKafkaJs(
      OPTIONS,
      new Deadline({ deadlineMs: 200 }),
      'to create topic a',
      (kafka) => kafka.admin(),
      async () => 1,
    );
    await expect(attempt).rejects.toThrow(WaitTimedOut);
    await expect(attempt).rejects.toThrow('timed out after 0.2 s waiting for Kafka to create topic a');
  });

  it('rejects with WaitAborted and closes its sockets when the signal is aborted', async () => {
    const controller = new AbortController();
    const closed: Promise<void>[] = [];
    const silent = createServer((socket) => {
      socket.on('error', () => {});
      closed.push(new Promise((resolve) => socket.once('close', () => resolve())));
      socket.once('data', () => controller.abort());
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const attempt = withKafkaJs(
      { bootstrapServers: [`127.0.0.1:${port}`] },
      new Deadline({ ...LONG, signal: controller.signal }),
      'to list topics',
      (kafka) => kafka.admin(),
      (admin) => admin.listTopics(),
    );
    await expect(attempt).rejects.toThrow(WaitAborted);
    await Promise.all(closed);
    expect(closed).toHaveLength(1);
    await new Promise((resolve) => silent.close(resolve));
  });
});
