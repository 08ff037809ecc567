/** A log line that the kubelet returns with `timestamps=true`. */
export interface StampedLine {
  /** RFC 3339, with nanoseconds: when the container runtime read the line. */
  readonly time: string;
  readonly text: string;
}

const STAMPED = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})) ?(.*)$/s;

/** undefined: not a line of the container. The kubelet writes its own errors to the log without a time stamp. */
export function stampedLine(line: string): StampedLine | undefined {
  const [, time, text] = STAMPED.exec(line) ?? [];
  return time === undefined || text === undefined ? undefined : { time, text };
}

/** The two outputs of a container are stamped separately and may be out of order, by much less than this. */
const DISORDER_MS = 1_000;

/**
 * Which lines of a log have been read, as far as that is needed to continue without gaps and duplicates: `sinceTime`
 * has a precision of one second, so that a log that is read again begins before the point where it broke.
 */
export class LogWindow {
  /** How often each line was read whose time is in the window. */
  readonly #seen = new Map<string, { readonly ms: number; count: number }>();
  /** How many times each line is still to be skipped, because an earlier reading has returned it. */
  #toSkip = new Map<string, number>();
  #latestMs: number | undefined;
  #prunedMs = 0;

  /** Where to continue; undefined: at the start. */
  get since(): string | undefined {
    return this.#latestMs === undefined ? undefined : new Date(this.#floor(this.#latestMs)).toISOString();
  }

  /** A new reading of the log begins, at `since`. */
  begin(): void {
    this.#toSkip = new Map([...this.#seen].map(([key, { count }]) => [key, count]));
  }

  /** @returns whether the line is new. */
  take({ time, text }: StampedLine): boolean {
    const key = `${time} ${text}`;
    const toSkip = this.#toSkip.get(key) ?? 0;
    if (toSkip > 0) {
      this.#toSkip.set(key, toSkip - 1);
      return false;
    }
    const ms = Date.parse(time);
    const seen = this.#seen.get(key);
    if (seen === undefined) this.#seen.set(key, { ms, count: 1 });
    else seen.count += 1;
    this.#latestMs = Math.max(this.#latestMs ?? ms, ms);
    this.#prune(this.#floor(this.#latestMs));
    return true;
  }

  #floor(ms: number): number {
    return Math.floor((ms - DISORDER_MS) / 1000) * 1000;
  }

  /** Lines older than the window are not read again. Done once per second of the log, not for each line. */
  #prune(floorMs: number): void {
    if (floorMs <= this.#prunedMs) return;
    this.#prunedMs = floorMs;
    for (const [key, { ms }] of this.#seen) if (ms < floorMs) this.#seen.delete(key);
  }
}
