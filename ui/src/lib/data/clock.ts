/**
 * Estimates the server's clock from the timestamps of its messages, so that charts scroll
 * evenly despite network jitter. Times are in seconds.
 */
export class ServerClock {
  #offset = NaN;

  /** Records that a message with server time `server` arrived at local time `local`. */
  observe(server: number, local: number): void {
    const offset = server - local;
    // Follow a jump immediately: a suspended machine, a corrected clock, another server.
    if (!(Math.abs(offset - this.#offset) < 2)) this.#offset = offset;
    else this.#offset += (offset - this.#offset) * 0.04;
  }

  /** The server's time at local time `local`; NaN before the first message. */
  at(local: number): number {
    return local + this.#offset;
  }
}

/** Seconds since 1970 of an RFC 3339 time; NaN if it is malformed. */
export function seconds(ts: string): number {
  return Date.parse(ts) / 1000;
}
