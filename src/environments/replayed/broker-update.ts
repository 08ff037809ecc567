import { setTimeout as pause } from 'node:timers/promises';
import { WaitTimedOut } from '../../errors.js';
import type { JournalEvent } from '../../journal/events.js';
import { KafkaUnreachable } from '../../metadata/kafka/connection.js';
import { updateBrokerDynamically } from '../../metadata/kraft/dynamic-update.js';
import { PassFailed } from '../../operator/executor.js';
import { isWaitingToSync } from './migration-value.js';

const DEADLINE_MS = 10_000;
const PAUSE_MS = 50;

export interface BrokerUpdate {
  readonly nodeId: number;
  readonly bootstrapServer: string;
  readonly signal: AbortSignal;
  /** How long the broker may take to respond, in milliseconds; by default 10 s. */
  readonly deadlineMs?: number;
  /** Resolves once the broker is ready. */
  ready(): Promise<void>;
  /** The journal's events so far. */
  events(): readonly JournalEvent[];
}

/**
 * Sends the operator's dynamic update to a broker.
 *
 * A broker in migration mode refuses it with STALE_CONTROLLER_EPOCH until it knows the KRaft controller. Strimzi sends
 * it only after the broker's readiness probe (15 s), when the broker knows the controller already; the replay repeats
 * it until then. A broker never knows a controller whose driver waits in SYNC_KRAFT_TO_ZK: that is the refusal in the
 * recordings (docs/behaviour.md#forced-restarts).
 * @throws PassFailed when the broker cannot be reached, or does not respond: it forwards the request to a controller, which
 *   the user may have deleted (Strimzi 0.45.1 `KafkaRoller.java:553-569`). @throws as `ready` does.
 */
export async function updateBroker(update: BrokerUpdate): Promise<'updated' | { readonly refused: string }> {
  const { nodeId, bootstrapServer, signal, deadlineMs = DEADLINE_MS } = update;
  const end = performance.now() + deadlineMs;
  for (;;) {
    await update.ready();
    const answer = await updateBrokerDynamically({ bootstrapServer, nodeId, deadlineMs, signal }).catch(
      (error: unknown) => {
        // The user has just restarted it, or deleted the controllers: this pass fails, and the next one goes on.
        if (error instanceof KafkaUnreachable || error instanceof WaitTimedOut)
          throw new PassFailed('ForceableProblem', error.message);
        throw error;
      },
    );
    if (answer === 'updated') return answer;
    const notYet = answer.refused.startsWith('STALE_CONTROLLER_EPOCH') && !isWaitingToSync(update.events());
    if (!notYet || performance.now() > end) return answer;
    await pause(PAUSE_MS, undefined, { signal });
  }
}
