import { hostname } from 'node:os';
import { asError, EnvironmentError } from '../../errors.js';
import { LEASE, type Lease } from '../../kubernetes/core-objects.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import { RequestFailed } from '../../kubernetes/request-failed.js';
import { periodically } from '../../waiting/periodically.js';
import { RUN_LABEL } from './manifests.js';

/**
 * A run is live while it renews a Lease in its namespace. A lease that has not been renewed for its whole duration
 * belongs to a run whose harness was killed, or whose machine was switched off: what it has created is left behind.
 */

/** How long a run counts as live after it has renewed its lease, in seconds. */
export const LEASE_SECONDS = 60;
/** Two renewals may fail before the lease expires. */
const RENEW_EVERY_MS = 20_000;

const NAME = 'remigrate-run';
/** What the run is, `rollback-remigrate-0.45.1`: for messages about it. */
export const TITLE_ANNOTATION = 'remigrate.io/title';

/** Whose lease it is. */
export interface LeaseHolder {
  readonly namespace: string;
  /** The value of the run's label. */
  readonly run: string;
  /** `rollback-remigrate-0.45.1` */
  readonly title: string;
}

export interface LeaseOptions extends LeaseHolder {
  /** Called when the lease cannot be renewed any more: something has removed it, or the user's rights have changed. */
  readonly failed: (error: Error) => void;
  /** The pause between two renewals. Default: a third of the lease's duration. */
  readonly renewEveryMs?: number;
}

/** The lease of one run. It is deleted with the run's namespace. */
export class RunLease {
  readonly #api: KubeApi;
  readonly #options: LeaseOptions;
  readonly #end = new AbortController();
  #renewing: Promise<void> = Promise.resolve();

  private constructor(api: KubeApi, options: LeaseOptions) {
    this.#api = api;
    this.#options = options;
  }

  /**
   * Creates the lease, and renews it from then on until it is released.
   * @throws RequestFailed when it cannot be created.
   */
  static async take(api: KubeApi, options: LeaseOptions, signal: AbortSignal): Promise<RunLease> {
    await api.create(leaseOf(options, api.serverTime()), { signal });
    const lease = new RunLease(api, options);
    lease.#renewing = lease.#renewUntilReleased();
    return lease;
  }

  /** Stops renewing the lease. */
  async release(): Promise<void> {
    this.#end.abort();
    await this.#renewing;
  }

  async #renewUntilReleased(): Promise<void> {
    const { renewEveryMs = RENEW_EVERY_MS, failed } = this.#options;
    await periodically(renewEveryMs, this.#end.signal, () => this.#renew()).catch((error: unknown) =>
      failed(asError(error)),
    );
  }

  async #renew(): Promise<'again' | 'done'> {
    const { namespace, run, failed } = this.#options;
    const { signal } = this.#end;
    try {
      const renewTime = microTime(this.#api.serverTime());
      await this.#api.mergePatch(
        { ...LEASE, namespace, name: NAME },
        { spec: { renewTime } },
        { signal, timeoutMs: RENEW_EVERY_MS },
      );
      return 'again';
    } catch (error) {
      if (signal.aborted) return 'done';
      if (!(error instanceof RequestFailed)) throw error;
      // A server that does not answer now is asked again: the watches of the run report it if it stays away.
      if (error.transient) return 'again';
      failed(new EnvironmentError(whyNotRenewed(run, namespace, error), { cause: error }));
      return 'done';
    }
  }
}

function whyNotRenewed(run: string, namespace: string, error: RequestFailed): string {
  return error.status === 404
    ? `Run ${run} was removed while it was running: its namespace ${namespace}, or the Lease ${NAME} in it, was deleted, for example by remigrate cleanup --run ${run}.`
    : `Run ${run} cannot renew its Lease ${NAME} in namespace ${namespace}: ${error.message}.`;
}

/** @param now the API server's time, in milliseconds since the epoch. */
function leaseOf({ namespace, run, title }: LeaseHolder, now: number): Lease {
  return {
    ...LEASE,
    metadata: { name: NAME, namespace, labels: { [RUN_LABEL]: run }, annotations: { [TITLE_ANNOTATION]: title } },
    spec: {
      holderIdentity: `process ${process.pid} on ${hostname()}`,
      leaseDurationSeconds: LEASE_SECONDS,
      acquireTime: microTime(now),
      renewTime: microTime(now),
    },
  };
}

/** Kubernetes accepts a MicroTime only with six digits. */
function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}
