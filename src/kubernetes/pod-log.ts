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
  /** The pod's uid: a later pod of the same name has a log of its own. */
  readonly uid: string;
}

export interface LogLine extends StampedLine {
  /** How often the container was restarted before it wrote this line, according to the pod's status. */
  readonly restarts: number;
}

/** How a followed log ended. */
export interface LogEnd {
  /**
   * False if lines may be missing: the connection broke as the pod was deleted, or a container ran between two reads.
   */
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

/** How long the pod's status may still say that the container runs after its log has ended, in ms. */
const STATUS_LAG_MS = 1_000;
/** After this time without a line the log is read again, in case the connection is dead. Nothing is lost. */
const SILENCE_MS = 120_000;
/** How long a log may continue after its pod's object is gone, in ms: the container has a grace period. */
const AFTER_POD_MS = 60_000;
/** For waits that end with the pod: the longest delay that setTimeout supports. */
const NO_DEADLINE_MS = 2 ** 31 - 1;

/**
 * Follows a container's log from its start, across restarts, each line once, until the pod is gone and its last line
 * has been reported. A log that breaks is resumed at the same line. The runtime keeps only the last container before
 * the running one, and the kubelet does not return rotated files: their lines are missing.
 *
 * @param onLine if it throws, the log is no longer followed, and the error is thrown.
 * @throws WaitAborted when the signal is aborted. @throws RequestFailed without the right to read the log or the pod.
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
type Reading = 'ended' | 'broken' | 'absent';

class LogFollower {
  readonly #api: KubeApi;
  readonly #source: LogSource;
  readonly #watched: Watched<Pod>;
  readonly #onLine: (line: LogLine) => void;
  readonly #signal: AbortSignal;
  readonly #window = new LogWindow();
  #complete = true;
  /** Whether the last reading broke before the end of the log. */
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
    /** How many runs of the container have been read, or are being read. */
    let runs = 0;
    for (;;) {
      const status = await this.#until('start', (now) => (hasLog(now) ? now : undefined));
      if (status === 'gone') return { complete: this.#complete && runs > 0 };
      runs = await this.#readPrevious(status, runs);
      const reading = await this.#read(status.restartCount, { follow: true });
      this.#cutOff = reading === 'broken';
      const over = await this.#waitForEnd(status);
      if (over === 'gone') {
        // A reading that ended has read everything; one that broke cannot be resumed any more.
        return { complete: this.#complete && reading === 'ended' };
      }
      if (over !== 'ended' || reading === 'broken') continue;
      // Lines written as the container ended, which were not in its file yet when the log ended.
      const last = await this.#read(status.restartCount, { follow: false });
      if (last === 'broken') continue;
      if (reading === 'absent') this.#complete = false;
      const next = await this.#until('restart', (now) => (now.restartCount > status.restartCount ? now : undefined));
      if (next === 'gone') return { complete: this.#complete };
    }
  }

  /** Reads the end of the run before this one, which may have ended between two readings. @returns the runs so far. */
  async #readPrevious(status: ContainerStatus, runs: number): Promise<number> {
    const { restartCount } = status;
    if (restartCount > 0 && restartCount + 1 > runs) {
      const isNewRun = restartCount > runs;
      if (restartCount - 1 > runs || (isNewRun && this.#cutOff)) this.#complete = false;
      const previous = await this.#read(restartCount - 1, { previous: true });
      if (previous !== 'ended') this.#complete = false;
    }
    return restartCount + 1;
  }

  /** Reads the log once, from where the last reading stopped. */
  async #read(restarts: number, how: { readonly follow?: boolean; readonly previous?: boolean }): Promise<Reading> {
    const { namespace, pod, container } = this.#source;
    const since = this.#window.since;
    const reading = new AbortController();
    const abort = (): void => reading.abort();
    this.#signal.addEventListener('abort', abort, { once: true });
    let silence = setTimeout(abort, SILENCE_MS);
    this.#window.begin();
    const podWait = new AbortController();
    void this.#abortAfterPod(podWait.signal, abort);
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
        // The next reading returns an incomplete line as a whole; the last line of a container may lack a line break.
        if (next.value.whole || (how.follow !== true && !this.#runs(restarts))) this.#report(next.value.text, restarts);
      }
    } catch (error) {
      if (error instanceof WaitAborted) return this.#broken();
      if (!(error instanceof RequestFailed)) throw error;
      // 400: the container has no log, not yet or no longer; 404: there is no pod.
      if (error.status === 400 || error.status === 404) return 'absent';
      if (error.transient) return this.#broken();
      throw error;
    } finally {
      clearTimeout(silence);
      podWait.abort();
      this.#signal.removeEventListener('abort', abort);
      reading.abort();
    }
  }

  #broken(): Reading {
    if (this.#signal.aborted) throw new WaitAborted(`no longer following ${this.#source.pod}`);
    return 'broken';
  }

  #report(text: string, restarts: number): void {
    const line = stampedLine(text);
    if (line !== undefined && this.#window.take(line)) this.#onLine({ ...line, restarts });
  }

  /** Waits briefly until the pod's status shows why the reading ended: the connection may also have broken. */
  async #waitForEnd(of: ContainerStatus): Promise<'gone' | 'restarted' | 'ended' | 'still running'> {
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
      if (error instanceof WaitTimedOut) return 'still running';
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
      NO_DEADLINE_MS,
      this.#signal,
    );
  }

  /** The container of a pod that was deleted without a grace period may go on writing. */
  async #abortAfterPod(signal: AbortSignal, abort: () => void): Promise<void> {
    try {
      await this.#watched.waitFor(
        'the pod to be gone',
        () => this.#status() === 'gone' || undefined,
        NO_DEADLINE_MS,
        signal,
      );
      await this.#watched.waitFor('the last lines', () => undefined, AFTER_POD_MS, signal);
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

/** Whether the container has a log: it runs or ran. */
function hasLog({ state, lastState }: ContainerStatus): boolean {
  return state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined;
}
