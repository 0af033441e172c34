/**
 * Follows the server's clock from the time stamps of its messages, so that charts
 * scroll evenly whatever the network's jitter. Times are seconds.
 */
export class ServerClock {
  #offset = NaN;

  /** A message that the server stamped `server` came in at the local instant `local`. */
  observe(server: number, local: number): void {
    const offset = server - local;
    // A jump (suspended machine, corrected clock, another server) is followed at once.
    if (!(Math.abs(offset - this.#offset) < 2)) this.#offset = offset;
    else this.#offset += (offset - this.#offset) * 0.04;
  }

  /** The server's time at the local instant, NaN before the first message. */
  at(local: number): number {
    return local + this.#offset;
  }
}

/** Seconds since the epoch of an RFC 3339 time, NaN where it is none. */
export function seconds(ts: string): number {
  return Date.parse(ts) / 1000;
}
