import { EnvironmentError } from '../../errors.js';

/** How many of the last lines of a node's log are read to find out why it exited. */
export const READ_LOG_LINES = 40;
const SHOWN_LOG_LINES = 5;
const PORT_TAKEN = 'Address already in use';
const NODE_EXISTS = 'KeeperErrorCode = NodeExists';

/** The exit of a node that was not stopped. */
export interface NodeExit {
  readonly pod: string;
  /** "exit code 1" or "SIGKILL". */
  readonly how: string;
  /** The last lines of its log. */
  readonly log: readonly string[];
  /** Where clients reach it. */
  readonly clientAddress: string;
}

/**
 * Whether a broker found the session of its killed predecessor still alive: the next start, after a pause, succeeds
 * (docs/behaviour.md#stopping-brokers).
 */
export function sessionStillAlive(log: readonly string[]): boolean {
  return log.some((line) => line.includes(NODE_EXISTS));
}

/** Why the node exited, according to its log. */
export function exitError({ pod, how, log, clientAddress }: NodeExit): EnvironmentError {
  if (log.some((line) => line.includes(PORT_TAKEN))) {
    return new EnvironmentError(
      `${pod} could not start: another process took one of its ports (clients reach it at ${clientAddress}). Run again.`,
    );
  }
  const end = log.slice(-SHOWN_LOG_LINES).map((line) => `    ${line}`);
  return new EnvironmentError(`${pod} exited unexpectedly (${how}). The last lines of its log:\n${end.join('\n')}`);
}
