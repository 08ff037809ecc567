import { describe, expect, it } from '@jest/globals';
import { EnvironmentError, UsageError, WaitAborted, WaitTimedOut } from '../../../src/errors.js';
import { connectZooKeeper, SessionExpired, type ZooKeeperClient } from '../../../src/metadata/zookeeper/client.js';
import {
  ZOOKEEPER_CODES as CODES,
  loadZooKeeper,
  type NativeConstructor,
  type NativeStat,
  type NativeZooKeeper,
} from '../../../src/metadata/zookeeper/native.js';

type Listener = (client: unknown, detail: unknown) => void;
type Answer = (code: number, message: string, stat: NativeStat | null, data: string | null) => void;

/** How the C client behaves: one script for all clients of a test. */
class Script {
  /** How many clients never get a connection. */
  unreachable = 0;
  clients: FakeNative[] = [];
  /** Response codes for requests, in order; later requests get no response. */
  answers: number[] = [];
  tree: Record<string, string> = {};
  watchers: ((type: number) => void)[] = [];
}

class FakeNative implements NativeZooKeeper {
  readonly client_id = '1000123abcd0001';
  closed = 0;
  config: Readonly<Record<string, unknown>> = {};
  readonly #script: Script;
  readonly #listeners: { event: string; listener: Listener }[] = [];

  constructor(script: Script) {
    this.#script = script;
    script.clients.push(this);
  }

