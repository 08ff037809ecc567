import { describe, expect, it } from '@jest/globals';
import { ZooKeeperSessions } from '../../../src/environments/zookeeper-sessions.js';
import { EnvironmentError } from '../../../src/errors.js';
import {
  SessionExpired,
  type ZooKeeperClient,
  ZooKeeperError,
  type ZooKeeperOptions,
} from '../../../src/metadata/zookeeper/client.js';
import { ZOOKEEPER_CODES } from '../../../src/metadata/zookeeper/native.js';
import { deadlinesOf } from '../../../src/waiting/deadlines.js';

/** Creates sessions on a tree in memory, and counts the open ones. */
class FakeZooKeeper {
  readonly tree = new Map<string, string>();
  readonly options: ZooKeeperOptions[] = [];
  open = 0;
  /** Errors of the next attempts to connect. */
  readonly refusals: Error[] = [];
  /** Sessions that have expired. */
  readonly expired = new Set<string>();
  /** The error of a change. */
  refusal: Error | undefined;
  /** The error of a deletion. */
  deletion: Error | undefined;

  readonly connect = async (options: ZooKeeperOptions): Promise<ZooKeeperClient> => {
    this.options.push(options);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    this.open += 1;
    const session = `0x${this.options.length}`;
    const unused = async (): Promise<never> => {
      throw new Error('unused in these tests');
    };
    return {
      get: async (path) => {
        if (this.expired.has(session)) throw new SessionExpired(`The session ${session} has expired`);
        const data = this.tree.get(path);
        if (data === undefined) return undefined;
        return { data, stat: { version: 0, czxid: 1, mzxid: 1, ctime: 0, numChildren: 0, ephemeralOwner: undefined } };
      },
      delete: async (path) => {
        if (this.deletion !== undefined) throw this.deletion;
        if (!this.tree.delete(path)) throw new ZooKeeperError(`no node ${path}`, ZOOKEEPER_CODES.NO_NODE);
      },
      sessionId: () => session,
      close: async () => {
        this.open -= 1;
      },
      children: async (path) =>
        this.tree.has(path)
          ? [...this.tree.keys()].filter((one) => one.startsWith(`${path}/`)).map((one) => one.slice(path.length + 1))
          : undefined,
      exists: unused,
      create: async (path, data) => {
        this.tree.set(path, data);
      },
      set: async (path, data) => {
        if (this.refusal !== undefined) throw this.refusal;
        if (!this.tree.has(path)) throw new ZooKeeperError(`no node ${path}`, ZOOKEEPER_CODES.NO_NODE);
        this.tree.set(path, data);
      },
      waitFor: unused,
    };
  };
}

function setUp() {
  const zooKeeper = new FakeZooKeeper();
  const opened: string[] = [];
  const { signal } = new AbortController();
  const sessions = new ZooKeeperSessions(
    () => '127.0.0.1:10011',
    signal,
    (session, who) => opened.push(`${who} ${session}`),
    deadlinesOf(0),
    zooKeeper.connect,
  );
  return { zooKeeper, opened, sessions, signal };
}

