import { messageOf } from '../../errors.js';
import type { Pod } from '../../kubernetes/core-objects.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import { linesOf } from '../../kubernetes/lines.js';
import { stampedLine } from '../../kubernetes/log-window.js';
import { followLog } from '../../kubernetes/pod-log.js';
import { RequestFailed } from '../../kubernetes/request-failed.js';
import { Listeners } from '../../waiting/listeners.js';
import { waitUntil } from '../../waiting/wait.js';

export interface PodLogsOptions {
  readonly namespace: string;
  readonly signal: AbortSignal;
  /** How long a line that the API server already has may take to arrive over the followed log, in ms. */
  readonly lagMs: number;
  /** Called with each line, in order, without the kubelet's time stamp. */
  readonly line: (pod: string, line: string) => void;
  /** Called when a log cannot be followed: the journal may lack events. */
  readonly failed: (error: Error) => void;
}

interface Followed {
  readonly name: string;
  readonly container: string;
  /** RFC 3339, of the last line that arrived. */
  last: string;
  ended: Promise<void>;
  over: boolean;
}

/** Follows the log of the first container of every pod that is passed to `follow`, each uid once. */
export class PodLogs {
  readonly #api: KubeApi;
  readonly #options: PodLogsOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #listeners = new Listeners();

  constructor(api: KubeApi, options: PodLogsOptions) {
    this.#api = api;
    this.#options = options;
  }

  follow({ metadata, spec }: Pod): void {
    const { uid, name } = metadata;
    const container = spec?.containers[0]?.name;
    if (uid === undefined || container === undefined || this.#followed.has(uid)) return;
    const { namespace, signal, line, failed } = this.#options;
    const followed: Followed = {
      name,
      container,
      last: '',
      over: false,
      ended: Promise.resolve(),
    };
    this.#followed.set(uid, followed);
    followed.ended = followLog(
      this.#api,
      { namespace, pod: name, container, uid },
      ({ time, text }) => {
        followed.last = time;
        line(name, text);
        this.#listeners.notify();
      },
      signal,
    )
      .then(
        () => undefined,
        (error: unknown) => {
          if (!signal.aborted)
            failed(new Error(`the log of ${name} cannot be followed: ${messageOf(error)}`, { cause: error }));
        },
      )
      .finally(() => {
        followed.over = true;
        this.#listeners.notify();
      });
  }

  /** Resolves when all lines that the API server has at this time have arrived. @throws WaitTimedOut, WaitAborted. */
  async caughtUp(): Promise<void> {
    await Promise.all([...this.#followed.values()].filter(({ over }) => !over).map((one) => this.#caughtUp(one)));
  }

  /** Resolves when no log is followed any more: the signal is aborted, or the pods are gone. */
  async stopped(): Promise<void> {
    await Promise.all([...this.#followed.values()].map(({ ended }) => ended));
  }

  async #caughtUp(followed: Followed): Promise<void> {
    const { signal, lagMs } = this.#options;
    const last = await this.#lastLine(followed);
    if (last === undefined) return;
    await waitUntil(
      { what: `the last line of the log of ${followed.name}`, timeoutMs: lagMs, signal },
      (wake) => this.#listeners.add(wake),
      () => (followed.over || Date.parse(followed.last) >= last ? true : undefined),
    );
  }

  /** When the last line that the API server has was written, in ms since 1970; undefined: no line, or no such pod. */
  async #lastLine({ name, container }: Followed): Promise<number | undefined> {
    const { namespace, signal } = this.#options;
    try {
      const answer = await this.#api.podLog(
        { namespace, name },
        { container, timestamps: true, tailLines: 1 },
        { signal },
      );
      for await (const { text } of linesOf(answer)) {
        const stamped = stampedLine(text);
        if (stamped !== undefined) return Date.parse(stamped.time);
      }
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      // The pod is being deleted, or its container has not started: there is no line to wait for.
      if (error instanceof RequestFailed) return undefined;
      throw error;
    }
  }
}
