/*
 * When a node that ends by itself again and again does not come up any more. The replayed kubelet stops restarting it
 * then, and the invariant nodes-stay-up calls it an outage: both count by these rules.
 */

/** A broker found the session of its killed predecessor alive (docs/behaviour.md#stopping-brokers). */
const SESSION_STILL_ALIVE = /KeeperErrorCode = NodeExists/;

/** A node that ended with the same error this often does not come up again. */
const ATTEMPTS = 3;

/**
 * An error that passes by itself: the session of a killed broker lives for up to 18 s (`zookeeper.session.timeout.ms`),
 * and the kubelet starts the broker for the fourth time 30 s after its first end.
 */
const ATTEMPTS_WHILE_SESSION_LIVES = 4;

/** Whether a line of a node's log says that the session of its killed predecessor is alive. */
export function saysSessionStillAlive(line: string): boolean {
  return SESSION_STILL_ALIVE.test(line);
}

/** How often a node may end with the same error. */
export function attemptsFor(sessionStillAlive: boolean): number {
  return sessionStillAlive ? ATTEMPTS_WHILE_SESSION_LIVES : ATTEMPTS;
}

/**
 * What two ends must share to have the same reason. Times, ports and sessions differ between two attempts; offsets and
 * epochs do, too, because the metadata log goes on meanwhile: `Attempt to truncate to offset 12, which is below the
 * current high watermark 40`. So errors that differ only in numbers are the same.
 * @param end its error, if the log has one, and how it ended: `exit code 1`.
 */
export function endReason({ error, how }: { readonly error: string | undefined; readonly how: string }): string {
  return (error ?? how).replaceAll(/0x[0-9a-f]+|\d+/gi, '#');
}
