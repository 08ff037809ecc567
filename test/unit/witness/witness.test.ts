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
  sessionLine,
} from './lines.js';

type Content = Awaited<ReturnType<ZnodeReader>>;

/** A ZooKeeper whose answers the test gives, in the order in which they were asked for. */
class Questions {
  readonly #open: { path: string; resolve: (content: Content) => void; reject: (error: Error) => void }[] = [];

  readonly reader: ZnodeReader = (path) =>
    new Promise((resolve, reject) => {
      this.#open.push({ path, resolve, reject });
    });

  get asked(): readonly string[] {
    return this.#open.map(({ path }) => path);
  }

  async answer(content: Content): Promise<void> {
    this.#next().resolve(content);
    await rest();
  }

  async fail(error: Error): Promise<void> {
    this.#next().reject(error);
    await rest();
  }

  #next() {
    const next = this.#open.shift();
    if (next === undefined) throw new Error('nothing was asked');
    return next;
  }
}

/** Lets everything happen that needs no timer. */
async function rest(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

function setUp(read?: ZnodeReader) {
  const journal = new Journal();
  const questions = new Questions();
  const witness = new Witness(journal, read ?? questions.reader);
  const change = async (operation: string, znode: string, session = BROKER_SESSION): Promise<void> => {
    witness.zooKeeperLine(auditLine({ operation, znode, session }));
    await rest();
  };
  return { journal, questions, witness, change };
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
  it('that one session changes together are one change, told when no more come', async () => {
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

  it('that are deleted are told as deleted, created ones beside them', async () => {
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

  it('that are deleted and made again by one session are told in that order', async () => {
    const { journal, witness, change } = setUp();
    await change('delete', topic('a'));
    await change('create', topic('a'));
    await witness.settled();
    expect(journal.ofType('topics-changed').map(({ created, deleted }) => ({ created, deleted }))).toEqual([
      { created: undefined, deleted: ['a'] },
      { created: ['a'], deleted: undefined },
    ]);
  });

  it('are told by whom as soon as the session is known, if that is before they are told', async () => {
    const { journal, witness, change } = setUp();
    await change('create', topic('a'), CONTROLLER_SESSION);
    witness.nodeLine('my-cluster-controller-1', 'controller 1', sessionLine(CONTROLLER_SESSION));
    await witness.settled();
    expect(journal.ofType('topics-changed')[0]?.writer?.who).toBe('controller 1');
  });

  it('that changed their content, and znodes below them, are no change of topics', async () => {
    const { journal, witness, change } = setUp();
    await change('setData', topic('a'));
    await change('create', `${topic('a')}/partitions`);
    await change('create', '/brokers/topics');
    await change('delete', '/config/topics/a');
    await witness.settled();
    expect(journal.events()).toEqual([]);
  });

  it('are not told twice', async () => {
    const { journal, witness, change } = setUp();
    await change('create', topic('a'));
    await witness.settled();
    await witness.settled();
    jest.runAllTimers();
    expect(journal.ofType('topics-changed')).toHaveLength(1);
  });
});

describe('/migration, /controller and /controller_epoch', () => {
  it('are told with content, session and whose it is', async () => {
    const { journal, questions, witness, change } = setUp();
    witness.nodeLine('my-cluster-broker-0', 'broker 0', sessionLine(BROKER_SESSION));
    await change('create', '/controller');
    await questions.answer({ value: '{"brokerid":0}', ephemeral: true });
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

  it("know the harness's own sessions", async () => {
    const { journal, witness, change } = setUp();
    witness.ownSession(OPERATOR_SESSION, 'operator');
    await change('delete', '/controller', OPERATOR_SESSION);
    expect(journal.ofType('znode-changed')).toEqual([
      expect.objectContaining({ change: 'deleted', writer: expect.objectContaining({ who: 'operator' }) }),
    ]);
  });

  it('know by its address whose session it is that no log tells', async () => {
    const { journal, witness, change } = setUp();
    witness.ownAddress('127.0.0.1', 'operator');
    witness.ownSession(BROKER_SESSION, 'broker 0');
    await change('delete', '/controller', '0xffff');
    await change('delete', '/controller_epoch', BROKER_SESSION);
    expect(journal.ofType('znode-changed').map(({ writer }) => writer?.who)).toEqual(['operator', 'broker 0']);
  });

  it('tell an unknown session without an owner', async () => {
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

  it('are followed, and no others', async () => {
    const { journal, questions, change } = setUp();
    for (const path of ['/brokers/ids/0', '/controller2', '/admin/controller', '/config/changes']) {
      await change('create', path);
      await change('delete', path);
    }
    expect(questions.asked).toEqual([]);
    expect(journal.events()).toEqual([]);
  });

  it('are read once more when they change while they are read, and who wrote last is told', async () => {
    const { journal, questions, witness, change } = setUp();
    witness.ownSession(CONTROLLER_SESSION, 'controller 1');
    await change('create', '/controller_epoch', BROKER_SESSION);
    await change('setData', '/controller_epoch', BROKER_SESSION);
    await change('setData', '/controller_epoch', CONTROLLER_SESSION);
    expect(questions.asked).toEqual(['/controller_epoch']);
    await questions.answer({ value: '1', ephemeral: false });
    await questions.answer({ value: '3', ephemeral: false });
    expect(questions.asked).toEqual([]);
    expect(
      journal.ofType('znode-changed').map(({ change: what, value, writer }) => [what, value, writer?.session]),
    ).toEqual([
      ['created', '1', BROKER_SESSION],
      ['changed', '3', CONTROLLER_SESSION],
    ]);
  });

  it('that are deleted while they are read are told as deleted only', async () => {
    const { journal, questions, witness, change } = setUp();
    await change('create', '/migration');
    await change('delete', '/migration');
    await questions.answer(migration(-1));
    await witness.settled();
    expect(journal.ofType('znode-changed').map(({ change: what }) => what)).toEqual(['deleted']);
  });

  it('that are deleted and made again while they are read are told with the new content alone', async () => {
    const { journal, questions, change } = setUp();
    await change('create', '/controller', CONTROLLER_SESSION);
    await change('delete', '/controller', OPERATOR_SESSION);
    await change('create', '/controller', BROKER_SESSION);
    await questions.answer({ value: 'old', ephemeral: false });
    await questions.answer({ value: 'new', ephemeral: true });
    expect(
      journal.ofType('znode-changed').map(({ change: what, value, writer }) => [what, value, writer?.session]),
    ).toEqual([
      ['deleted', undefined, OPERATOR_SESSION],
      ['created', 'new', BROKER_SESSION],
    ]);
  });

  it('that are gone, or that nobody can read any more, are not told with an invented content', async () => {
    const { journal, questions, witness, change } = setUp();
    await change('setData', '/migration');
    await questions.answer(undefined);
    await witness.settled();
    expect(journal.events()).toEqual([]);
    await change('setData', '/migration');
    await questions.answer(migration(5));
    expect(journal.ofType('znode-changed')).toHaveLength(1);
  });
});

describe('phases of /migration', () => {
  it('are initial, copied and absent', async () => {
    const { journal, questions, change } = setUp();
    await change('create', '/migration');
    await questions.answer(migration(-1));
    await change('setData', '/migration');
    await questions.answer(migration(42));
    await change('delete', '/migration');
    expect(journal.ofType('znode-changed').map(({ change: what, phase }) => [what, phase])).toEqual([
      ['created', 'initial'],
      ['changed', 'copied'],
      ['deleted', 'absent'],
    ]);
  });

  it('make news, and so does another controller; the offset alone does not', async () => {
    const { journal, questions, change } = setUp();
    const contents = [migration(42), migration(43), migration(500), migration(501, 2), migration(502, 2, 2)];
    for (const content of contents) {
      await change('setData', '/migration');
      await questions.answer(content);
    }
    expect(journal.ofType('znode-changed').map(({ value }) => value)).toEqual([
      migration(42)?.value,
      migration(501, 2)?.value,
      migration(502, 2, 2)?.value,
    ]);
  });

  it('are told anew after a deletion', async () => {
    const { journal, questions, change } = setUp();
    for (const operation of ['create', 'delete', 'create']) {
      await change(operation, '/migration');
      if (operation === 'create') await questions.answer(migration(42));
    }
    expect(journal.ofType('znode-changed').map(({ change: what }) => what)).toEqual(['created', 'deleted', 'created']);
  });
});

describe('settled', () => {
  it('resolves when what the logs have told stands in the journal, and not before', async () => {
    const { journal, questions, witness, change } = setUp();
    await change('create', topic('a'));
    await change('create', '/controller');
    let isSettled = false;
    const settled = witness.settled().then(() => {
      isSettled = true;
    });
    await rest();
    expect(isSettled).toBe(false);
    expect(journal.events().map(({ type }) => type)).toEqual(['topics-changed']);
    await questions.answer({ value: '{}', ephemeral: true });
    await settled;
    expect(journal.events().map(({ type }) => type)).toEqual(['topics-changed', 'znode-changed']);
  });

  it('rejects when a content could not be read, and the changes after it are told all the same', async () => {
    const { journal, questions, witness, change } = setUp();
    await change('create', '/controller');
    await change('create', '/migration');
    await questions.fail(new Error('ZooKeeper did not answer'));
    await questions.answer(migration(-1));
    await change('setData', '/controller');
    await questions.answer({ value: '{}', ephemeral: true });
    await expect(witness.settled()).rejects.toThrow('ZooKeeper did not answer');
    expect(journal.ofType('znode-changed').map(({ path }) => path)).toEqual(['/migration', '/controller']);
  });

  it('has nothing to complain about at the end of a run: close() tells what there is', async () => {
    const { journal, questions, witness, change } = setUp();
    await change('create', '/controller');
    await questions.fail(new Error('the session is closed'));
    await change('create', topic('a'));
    await witness.close();
    expect(journal.events().map(({ type }) => type)).toEqual(['topics-changed']);
  });
});

describe("a node's log", () => {
  it('is told where it marks progress of the migration', () => {
    const { journal, witness } = setUp();
    witness.nodeLine('my-cluster-controller-1', 'controller 1', driverLine('1 transitioning from A to B state'));
    witness.nodeLine('my-cluster-controller-1', 'controller 1', featureLine('NONE', 'PRE_MIGRATION'));
    witness.nodeLine('my-cluster-controller-1', 'controller 1', 'started');
    expect(journal.ofType('controller-log')).toEqual([
      expect.objectContaining({ pod: 'my-cluster-controller-1', driverState: 'B' }),
      expect.objectContaining({ pod: 'my-cluster-controller-1', zkMigrationState: 'PRE_MIGRATION' }),
    ]);
  });

  it('is not looked through for changes of znodes', async () => {
    const { journal, questions, witness } = setUp();
    witness.nodeLine('my-cluster-broker-0', 'broker 0', auditLine({ operation: 'delete', znode: '/controller' }));
    await witness.settled();
    expect(questions.asked).toEqual([]);
    expect(journal.events()).toEqual([]);
  });
});
