/**
 * The API server's clock, from the Date header of its responses, to within a second and the time of a request. Machines
 * that compare times through it do not depend on each other's clocks.
 */
export class ServerClock {
  readonly #elapsed: () => number;
  #seen: { readonly server: number; readonly at: number } | undefined;

  /** @param elapsed a monotonic clock in milliseconds. */
  constructor(elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed;
  }

  /** @param date the Date header of a response; anything else than a date is ignored. */
  observe(date: string | undefined): void {
    const server = Date.parse(date ?? '');
    if (!Number.isNaN(server)) this.#seen = { server, at: this.#elapsed() };
  }

  /** Milliseconds since the epoch. This machine's time if no response had a Date header: some proxies remove it. */
  now(): number {
    return this.#seen === undefined ? Date.now() : this.#seen.server + this.#elapsed() - this.#seen.at;
  }
}