  init(config: Readonly<Record<string, unknown>>): void {
    this.config = config;
    if (this.#script.unreachable-- <= 0) setImmediate(() => this.emit('connect', ''));
  }

  close(): void {
    this.closed += 1;
    this.emit('close', 0);
  }

  on(event: string, listener: Listener): void {
    this.#listeners.push({ event, listener });
  }

  emit(event: string, detail: unknown): void {
    for (const listening of this.#listeners) if (listening.event === event) listening.listener(this, detail);
  }

  a_get(path: string, _watch: boolean, callback: Answer): number {
    return this.#answer((code) => callback(code, 'why', STAT, this.#script.tree[path] ?? null), path);
  }

  a_exists(path: string, _watch: boolean, callback: (code: number, message: string, stat: NativeStat) => void): number {
    return this.#answer((code) => callback(code, 'why', STAT), path);
  }

  aw_exists(path: string, watcher: (type: number) => void, callback: Answer): number {
    this.#script.watchers.push(watcher);
    return this.#answer((code) => callback(code, 'why', STAT, null), path);
  }

  a_get_children(
    _path: string,
    _watch: boolean,
    callback: (code: number, message: string, names: string[]) => void,
  ): number {
    return this.#answer((code) => callback(code, 'why', ['a', 'b']));
  }

  a_create(
    path: string,
    data: string,
    _flags: number,
    callback: (code: number, message: string, path: string) => void,
  ) {
    this.#script.tree[path] = data;
    return this.#answer((code) => callback(code, 'why', path));
  }

  a_set(
    _path: string,
    _data: string,
    _version: number,
    callback: (code: number, message: string, stat: NativeStat) => void,
  ) {
    return this.#answer((code) => callback(code, 'why', STAT));
  }

  a_delete_(_path: string, _version: number, callback: (code: number, message: string) => void): number {
    return this.#answer((code) => callback(code, 'why'));
  }

  #answer(callback: (code: number) => void, path?: string): number {
    const scripted = this.#script.answers.shift();
    const known = path === undefined || !path.startsWith('/tree') || path in this.#script.tree;
    const code = path?.startsWith('/tree') ? (known ? CODES.OK : CODES.NO_NODE) : scripted;
    if (code !== undefined) setImmediate(() => callback(code));
    return CODES.OK;
  }
}

const STAT: NativeStat = {
  version: 3,
  czxid: 1,
  mzxid: 2,
  ctime: new Date(3),
  numChildren: 0,
  ephemeralOwner: '1000123abcd0001',
};
const OPTIONS = { connectString: 'localhost:2181', sessionTimeoutMs: 60_000, deadlineMs: 60_000 };

function nativeOf(script: Script): () => NativeConstructor {
  return () =>
    class extends FakeNative {
      constructor() {
        super(script);
      }
    };
}

async function connected(script: Script, options: Partial<typeof OPTIONS> = {}): Promise<ZooKeeperClient> {
  return connectZooKeeper({ ...OPTIONS, ...options }, nativeOf(script));
}

describe('connectZooKeeper', () => {
  it('opens a session, with the C library silent', async () => {
    const script = new Script();
    const client = await connected(script);
    expect(client.sessionId()).toBe('0x1000123abcd0001');
    expect(script.clients[0]?.config).toEqual({ connect: 'localhost:2181', timeout: 60_000, debug_level: 0 });
  });

  it('tries again with a new client, and closes the one before', async () => {
    const script = new Script();
    script.unreachable = 1;
    await connected(script);
    expect(script.clients.map(({ closed }) => closed)).toEqual([1, 0]);
  });

  it('names the address when nothing responds before the deadline, and closes all clients', async () => {
    const script = new Script();
    script.unreachable = 1000;
    const connecting = connected(script, { deadlineMs: 50 });
    await expect(connecting).rejects.toThrow(WaitTimedOut);
    await expect(connecting).rejects.toThrow(
      'timed out after 0.05 s waiting for a session with ZooKeeper at localhost:2181',
    );
    expect(script.clients.every(({ closed }) => closed === 1)).toBe(true);
  });

  it('stops when the signal is aborted, and closes all clients', async () => {
    const script = new Script();
    script.unreachable = 1000;
    const controller = new AbortController();
    const connecting = connectZooKeeper({ ...OPTIONS, signal: controller.signal }, nativeOf(script));
    controller.abort();
    await expect(connecting).rejects.toThrow(WaitAborted);
    expect(script.clients.every(({ closed }) => closed === 1)).toBe(true);
  });

  it.each(['', 'localhost', 'localhost:2181,', 'a b:1', 'localhost:2181//x'])(
    'rejects the address %p',
    async (address) => {
      await expect(connected(new Script(), { connectString: address })).rejects.toThrow(UsageError);
    },
  );

  it.each(['a:1,b:2', '[::1]:2181', 'a:1/chroot/x'])('accepts the address %p', async (address) => {
    await expect(connected(new Script(), { connectString: address })).resolves.toBeDefined();
  });
});

describe('loadZooKeeper', () => {
  it('names what to install when the package is missing or not compiled', () => {
    const load = () => {
      throw new Error("Cannot find module 'zookeeper'\nRequire stack:\n- somewhere");
    };
    expect(() => loadZooKeeper(load)).toThrow(UsageError);
    expect(() => loadZooKeeper(load)).toThrow(
      /cannot be loaded \(Cannot find module 'zookeeper'\).*C and C\+\+ compiler, make and python3.*npm rebuild zookeeper/s,
    );
  });

  it('rejects an unexpected package', () => {
    expect(() => loadZooKeeper(() => class {})).toThrow(UsageError);
  });
});

describe('ZooKeeperClient', () => {
  it('reads contents, stats and children', async () => {
    const script = new Script();
    script.tree = { '/tree/x': 'content' };
    script.answers = [CODES.OK, CODES.OK];
    const client = await connected(script);
    await expect(client.children('/any')).resolves.toEqual(['a', 'b']);
    await expect(client.get('/tree/x')).resolves.toEqual({
      data: 'content',
      stat: { version: 3, czxid: 1, mzxid: 2, ctime: 3, numChildren: 0, ephemeralOwner: '0x1000123abcd0001' },
    });
  });

  it('returns undefined for a znode that does not exist', async () => {
    const client = await connected(new Script());
    await expect(client.get('/tree/none')).resolves.toBeUndefined();
    await expect(client.exists('/tree/none')).resolves.toBeUndefined();
  });

  it.each(['delete', 'set'] as const)('rejects an attempt to %s a znode that does not exist', async (operation) => {
    const script = new Script();
    script.answers = [CODES.NO_NODE];
    const client = await connected(script);
    await expect(client[operation]('/none', '')).rejects.toThrow(
      `ZooKeeper at localhost:2181 could not ${operation} /none: why`,
    );
  });

  it('reads again after the connection broke, but does not write again', async () => {
    const script = new Script();
    script.answers = [CODES.CONNECTION_LOSS, CODES.OK, CODES.CONNECTION_LOSS];
    const client = await connected(script);
    await expect(client.children('/a')).resolves.toEqual(['a', 'b']);
    await expect(client.delete('/a')).rejects.toThrow(EnvironmentError);
  });

  it('rejects pending and later requests when the session expires', async () => {
    const script = new Script();
    const client = await connected(script);
    const reading = client.get('/a');
    script.clients[0]?.emit('close', CODES.EXPIRED_SESSION_STATE);
    await expect(reading).rejects.toThrow('The session 0x1000123abcd0001 with ZooKeeper at localhost:2181 has expired');
    await expect(client.children('/a')).rejects.toThrow(EnvironmentError);
  });

  it.each([
    ['ZCLOSING', CODES.CLOSING],
    ['ZSESSIONEXPIRED', CODES.SESSION_EXPIRED],
    ['ZINVALIDSTATE', CODES.INVALID_STATE],
  ])('reports an expired session that the C library reports to a request first: %s', async (_name, code) => {
    const script = new Script();
    script.answers = [code];
    const client = await connected(script);
    await expect(client.get('/a')).rejects.toBeInstanceOf(SessionExpired);
  });

  it('waits no longer than the session timeout for a response', async () => {
    const client = await connected(new Script(), { sessionTimeoutMs: 20 });
    await expect(client.get('/a')).rejects.toThrow(
      'timed out after 0.02 s waiting for ZooKeeper at localhost:2181 to get /a',
    );
  });

  it('rejects pending requests when it is closed, and closes once', async () => {
    const script = new Script();
    const client = await connected(script);
    const reading = client.get('/a');
    await Promise.all([expect(reading).rejects.toThrow('is closed'), client.close(), client.close()]);
    expect(script.clients[0]?.closed).toBe(1);
  });

  it('waits for a znode to satisfy the condition, and wakes up by the watch', async () => {
    const script = new Script();
    const client = await connected(script);
    const waiting = client.waitFor('/tree/a', 'a', (znode) => znode?.data === 'b', { deadlineMs: 60_000 });
    await client.get('/tree/a');
    script.tree = { '/tree/a': 'b' };
    for (const watcher of script.watchers) watcher(1);
    await expect(waiting).resolves.toBeUndefined();
  });

  it('names what it waited for when it times out', async () => {
    const client = await connected(new Script());
    const waiting = client.waitFor('/tree/a', '/tree/a to appear', (znode) => znode !== undefined, { deadlineMs: 20 });
    await expect(waiting).rejects.toThrow('timed out after 0.02 s waiting for /tree/a to appear');
  });
});
