import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Journal } from '../../../src/journal/journal.js';
import { Witness, type ZnodeReader } from '../../../src/witness/witness.js';
import {
  auditLine,
  BROKER_SESSION,
  CONTROLLER_SESSION,
  driverLine,
  featureLine,
  OPERATOR_SESSION,
  quorumLine,
  sessionLine,
} from './lines.js';

type Content = Awaited<ReturnType<ZnodeReader>>;

/** A ZooKeeper whose answers the test gives, in the order of the reads. */
class PendingReads {
  readonly #open: { path: string; resolve: (content: Content) => void; reject: (error: Error) => void }[] = [];

  readonly reader: ZnodeReader = (path) =>
    new Promise((resolve, reject) => {
      this.#open.push({ path, resolve, reject });
    });

  get paths(): readonly string[] {
    return this.#open.map(({ path }) => path);
  }

  async answer(content: Content): Promise<void> {
    this.#next().resolve(content);
    await settle();
  }

  async fail(error: Error): Promise<void> {
    this.#next().reject(error);
    await settle();
  }

  #next() {
    const next = this.#open.shift();
    if (next === undefined) throw new Error('nothing is being read');
    return next;
  }
}

/** Lets everything happen that needs no timer. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

function setUp(read?: ZnodeReader) {
  const journal = new Journal();
  const reads = new PendingReads();
  const witness = new Witness(journal, read ?? reads.reader);
  const change = async (operation: string, znode: string, session = BROKER_SESSION): Promise<void> => {
    witness.zooKeeperLine(auditLine({ operation, znode, session }));
    await settle();
  };
  return { journal, reads, witness, change };
}

const topic = (name: string): string => `/brokers/topics/${name}`;

function migration(offset: number, controllerEpoch = 1, controllerId = 1): Content {
  const value = JSON.stringify({
    version: 0,
    kraft_metadata_offset: offset,
    kraft_controller_id: controllerId,
    kraft_metadata_epoch: 1,
    kraft_controller_epoch: controllerEpoch,
  });
  return { value, ephemeral: false };
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('topics', () => {
  it('that one session changes together are journalled as one change, when no more come', async () => {
    const { journal, witness, change } = setUp();
    witness.nodeLine('my-cluster-broker-0', 'broker 0', sessionLine(BROKER_SESSION));
    await change('create', topic('a'));
    await change('create', topic('b'));
    expect(journal.events()).toEqual([]);
    jest.runOnlyPendingTimers();
    expect(journal.ofType('topics-changed')).toEqual([
      expect.objectContaining({
        created: ['a', 'b'],
        writer: { session: BROKER_SESSION, address: '127.0.0.1', who: 'broker 0' },
      }),
    ]);
    expect(journal.ofType('topics-changed')[0]).not.toHaveProperty('deleted');
  });

  it('that are deleted and topics that are created are journalled in one change', async () => {
    const { journal, witness, change } = setUp();
    await change('delete', topic('old'));
    await change('create', topic('new'));
    await witness.settled();
    expect(journal.ofType('topics-changed')).toEqual([expect.objectContaining({ created: ['new'], deleted: ['old'] })]);
  });

  it('of two sessions are two changes, in their order', async () => {
    const { journal, witness, change } = setUp();
    await change('create', topic('a'), BROKER_SESSION);
    await change('delete', topic('b'), CONTROLLER_SESSION);
    await witness.settled();
    expect(
      journal
        .ofType('topics-changed')
        .map(({ created, deleted, writer }) => ({ created, deleted, by: writer?.session })),
    ).toEqual([
      { created: ['a'], deleted: undefined, by: BROKER_SESSION },
      { created: undefined, deleted: ['b'], by: CONTROLLER_SESSION },
    ]);
  });

  it('that one session deletes and creates again are journalled in that order', async () => {
    const { journal, witness, change } = setUp();
    await change('delete', topic('a'));
    await change('create', topic('a'));
    await witness.settled();
    expect(journal.ofType('topics-changed').map(({ created, deleted }) => ({ created, deleted }))).toEqual([
      { created: undefined, deleted: ['a'] },
      { created: ['a'], deleted: undefined },
    ]);
  });

  it('have a known writer if the session is known before they are journalled', async () => {
    const { journal, witness, change } = setUp();
    await change('create', topic('a'), CONTROLLER_SESSION);
    witness.nodeLine('my-cluster-controller-1', 'controller 1', sessionLine(CONTROLLER_SESSION));
    await witness.settled();
    expect(journal.ofType('topics-changed')[0]?.writer?.who).toBe('controller 1');
  });

  it('do not change if only their content or the znodes below them change', async () => {
    const { journal, witness, change } = setUp();
    await change('setData', topic('a'));
    await change('create', `${topic('a')}/partitions`);
    await change('create', '/brokers/topics');
    await change('delete', '/config/topics/a');
    await witness.settled();
    expect(journal.events()).toEqual([]);
  });

  it('are not journalled twice', async () => {
    const { journal, witness, change } = setUp();
    await change('create', topic('a'));
    await witness.settled();
    await witness.settled();
    jest.runAllTimers();
    expect(journal.ofType('topics-changed')).toHaveLength(1);
  });
});

describe('/migration, /controller and /controller_epoch', () => {
  it('are journalled with content, session and the owner of the session', async () => {
    const { journal, reads, witness, change } = setUp();
    witness.nodeLine('my-cluster-broker-0', 'broker 0', sessionLine(BROKER_SESSION));
    await change('create', '/controller');
    await reads.answer({ value: '{"brokerid":0}', ephemeral: true });
    expect(journal.ofType('znode-changed')).toEqual([
      expect.objectContaining({
        path: '/controller',
        change: 'created',
        ephemeral: true,
        value: '{"brokerid":0}',
        writer: { session: BROKER_SESSION, address: '127.0.0.1', who: 'broker 0' },
      }),
    ]);
    expect(journal.ofType('znode-changed')[0]).not.toHaveProperty('phase');
  });

  it("have the harness's own sessions as writers", async () => {
    const { journal, witness, change } = setUp();
    witness.registerSession(OPERATOR_SESSION, 'operator');
    await change('delete', '/controller', OPERATOR_SESSION);
    expect(journal.ofType('znode-changed')).toEqual([
      expect.objectContaining({ change: 'deleted', writer: expect.objectContaining({ who: 'operator' }) }),
    ]);
  });

  it('have a writer that is known by its address if no log names its session', async () => {
    const { journal, witness, change } = setUp();
    witness.registerAddress('127.0.0.1', 'operator');
    witness.registerSession(BROKER_SESSION, 'broker 0');
    await change('delete', '/controller', '0xffff');
    await change('delete', '/controller_epoch', BROKER_SESSION);
    expect(journal.ofType('znode-changed').map(({ writer }) => writer?.who)).toEqual(['operator', 'broker 0']);
  });

  it('have an unknown session as a writer without an owner', async () => {
    const { journal, change } = setUp();
    await change('delete', '/controller_epoch', '0xffff');
    expect(journal.ofType('znode-changed')[0]?.writer).toEqual({ session: '0xffff', address: '127.0.0.1' });
  });

  it('expire with their session', async () => {
    const { journal, change } = setUp();
    await change('ephemeralZNodeDeletionOnSessionCloseOrExpire', '/controller');
    expect(journal.ofType('znode-changed')).toEqual([
      expect.objectContaining({ path: '/controller', change: 'expired' }),
    ]);
  });

  it('expire once, although every server logs it, and not after another session has created the znode again', async () => {
    const { journal, reads, change } = setUp();
    const expired = 'ephemeralZNodeDeletionOnSessionCloseOrExpire';
    await change('create', '/controller', '0xa');
    await reads.answer({ value: '{"brokerid":0}', ephemeral: true });
    await change(expired, '/controller', '0xa');
    await change(expired, '/controller', '0xa');
    await change('create', '/controller', '0xb');
    // The third server is slow. Its line must not cancel the read of the new znode.
    await change(expired, '/controller', '0xa');
    await reads.answer({ value: '{"brokerid":1}', ephemeral: true });
    await change(expired, '/controller', '0xa');
    expect(journal.ofType('znode-changed').map((event) => [event.change, event.value])).toEqual([
      ['created', '{"brokerid":0}'],
      ['expired', undefined],
      ['created', '{"brokerid":1}'],
    ]);
    await change(expired, '/controller', '0xb');
    expect(journal.ofType('znode-changed').at(-1)).toMatchObject({ change: 'expired', writer: { session: '0xb' } });
  });

  it('are followed, and no others', async () => {
    const { journal, reads, change } = setUp();
    for (const path of ['/brokers/ids/0', '/controller2', '/admin/controller', '/config/changes']) {
      await change('create', path);
      await change('delete', path);
    }
    expect(reads.paths).toEqual([]);
    expect(journal.events()).toEqual([]);
  });

  it('are read again when they change during a read, and have the last writer', async () => {
    const { journal, reads, witness, change } = setUp();
    witness.registerSession(CONTROLLER_SESSION, 'controller 1');
    await change('create', '/controller_epoch', BROKER_SESSION);
    await change('setData', '/controller_epoch', BROKER_SESSION);
    await change('setData', '/controller_epoch', CONTROLLER_SESSION);
    expect(reads.paths).toEqual(['/controller_epoch']);
    await reads.answer({ value: '1', ephemeral: false });
    await reads.answer({ value: '3', ephemeral: false });
    expect(reads.paths).toEqual([]);
    expect(
      journal.ofType('znode-changed').map(({ change: what, value, writer }) => [what, value, writer?.session]),
    ).toEqual([
      ['created', '1', BROKER_SESSION],
      ['changed', '3', CONTROLLER_SESSION],
    ]);
  });

  it('that are deleted during a read are journalled only as deleted', async () => {
    const { journal, reads, witness, change } = setUp();
    await change('create', '/migration');
    await change('delete', '/migration');
    await reads.answer(migration(-1));
    await witness.settled();
    expect(journal.ofType('znode-changed').map(({ change: what }) => what)).toEqual(['deleted']);
  });

  it('that are deleted and created again during a read are journalled only with the new content', async () => {
    const { journal, reads, change } = setUp();
    await change('create', '/controller', CONTROLLER_SESSION);
    await change('delete', '/controller', OPERATOR_SESSION);
    await change('create', '/controller', BROKER_SESSION);
    await reads.answer({ value: 'old', ephemeral: false });
    await reads.answer({ value: 'new', ephemeral: true });
    expect(
      journal.ofType('znode-changed').map(({ change: what, value, writer }) => [what, value, writer?.session]),
    ).toEqual([
      ['deleted', undefined, OPERATOR_SESSION],
      ['created', 'new', BROKER_SESSION],
    ]);
  });

  it('that do not exist any more, or cannot be read, are not journalled', async () => {
    const { journal, reads, witness, change } = setUp();
    await change('setData', '/migration');
    await reads.answer(undefined);
    await witness.settled();
    expect(journal.events()).toEqual([]);
    await change('setData', '/migration');
    await reads.answer(migration(5));
    expect(journal.ofType('znode-changed')).toHaveLength(1);
  });
});

describe('phases of /migration', () => {
  it('are initial, copied and absent', async () => {
    const { journal, reads, change } = setUp();
    await change('create', '/migration');
    await reads.answer(migration(-1));
    await change('setData', '/migration');
    await reads.answer(migration(42));
    await change('delete', '/migration');
    expect(journal.ofType('znode-changed').map(({ change: what, phase }) => [what, phase])).toEqual([
      ['created', 'initial'],
      ['changed', 'copied'],
      ['deleted', 'absent'],
    ]);
  });

  it('are journalled when they or the controller change, but not when only the offset changes', async () => {
    const { journal, reads, change } = setUp();
    const contents = [migration(42), migration(43), migration(500), migration(501, 2), migration(502, 2, 2)];
    for (const content of contents) {
      await change('setData', '/migration');
      await reads.answer(content);
    }
    expect(journal.ofType('znode-changed').map(({ value }) => value)).toEqual([
      migration(42)?.value,
      migration(501, 2)?.value,
      migration(502, 2, 2)?.value,
    ]);
  });

  it('are journalled again after a deletion', async () => {
    const { journal, reads, change } = setUp();
    for (const operation of ['create', 'delete', 'create']) {
      await change(operation, '/migration');
      if (operation === 'create') await reads.answer(migration(42));
    }
    expect(journal.ofType('znode-changed').map(({ change: what }) => what)).toEqual(['created', 'deleted', 'created']);
  });
});

describe('settled', () => {
  it('resolves when everything that the logs contain is in the journal, and not before', async () => {
    const { journal, reads, witness, change } = setUp();
    await change('create', topic('a'));
    await change('create', '/controller');
    let isSettled = false;
    const settled = witness.settled().then(() => {
      isSettled = true;
    });
    await settle();
    expect(isSettled).toBe(false);
    expect(journal.events().map(({ type }) => type)).toEqual(['topics-changed']);
    await reads.answer({ value: '{}', ephemeral: true });
    await settled;
    expect(journal.events().map(({ type }) => type)).toEqual(['topics-changed', 'znode-changed']);
  });

  it('rejects when content could not be read, but later changes are still journalled', async () => {
    const { journal, reads, witness, change } = setUp();
    await change('create', '/controller');
    await change('create', '/migration');
    await reads.fail(new Error('ZooKeeper did not answer'));
    await reads.answer(migration(-1));
    await change('setData', '/controller');
    await reads.answer({ value: '{}', ephemeral: true });
    await expect(witness.settled()).rejects.toThrow('ZooKeeper did not answer');
    expect(journal.ofType('znode-changed').map(({ path }) => path)).toEqual(['/migration', '/controller']);
  });

  it('is not needed at the end of a run: close() journals what there is, and does not reject', async () => {
    const { journal, reads, witness, change } = setUp();
    await change('create', '/controller');
    await reads.fail(new Error('the session is closed'));
    await change('create', topic('a'));
    await witness.close();
    expect(journal.events().map(({ type }) => type)).toEqual(['topics-changed']);
  });
});

describe("a node's log", () => {
  it('is journalled if it marks progress of the migration', () => {
    const { journal, witness } = setUp();
    witness.nodeLine('my-cluster-controller-1', 'controller 1', driverLine('1 transitioning from A to B state'));
    witness.nodeLine('my-cluster-controller-1', 'controller 1', featureLine('NONE', 'PRE_MIGRATION'));
    witness.nodeLine('my-cluster-controller-1', 'controller 1', 'started');
    expect(journal.ofType('controller-log')).toEqual([
      expect.objectContaining({ pod: 'my-cluster-controller-1', driverState: 'B' }),
      expect.objectContaining({ pod: 'my-cluster-controller-1', zkMigrationState: 'PRE_MIGRATION' }),
    ]);
  });

  it('is not searched for changes of znodes', async () => {
    const { journal, reads, witness } = setUp();
    witness.nodeLine('my-cluster-broker-0', 'broker 0', auditLine({ operation: 'delete', znode: '/controller' }));
    await witness.settled();
    expect(reads.paths).toEqual([]);
    expect(journal.events()).toEqual([]);
  });
});

describe("the quorum's epoch", () => {
  const candidate = (epoch: number): string => quorumLine(`CandidateState(localId=2, epoch=${epoch})`, epoch - 1);
  const epochs = (journal: Journal) => journal.ofType('quorum-epoch').map(({ pod, epoch }) => [pod, epoch]);

  it('is journalled once, with the controller that logs it first, and never as a lower one', () => {
    const { journal, witness } = setUp();
    witness.nodeLine('c-2', 'controller 2', candidate(4));
    witness.nodeLine('c-3', 'controller 3', candidate(4));
    witness.nodeLine('c-3', 'controller 3', candidate(3));
    witness.nodeLine('c-3', 'controller 3', candidate(6));
    expect(epochs(journal)).toEqual([
      ['c-2', 4],
      ['c-3', 6],
    ]);
  });

  it('is not read from the log of a broker, which may lag behind', () => {
    const { journal, witness } = setUp();
    witness.nodeLine('b-0', 'broker 0', candidate(4));
    expect(epochs(journal)).toEqual([]);
  });

  it('begins again with a new controller pool, and with no other gesture', () => {
    const { journal, witness } = setUp();
    witness.nodeLine('c-2', 'controller 2', candidate(40));
    journal.write({ type: 'gesture', gesture: 'annotate', value: 'rollback' });
    witness.nodeLine('c-2', 'controller 2', candidate(1));
    expect(epochs(journal)).toEqual([['c-2', 40]]);
    journal.write({ type: 'gesture', gesture: 'create-controller-pool', deleteClaim: true });
    witness.nodeLine('c-2', 'controller 2', candidate(1));
    expect(epochs(journal).at(-1)).toEqual(['c-2', 1]);
  });
});
