import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type KubeConfig, Log } from '@kubernetes/client-node';
import type { Stored, StrimziPodSet } from './resources.js';
import type { WatchedKind } from './watched.js';

export type StoredPod = Stored & StrimziPodSet['spec']['pods'][number];

export interface PodLogListener {
  /** A container's log is read from its beginning, also after a broken connection: earlier lines no longer count. */
  started(pod: StoredPod): void;
  line(pod: StoredPod, line: string): void;
}

const AGAIN_AFTER_MS = 500;

/** The logs of the pods that match a filter, one container after another. */
export class FilteredPodLogs {
  readonly #log: Log;
  readonly #pods: WatchedKind<StoredPod>;
  readonly #takes: (pod: StoredPod) => boolean;
  readonly #listener: PodLogListener;
  readonly #signal: AbortSignal;
  readonly #followed = new Set<string>();

  constructor(
    config: KubeConfig,
    pods: WatchedKind<StoredPod>,
    takes: (pod: StoredPod) => boolean,
    listener: PodLogListener,
    signal: AbortSignal,
  ) {
    this.#log = new Log(config);
    this.#pods = pods;
    this.#takes = takes;
    this.#listener = listener;
    this.#signal = signal;
  }

  /** @returns the function that ends it. */
  start(failed: (error: unknown) => void): () => void {
    const look = (pod: StoredPod): void => {
      const container = runningContainer(pod);
      if (container === undefined || this.#followed.has(container) || !this.#takes(pod)) return;
      this.#followed.add(container);
      this.#follow(pod, container).catch((error: unknown) => {
        this.#followed.delete(container);
        if (!this.#signal.aborted) failed(error);
      });
    };
    for (const pod of this.#pods.list()) look(pod);
    return this.#pods.subscribe((change, pod) => {
      if (change !== 'deleted') look(pod);
    });
  }

  async #follow(pod: StoredPod, container: string): Promise<void> {
    const { namespace, name } = pod.metadata;
    while (!this.#signal.aborted) {
      try {
        await this.#read(pod);
      } catch (error) {
        if (this.#gone(namespace, name, container)) return;
        if (this.#signal.aborted) return;
        // The kubelet may not have the log yet, or the API server was busy.
        if (!(error instanceof Error)) throw error;
      }
      await pause(AGAIN_AFTER_MS, undefined, { signal: this.#signal });
      if (this.#gone(namespace, name, container)) return;
    }
  }

  #gone(namespace: string, name: string, container: string): boolean {
    const now = this.#pods.get(namespace, name);
    return now === undefined || runningContainer(now) !== container || now.metadata.deletionTimestamp !== undefined;
  }

  async #read(pod: StoredPod): Promise<void> {
    const { namespace, name } = pod.metadata;
    this.#listener.started(pod);
    let rest = '';
    await new Promise<void>((resolve, reject) => {
      const sink = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          const lines = (rest + chunk.toString('utf8')).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) this.#listener.line(pod, line);
          done();
        },
      });
      let request: AbortController | undefined;
      const abort = (): void => request?.abort();
      const end = (finish: () => void): void => {
        this.#signal.removeEventListener('abort', abort);
        finish();
      };
      sink.on('finish', () => end(resolve));
      sink.on('close', () => end(resolve));
      sink.on('error', (error) => end(() => reject(error)));
      this.#log.log(namespace, name, pod.spec?.containers[0]?.name ?? '', sink, { follow: true }).then((started) => {
        request = started;
        this.#signal.addEventListener('abort', abort);
        if (this.#signal.aborted) abort();
      }, reject);
    });
  }
}

/** The id of the pod's one container while it runs. */
export function runningContainer(pod: StoredPod): string | undefined {
  const [status] = pod.status?.containerStatuses ?? [];
  return status?.state?.running === undefined ? undefined : status.containerID;
}