describe('reading', () => {
  it('opens one session when it is first needed, and reports who uses it', async () => {
    const { zooKeeper, opened, sessions, signal } = setUp();
    expect(zooKeeper.open).toBe(0);
    zooKeeper.tree.set('/controller', '{"brokerid":0}');
    const [found, absent] = await Promise.all([sessions.get('/controller'), sessions.get('/migration')]);
    expect(found?.data).toBe('{"brokerid":0}');
    expect(absent).toBeUndefined();
    expect(opened).toEqual(['harness 0x1']);
    expect(zooKeeper.options).toEqual([expect.objectContaining({ connectString: '127.0.0.1:10011', signal })]);
  });

  it('lists children over the same session', async () => {
    const { zooKeeper, opened, sessions } = setUp();
    zooKeeper.tree.set('/brokers/ids', '').set('/brokers/ids/0', '');
    await sessions.get('/brokers/ids');
    expect(await sessions.children('/brokers/ids')).toEqual(['0']);
    expect(await sessions.children('/brokers/topics')).toBeUndefined();
    expect(opened).toEqual(['harness 0x1']);
  });

  it('opens another when the first could not be opened', async () => {
    const { zooKeeper, opened, sessions } = setUp();
    zooKeeper.refusals.push(new EnvironmentError('connection refused'));
    await expect(Promise.all([sessions.get('/a'), sessions.get('/b')])).rejects.toThrow('connection refused');
    await expect(sessions.get('/a')).resolves.toBeUndefined();
    expect(opened).toEqual(['harness 0x2']);
  });

  it('goes on with one other session when the first has expired, because ZooKeeper was restarted', async () => {
    const { zooKeeper, opened, sessions } = setUp();
    zooKeeper.tree.set('/a', 'content');
    await sessions.get('/a');
    zooKeeper.expired.add('0x1');
    const found = await Promise.all([sessions.get('/a'), sessions.get('/a')]);
    expect(found.map((znode) => znode?.data)).toEqual(['content', 'content']);
    expect(opened).toEqual(['harness 0x1', 'harness 0x2']);
    // It does not try for ever.
    zooKeeper.expired.add('0x2').add('0x3');
    await expect(sessions.get('/a')).rejects.toThrow('The session 0x3 has expired');
  });

  it('ends when it is closed', async () => {
    const { zooKeeper, sessions } = setUp();
    await sessions.get('/a');
    await sessions.close();
    expect(zooKeeper.open).toBe(0);
    await sessions.close();
    expect(zooKeeper.open).toBe(0);
  });

  it('that never began can be closed', async () => {
    const { zooKeeper, sessions } = setUp();
    zooKeeper.refusals.push(new EnvironmentError('connection refused'));
    const reading = sessions.get('/a');
    await Promise.all([expect(reading).rejects.toThrow('connection refused'), sessions.close()]);
    await expect(setUp().sessions.close()).resolves.toBeUndefined();
  });
});

describe('deleting', () => {
  it('uses a new session, which is reported first and closed afterwards', async () => {
    const { zooKeeper, opened, sessions } = setUp();
    zooKeeper.tree.set('/controller', '').set('/migration', '');
    await sessions.get('/controller');
    await expect(sessions.delete('/controller', 'operator')).resolves.toBe('deleted');
    await expect(sessions.delete('/migration', 'user')).resolves.toBe('deleted');
    expect([...zooKeeper.tree.keys()]).toEqual([]);
    expect(opened).toEqual(['harness 0x1', 'operator 0x2', 'user 0x3']);
    expect(zooKeeper.open).toBe(1);
  });

  it('reports an absent znode', async () => {
    const { zooKeeper, sessions } = setUp();
    await expect(sessions.delete('/migration', 'operator')).resolves.toBe('absent');
    expect(zooKeeper.open).toBe(0);
  });

  it('is rejected with any other refusal, and leaves no session behind', async () => {
    const { zooKeeper, sessions } = setUp();
    zooKeeper.tree.set('/brokers', '');
    zooKeeper.deletion = new ZooKeeperError('it has children', ZOOKEEPER_CODES.CONNECTION_LOSS);
    await expect(sessions.delete('/brokers', 'user')).rejects.toThrow('it has children');
    expect(zooKeeper.open).toBe(0);
  });
});

describe('writing', () => {
  it('changes a znode, or creates it if it does not exist, over a new session of the user', async () => {
    const { zooKeeper, opened, sessions } = setUp();
    await sessions.write('/migration', '');
    expect([...zooKeeper.tree]).toEqual([['/migration', '']]);
    await sessions.write('/migration', '{}');
    expect([...zooKeeper.tree]).toEqual([['/migration', '{}']]);
    expect(opened).toEqual(['user 0x1', 'user 0x2']);
    expect(zooKeeper.open).toBe(0);
  });

  it('is rejected with any other refusal, and leaves no session behind', async () => {
    const { zooKeeper, sessions } = setUp();
    zooKeeper.refusal = new ZooKeeperError('the connection was lost', ZOOKEEPER_CODES.CONNECTION_LOSS);
    await expect(sessions.write('/migration', '')).rejects.toThrow('the connection was lost');
    expect([...zooKeeper.tree]).toEqual([]);
    expect(zooKeeper.open).toBe(0);
  });
});
