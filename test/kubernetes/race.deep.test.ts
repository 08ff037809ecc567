import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { migrate } from '../../src/cluster/procedures.js';
import { OPERATOR_POD_LABELS } from '../../src/environments/kubernetes/operator-installation.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { POD, type Pod } from '../../src/kubernetes/core-objects.js';
import { followLog } from '../../src/kubernetes/pod-log.js';
import { waitUntil } from '../../src/waiting/wait.js';
import { expectExitCode, journalOf, ofType, verdictOf, violations } from '../scenarios/support.js';
import { describeOnCluster } from './api/real-cluster.js';
import { runOnCluster } from './support/run-on-cluster.js';
import { manifestsWith } from './support/stand-in-manifests.js';
import { StartedCluster } from './support/started-cluster.js';

jest.setTimeout(900_000);

const VERSION = '0.45.1';
/** Strimzi's default is five minutes. */
const OPERATION_TIMEOUT_MS = 20_000;

/**
 * The race of the documented rollback (docs/behaviour.md): the state KRaftDualWriting is written at the end of a pass,
 * and the next pass may be running when the user deletes the controllers' pool. The stand-in pauses each pass for a
 * while, so that a pass is running at that time.
 */
describeOnCluster('The race in the documented rollback', () => {
  let folder: string;
  let manifests: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'test-race-'));
    manifests = await manifestsWith(join(folder, VERSION), VERSION, {
      STAND_IN_HOLD_PASS_MS: '3000',
      STRIMZI_OPERATION_TIMEOUT_MS: `${OPERATION_TIMEOUT_MS}`,
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('occurs if the pool is deleted as soon as the state is reached: brokers are restarted by force until the passes succeed', async () => {
    const started = await StartedCluster.start({ operatorVersion: VERSION, manifests });
    try {
      const { cluster, journal } = started;
      await cluster.deploy();
      await migrate(cluster, { deleteClaim: true });
      const held = untilPassIsHeldIn(started, 'KRaftDualWriting');
      await cluster.annotate('rollback');
      await held;
      await cluster.deleteControllerPool();
      await cluster.annotate('disabled');
      await cluster.waitForState('ZooKeeper');
      await cluster.observed();

      const after = afterDeletion(journal.events());
      expect(forcedRestarts(after)).not.toEqual([]);
      expect(ofType(after, 'pass-ended')).toContainEqual(expect.objectContaining({ outcome: 'failed' }));
      expect(started.failures).toEqual([]);
    } finally {
      await started.close();
    }
  });

  it('does not occur in a run: it waits until the passes have ended, and survives', async () => {
    const result = await runOnCluster(['rollback-only', '--operator', VERSION], manifests);
    expectExitCode(result, 0);
    const journal = journalOf(result, `rollback-only-${VERSION}`);
    expect(verdictOf(journal)).toMatchObject({ verdict: 'survived', asExpected: true });
    expect(violations(journal)).toEqual([]);
    expect(forcedRestarts(journal)).toEqual([]);
    // It has waited for the pass that the state has triggered, and for the one after it.
    expect(passesBeforeDeletion(journal)).toEqual(['reconciled', 'reconciled']);
  });
});

function forcedRestarts(events: readonly JournalEvent[]): readonly JournalEvent[] {
  return ofType(events, 'node-stopped').filter(({ reason }) => reason === 'forced');
}

/** The outcomes of the passes between the state KRaftDualWriting of the rollback and the deletion of the pool. */
function passesBeforeDeletion(events: readonly JournalEvent[]): readonly string[] {
  const reached = events.findIndex(
    (event) => event.type === 'state-changed' && event.to === 'KRaftDualWriting' && event.annotation === 'rollback',
  );
  const deleted = events.length - afterDeletion(events).length;
  const [, ...passes] = ofType(events.slice(reached, deleted), 'pass-ended');
  return passes.map(({ outcome }) => outcome);
}

function afterDeletion(events: readonly JournalEvent[]): readonly JournalEvent[] {
  return events.slice(
    events.findIndex((event) => event.type === 'gesture' && event.gesture === 'delete-controller-pool') + 1,
  );
}

/** Like a user who checks only the column METADATA STATE, which shows the state while the next pass is running. */
async function untilPassIsHeldIn({ api, namespace }: StartedCluster, state: string): Promise<void> {
  const end = new AbortController();
  const lines: string[] = [];
  const wakes = new Set<() => void>();
  const { items } = await api.list<Pod>({ ...POD, namespace, labelSelector: OPERATOR_POD_LABELS }, end);
  const [operator] = items;
  if (operator === undefined) throw new Error('there is no operator');
  const { name, uid = '' } = operator.metadata;
  const container = operator.spec?.containers[0]?.name ?? '';
  const followed = followLog(
    api,
    { namespace, pod: name, container, uid },
    ({ text }) => {
      lines.push(text);
      for (const wake of wakes) wake();
    },
    end.signal,
  );
  try {
    await waitUntil(
      { what: `a held pass in ${state}`, timeoutMs: 120_000, signal: end.signal },
      (wake) => {
        wakes.add(wake);
        return () => wakes.delete(wake);
      },
      () => {
        const reached = lines.findIndex((line) =>
          line.includes(`to [${state}] with strimzi.io/kraft annotation [rollback]`),
        );
        return reached >= 0 && lines.slice(reached).some((line) => line.includes('Holding this pass'))
          ? true
          : undefined;
      },
    );
  } finally {
    end.abort();
    await followed.catch(() => undefined);
  }
}
