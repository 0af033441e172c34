import type { AlertCache } from './alert-cache';
import type { Query } from './api';
import type { Alert, Page } from './types';

export type FetchAlerts = (query: Query, signal?: AbortSignal) => Promise<Page<Alert>>;

const pageLimit = 500;
/** Alerts that changed around the time of the loss may have been received on either side of it. */
const overlapMs = 60_000;

/**
 * Fetches the alerts that the socket may have missed and merges them into the cache: those
 * with the latest packets first, back to the newest packet known before the loss.
 *
 * Alert times are event time, so a replay can produce episodes older than any known one,
 * which that range misses. Therefore, where the server has more alerts than expected, as
 * many as the cache can hold are read. Unknown episodes from before the loss count as new
 * only if the cache was complete then.
 */
export class CatchUp {
  /** Alerts on the server at the last request; NaN before the first. */
  #total = NaN;
  #receivedThen = 0;
  /** Whether the cache held every alert of the server. */
  #complete = false;

  constructor(
    readonly cache: AlertCache,
    readonly fetch: FetchAlerts,
  ) {}

  /** Episodes on the server, as far as this page knows; NaN before the first response. */
  get total(): number {
    return this.#total + this.cache.received - this.#receivedThen;
  }

  /** Call after each (re)connection, once the socket is open, so that no alert is missed in between. */
  async run(signal?: AbortSignal): Promise<number> {
    const before = this.cache.received;
    if (Number.isNaN(this.#total)) await this.#first(signal);
    else await this.#again(signal);
    return this.cache.received - before;
  }

  async #first(signal?: AbortSignal): Promise<void> {
    const page = await this.fetch({ sort: '-ts', limit: pageLimit }, signal);
    this.cache.merge((page.items ?? []).toReversed(), true);
    this.#remember(page.total);
  }

  async #again(signal?: AbortSignal): Promise<void> {
    const until = this.#newest() - overlapMs;
    await this.#read(until, until, signal);
    const expected = this.total;
    const { total } = await this.fetch({ limit: 1 }, signal);
    if (total > expected) await this.#read(-Infinity, until, signal);
    this.#remember(total);
  }

  #remember(total: number): void {
    this.#total = total;
    this.#receivedThen = this.cache.received;
    this.#complete = this.cache.size >= total;
  }

  /** Time of the latest packet of any known episode; -Infinity without one. */
  #newest(): number {
    return this.cache.newest(this.cache.capacity).reduce((latest, alert) => Math.max(latest, Date.parse(alert.last_ts)), -Infinity);
  }

  /** Reads alerts, latest packet first, down to `until`. The loss happened after `known`. Both are in ms. */
  async #read(until: number, known: number, signal?: AbortSignal): Promise<void> {
    const found: Alert[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.fetch({ sort: '-last_ts', limit: pageLimit, cursor }, signal);
      const items = page.items ?? [];
      found.push(...items);
      const oldest = items.at(-1);
      cursor = oldest && Date.parse(oldest.last_ts) >= until ? page.next_cursor : undefined;
    } while (cursor && found.length < this.cache.capacity);
    found.reverse();
    const old = (alert: Alert) => !this.#complete && Date.parse(alert.last_ts) < known;
    this.cache.merge(found.filter(old), true);
    this.cache.merge(found.filter((alert) => !old(alert)));
  }
}
