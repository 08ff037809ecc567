import { WaitAborted, WaitTimedOut } from '../errors.js';
import type { KubeApi } from './kube-api.js';
import type { KubeObject } from './kube-object.js';
import { linesOf } from './lines.js';
import { LogWindow, type StampedLine, stampedLine } from './log-window.js';
import { RequestFailed } from './request-failed.js';
import { Watched } from './watched.js';

export interface LogSource {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Of this very pod: one of the same name that takes its place has a log of its own. */
  readonly uid: string;
}

export interface LogLine extends StampedLine {
  /** How often the container was restarted before it wrote this line, as far as the pod's status tells. */
  readonly restarts: number;
}

/** How a followed log ended. */
export interface LogEnd {
  /** False when lines may be missing: the connection broke as the pod went, or containers came and went unread. */
  readonly complete: boolean;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string };
  readonly running?: object;
  readonly terminated?: { readonly containerID?: string };
}

interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly containerID?: string;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface Pod extends KubeObject {
  readonly status?: {
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** A log that ended while the pod's status still has the container running: the kubelet is about to tell, or it broke off. */
const STATUS_LAG_MS = 1_000;
/** Nothing was written for so long, or nothing comes any more: reading it anew costs little, and nothing is lost. */
const SILENCE_MS = 120_000;
/** What a log may take to end after its pod's object is gone: a container has its grace period. */
const LAST_WORDS_MS = 60_000;
/** A pod that stays, waits that end with the pod. setTimeout knows no more than this. */
const FOR_EVER_MS = 2 ** 31 - 1;

/**
 * Follows a container's log from its start, through the container's restarts, line by line and each line once, until the pod
 * is gone and its last line was told. A log that breaks off is taken up where it was. The runtime keeps the last container
 * before the one that runs, no more, and the kubelet does not read rotated files: what went with them is missing.
 *
 * @param onLine what it throws ends the following and is thrown.
 * @throws WaitAborted when the signal is aborted. @throws RequestFailed if the log or the pod may not be read.
 */
export async function followLog(
  api: KubeApi,
  source: LogSource,
  onLine: (line: LogLine) => void,
  signal: AbortSignal,
): Promise<LogEnd> {
  const watched = await Watched.start<Pod>(
    api,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: source.namespace,
      fieldSelector: `metadata.name=${source.pod}`,
    },
    { signal },
  );
  try {
    return await new LogFollower(api, source, watched, onLine, signal).follow();
  } finally {
    await watched.close();
  }
}

/** How one reading of a log ended. */
type Reading = 'ended' | 'broken' | 'not there';

class LogFollower {
  readonly #api: KubeApi;
  readonly #source: LogSource;
  readonly #watched: Watched<Pod>;
  readonly #onLine: (line: LogLine) => void;
  readonly #signal: AbortSignal;
  readonly #window = new LogWindow();
  #complete = true;
  /** Whether the last reading did not come to the end of the log. */
  #cutOff = false;

  constructor(
    api: KubeApi,
    source: LogSource,
    watched: Watched<Pod>,
    onLine: (line: LogLine) => void,
    signal: AbortSignal,
  ) {
    this.#api = api;
    this.#source = source;
    this.#watched = watched;
    this.#onLine = onLine;
    this.#signal = signal;
  }

  async follow(): Promise<LogEnd> {
    /** How many of the container's lives have been begun: that many were read, or are being read. */
    let lives = 0;
    for (;;) {
      const status = await this.#until('begin', (now) => (hasLog(now) ? now : undefined));
      if (status === 'gone') return { complete: this.#complete && lives > 0 };
      lives = await this.#readPast(status, lives);
      const reading = await this.#read(status.restartCount, { follow: true });
      this.#cutOff = reading === 'broken';
      const over = await this.#waitForEnd(status);
      if (over === 'gone') {
        // After a reading that ended by itself, all was read; one that broke off can't be taken up again.
        return { complete: this.#complete && reading === 'ended' };
      }
      if (over !== 'ended' || reading === 'broken') continue;
      // Written as the container ended, and not yet in its file when the log was seen to end.
      const last = await this.#read(status.restartCount, { follow: false });
      if (last === 'broken') continue;
      if (reading === 'not there') this.#complete = false;
      const next = await this.#until('go on', (now) => (now.restartCount > status.restartCount ? now : undefined));
      if (next === 'gone') return { complete: this.#complete };
    }
  }

  /** The end of the life before this one, which may have come between two readings. @returns the lives begun, this one too. */
  async #readPast(status: ContainerStatus, lives: number): Promise<number> {
    const { restartCount } = status;
    if (restartCount > 0 && restartCount + 1 > lives) {
      const isOtherLife = restartCount > lives;
      if (restartCount - 1 > lives || (isOtherLife && this.#cutOff)) this.#complete = false;
      const past = await this.#read(restartCount - 1, { previous: true });
      if (past !== 'ended') this.#complete = false;
    }
    return restartCount + 1;
  }

  /** One reading of the log, from where it was left. */
  async #read(restarts: number, how: { readonly follow?: boolean; readonly previous?: boolean }): Promise<Reading> {
    const { namespace, pod, container } = this.#source;
    const since = this.#window.since;
    const reading = new AbortController();
    const abort = (): void => reading.abort();
    this.#signal.addEventListener('abort', abort, { once: true });
    let silence = setTimeout(abort, SILENCE_MS);
    this.#window.begin();
    const lastWords = new AbortController();
    void this.#abortAfterPod(lastWords.signal, abort);
    try {
      const lines = linesOf(
        await this.#api.podLog(
          { namespace, name: pod },
          { container, timestamps: true, ...how, ...(since === undefined ? {} : { sinceTime: since }) },
          { signal: reading.signal },
        ),
      );
      for (;;) {
        const next = await lines.next().catch(() => undefined);
        if (next === undefined) return this.#broken();
        if (next.done === true) return 'ended';
        clearTimeout(silence);
        silence = setTimeout(abort, SILENCE_MS);
        // A line that is cut off comes whole with the next reading; the last words of a container need no line break.
        if (next.value.whole || (how.follow !== true && !this.#runs(restarts))) this.#tell(next.value.text, restarts);
      }
    } catch (error) {
      if (error instanceof WaitAborted) return this.#broken();
      if (!(error instanceof RequestFailed)) throw error;
      // 400: the container has no log yet or any more; 404: nor has the pod.
      if (error.status === 400 || error.status === 404) return 'not there';
      if (error.passing) return this.#broken();
      throw error;
    } finally {
      clearTimeout(silence);
      lastWords.abort();
      this.#signal.removeEventListener('abort', abort);
      reading.abort();
    }
  }

  #broken(): Reading {
    if (this.#signal.aborted) throw new WaitAborted(`no longer following ${this.#source.pod}`);
    return 'broken';
  }

  #tell(text: string, restarts: number): void {
    const line = stampedLine(text);
    if (line !== undefined && this.#window.take(line)) this.#onLine({ ...line, restarts });
  }

  /** Waits until the pod's status, too, says what ended the reading; not long, as the log may just have been cut off. */
  async #waitForEnd(of: ContainerStatus): Promise<'gone' | 'restarted' | 'ended' | 'not yet'> {
    try {
      return await this.#watched.waitFor(
        `the end of container ${of.name}`,
        () => {
          const now = this.#status();
          if (now === 'gone') return 'gone';
          if (now !== undefined && now.restartCount > of.restartCount) return 'restarted';
          return now?.state?.running === undefined ? 'ended' : undefined;
        },
        STATUS_LAG_MS,
        this.#signal,
      );
    } catch (error) {
      if (error instanceof WaitTimedOut) return 'not yet';
      throw error;
    }
  }

  #runs(restarts: number): boolean {
    const now = this.#status();
    return now !== 'gone' && now !== undefined && now.restartCount === restarts && now.state?.running !== undefined;
  }

  #until<R>(what: string, probe: (status: ContainerStatus) => R | undefined): Promise<R | 'gone'> {
    const { pod, container } = this.#source;
    return this.#watched.waitFor<R | 'gone'>(
      `container ${container} of pod ${pod} to ${what}`,
      () => {
        const status = this.#status();
        if (status === 'gone') return 'gone';
        return status === undefined ? undefined : probe(status);
      },
      FOR_EVER_MS,
      this.#signal,
    );
  }

  /** A pod that was deleted without grace may leave a container that goes on writing. */
  async #abortAfterPod(signal: AbortSignal, abort: () => void): Promise<void> {
    try {
      await this.#watched.waitFor('the pod to go', () => this.#status() === 'gone' || undefined, FOR_EVER_MS, signal);
      await this.#watched.waitFor('the last words', () => undefined, LAST_WORDS_MS, signal);
    } catch (error) {
      if (error instanceof WaitTimedOut) abort();
    }
  }

  #status(): ContainerStatus | 'gone' | undefined {
    const pod = this.#watched.objects.get(this.#source.pod);
    if (pod === undefined || pod.metadata.uid !== this.#source.uid) return 'gone';
    const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
    return [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === this.#source.container);
  }
}

/** Whether the kubelet has something to read: the container runs or ran. */
function hasLog({ state, lastState }: ContainerStatus): boolean {
  return state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined;
}
