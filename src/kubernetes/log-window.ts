/** A line as the kubelet gives it with `timestamps=true`. */
export interface StampedLine {
  /** RFC 3339, with nanoseconds: when the container runtime read the line. */
  readonly time: string;
  readonly text: string;
}

const STAMPED = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})) ?(.*)$/s;

/** Undefined for what is no line of the container: the kubelet puts its own troubles into the log without a time. */
export function stampedLine(line: string): StampedLine | undefined {
  const [, time, text] = STAMPED.exec(line) ?? [];
  return time === undefined || text === undefined ? undefined : { time, text };
}

/** Two outputs of a container are stamped apart and may be written out of order, by far less than this. */
const DISORDER_MS = 1_000;

/**
 * What of a log was had, as far as it is needed to go on without a gap or a line twice: `sinceTime` knows whole seconds only,
 * so that a log that is read again begins before the point where it broke off.
 */
export class LogWindow {
  /** How often each line was had whose time is in the window. */
  readonly #had = new Map<string, { readonly ms: number; count: number }>();
  /** Of the lines that a reading that began later has brought again, how many are to be passed over. */
  #again = new Map<string, number>();
  #latestMs: number | undefined;
  #prunedMs = 0;

  /** From when to read next; undefined: from the start. */
  get since(): string | undefined {
    return this.#latestMs === undefined ? undefined : new Date(this.#floor(this.#latestMs)).toISOString();
  }

  /** A new reading of the log begins, at `since`. */
  begin(): void {
    this.#again = new Map([...this.#had].map(([key, { count }]) => [key, count]));
  }

  /** @returns whether the line is new. */
  take({ time, text }: StampedLine): boolean {
    const key = `${time} ${text}`;
    const again = this.#again.get(key) ?? 0;
    if (again > 0) {
      this.#again.set(key, again - 1);
      return false;
    }
    const ms = Date.parse(time);
    const had = this.#had.get(key);
    if (had === undefined) this.#had.set(key, { ms, count: 1 });
    else had.count += 1;
    this.#latestMs = Math.max(this.#latestMs ?? ms, ms);
    this.#prune(this.#floor(this.#latestMs));
    return true;
  }

  #floor(ms: number): number {
    return Math.floor((ms - DISORDER_MS) / 1000) * 1000;
  }

  /** What is older than the window will not come again. Once a second of the log: not for each line. */
  #prune(floorMs: number): void {
    if (floorMs <= this.#prunedMs) return;
    this.#prunedMs = floorMs;
    for (const [key, { ms }] of this.#had) if (ms < floorMs) this.#had.delete(key);
  }
}
