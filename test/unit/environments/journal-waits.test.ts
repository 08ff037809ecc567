import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { untilCrashed, untilEpoch, untilReached } from '../../../src/environments/journal-waits.js';
import { WaitAborted, WaitTimedOut } from '../../../src/errors.js';
import type { JournalEventBody } from '../../../src/journal/events.js';
import { Journal } from '../../../src/journal/journal.js';
import type { KafkaMetadataState } from '../../../src/strimzi/migration-state.js';
import { isSettled } from '../../support/settled.js';
import { brokerStart } from '../comparison/journals.js';

const BROKER = 'my-cluster-broker-0';

function annotated(value: string): JournalEventBody {
  return { type: 'gesture', gesture: 'annotate', value };
}

function became(to: KafkaMetadataState): JournalEventBody {
  return { type: 'state-changed', from: 'ZooKeeper', to, annotation: 'migration' };
}

function crashed(pod = BROKER, how = 'exit code 1'): JournalEventBody {
  return { type: 'container-restarted', pod, how, backOff: 0 };
}

function epoch(value: number): JournalEventBody {
  return { type: 'quorum-epoch', pod: 'my-cluster-controller-1', epoch: value };
}

const NEW_POOL: JournalEventBody = { type: 'gesture', gesture: 'create-controller-pool', deleteClaim: true };

let run: AbortController;
beforeEach(() => {
  run = new AbortController();
});
// Ends the waits that a test leaves.
afterEach(() => run.abort());

function setUp(...before: readonly JournalEventBody[]) {
  const journal = new Journal();
  const write = (...events: readonly JournalEventBody[]): void => {
    for (const event of events) journal.write(event);
  };
  write(...before);
  return { journal, write, wait: { journal, signal: run.signal, stateTimeoutMs: 60_000 } };
}

describe('untilReached', () => {
  const now = (): undefined => undefined;

  it('resolves for a state that has passed since the annotation was set', async () => {
    const { wait, write } = setUp(annotated('migration'), became('KRaftMigration'));
    const waiting = untilReached('KRaftDualWriting', { ...wait, now });
    expect(await isSettled(waiting)).toBe(false);
    write(became('KRaftDualWriting'), became('KRaftPostMigration'));
    await expect(waiting).resolves.toBeUndefined();
    await expect(untilReached('KRaftDualWriting', { ...wait, now })).resolves.toBeUndefined();
  });

  it('does not resolve for a state before the annotation, unless it is still this one', async () => {
    const { wait } = setUp(annotated('migration'), became('KRaftDualWriting'), annotated('rollback'));
    expect(await isSettled(untilReached('KRaftDualWriting', { ...wait, now }))).toBe(false);
    await expect(untilReached('ZooKeeper', { ...wait, now: () => 'ZooKeeper' })).resolves.toBeUndefined();
  });

  it('counts no other gesture, and needs none', async () => {
    const { wait } = setUp(became('ZooKeeper'), NEW_POOL);
    await expect(untilReached('ZooKeeper', { ...wait, now })).resolves.toBeUndefined();
  });

  it('names both states when it times out, and ends with the run', async () => {
    const { wait } = setUp();
    const error: unknown = await untilReached('KRaft', { ...wait, stateTimeoutMs: 1, now }).catch(
      (one: unknown) => one,
    );
    expect(error).toBeInstanceOf(WaitTimedOut);
    expect(error).toMatchObject({ message: expect.stringContaining('the state KRaft to be reached (it is none yet)') });
    const waiting = untilReached('KRaft', { ...wait, now });
    run.abort();
    await expect(waiting).rejects.toBeInstanceOf(WaitAborted);
  });
});

describe('untilCrashed', () => {
  it('resolves when the container of this node was restarted, and of no other', async () => {
    const { wait, write } = setUp(brokerStart());
    const waiting = untilCrashed(BROKER, wait);
    write(crashed('my-cluster-broker-1'));
    expect(await isSettled(waiting)).toBe(false);
    write(crashed());
    await expect(waiting).resolves.toBeUndefined();
  });

  it('resolves if that was before the call, and not if the node was started again since then', async () => {
    const { wait, write } = setUp(brokerStart(), crashed());
    await expect(untilCrashed(BROKER, wait)).resolves.toBeUndefined();
    write(brokerStart());
    expect(await isSettled(untilCrashed(BROKER, wait))).toBe(false);
  });

  it('does not resolve because a fault has killed the node', async () => {
    const { wait, write } = setUp(brokerStart(), crashed(BROKER, 'SIGKILL'));
    const waiting = untilCrashed(BROKER, wait);
    expect(await isSettled(waiting)).toBe(false);
    write(crashed());
    await expect(waiting).resolves.toBeUndefined();
  });

  it('names the node when it times out', async () => {
    const { wait } = setUp();
    await expect(untilCrashed(BROKER, { ...wait, stateTimeoutMs: 1 })).rejects.toThrow(`${BROKER} to end by itself`);
  });
});

describe('untilEpoch', () => {
  it('resolves for this epoch or a later one', async () => {
    const { wait, write } = setUp(NEW_POOL, epoch(3));
    const waiting = untilEpoch(5, wait);
    write(epoch(4));
    expect(await isSettled(waiting)).toBe(false);
    write(epoch(6));
    await expect(waiting).resolves.toBeUndefined();
  });

  it('does not count the epochs of the quorum of an earlier controller pool', async () => {
    const { wait, write } = setUp(NEW_POOL, epoch(45), NEW_POOL);
    const waiting = untilEpoch(5, wait);
    expect(await isSettled(waiting)).toBe(false);
    write(epoch(1));
    expect(await isSettled(waiting)).toBe(false);
    write(epoch(5));
    await expect(waiting).resolves.toBeUndefined();
  });

  it('names the epoch of now when it times out', async () => {
    const { wait } = setUp(NEW_POOL, epoch(4));
    await expect(untilEpoch(5, { ...wait, stateTimeoutMs: 1 })).rejects.toThrow(
      "epoch 5 of the controllers' quorum (it is 4)",
    );
  });
});
