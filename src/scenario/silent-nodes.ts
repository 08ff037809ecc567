import type { Cluster } from '../cluster/cluster.js';
import { EnvironmentError, messageOf, WaitTimedOut } from '../errors.js';
import { unresponsiveNodes } from '../invariants/reading/unresponsive.js';
import type { Journal } from '../journal/journal.js';

/**
 * Called when a wait has failed: asks every node whether it responds, and journals those that do not.
 *
 * A node that is silent although no fault of the scenario froze it makes the run inconclusive: something outside of the
 * cluster has stopped it, and the wait that timed out says nothing about the cluster.
 * @param signal ends the questions: the interrupt of the run.
 * @returns the error that names such nodes, before what the wait was for; undefined if there are none.
 */
export async function blameSilentNodes(
  cluster: Pick<Cluster, 'unresponsiveNodes'>,
  journal: Journal,
  failure: Error,
  signal: AbortSignal,
): Promise<Error | undefined> {
  let silent: Awaited<ReturnType<Cluster['unresponsiveNodes']>>;
  try {
    silent = await cluster.unresponsiveNodes(signal);
  } catch (error) {
    return new EnvironmentError(`${failure.message}. The nodes cannot be asked why: ${messageOf(error)}`, {
      cause: error,
    });
  }
  for (const { pod, detail } of silent) journal.write({ type: 'node-unresponsive', pod, detail });
  const unexplained = new Set(
    unresponsiveNodes(journal.events()).flatMap(({ pod, fault }) => (fault === undefined ? [pod] : [])),
  );
  const foreign = silent.filter(({ pod }) => unexplained.has(pod));
  if (foreign.length === 0) return undefined;
  const named = foreign.map(({ pod, detail }) => `${pod} does not respond (${detail})`).join(', ');
  return new EnvironmentError(
    `${named}: something outside of the cluster has stopped it, or the machine is overloaded; ${failure.message}`,
    { cause: failure },
  );
}

/** Whether a wait that timed out is the failure, or its cause. */
export function isTimeout(failure: unknown): boolean {
  for (let cause = failure; cause instanceof Error; cause = cause.cause) if (cause instanceof WaitTimedOut) return true;
  return false;
}
