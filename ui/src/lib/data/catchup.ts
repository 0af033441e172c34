import type { Query } from './api';
import type { AlertBook } from './alerts';
import type { Alert, Page } from './types';

export type FetchAlerts = (query: Query, signal?: AbortSignal) => Promise<Page<Alert>>;

const pageLimit = 500;
/** Records of one instant may have come before and after the loss. */
const overlapMs = 60_000;

/**
 * Fetches what the socket may have missed and merges it into the book by id: the alerts
 * that last saw a packet, back to what was known before the loss.
 *
 * Alert times are event time. A replay can bring episodes that are older than anything
 * known, which that leaves out; so where the server holds more alerts than those known
 * and found, everything the book has room for is walked. Unknown episodes from before
 * the loss count as new only where nothing was unknown then.
 */
export class CatchUp {
  /** Alerts the server held when last asked, and new episodes heard of since; NaN before. */
  #total = NaN;
  #heardThen = 0;
  /** Whether the book held every alert of the server. */
  #complete = false;

  constructor(
    readonly book: AlertBook,
    readonly fetch: FetchAlerts,
  ) {}

  /** Episodes that the server holds, as far as this page knows; NaN before the first answer. */
  get total(): number {
    return this.#total + this.book.heard - this.#heardThen;
  }

  /** Run after each (re)connection, with the socket already open, so that nothing falls between. */
  async run(signal?: AbortSignal): Promise<number> {
    const before = this.book.heard;
    if (Number.isNaN(this.#total)) await this.#first(signal);
    else await this.#again(signal);
    return this.book.heard - before;
  }

  async #first(signal?: AbortSignal): Promise<void> {
    const page = await this.fetch({ sort: '-ts', limit: pageLimit }, signal);
    this.book.merge((page.items ?? []).toReversed(), true);
    this.#remember(page.total);
  }

  async #again(signal?: AbortSignal): Promise<void> {
    const until = this.#newest() - overlapMs;
    await this.#walk(until, until, signal);
    const expected = this.total;
    const { total } = await this.fetch({ limit: 1 }, signal);
    if (total > expected) await this.#walk(-Infinity, until, signal);
    this.#remember(total);
  }

  #remember(total: number): void {
    this.#total = total;
    this.#heardThen = this.book.heard;
    this.#complete = this.book.size >= total;
  }

  /** The latest packet of any known episode, -Infinity where none is known. */
  #newest(): number {
    return this.book.newest(this.book.capacity).reduce((latest, alert) => Math.max(latest, Date.parse(alert.last_ts)), -Infinity);
  }

  /** Reads alerts, those that grew last first, down to `until`; the loss was after `known` (ms). */
  async #walk(until: number, known: number, signal?: AbortSignal): Promise<void> {
    const found: Alert[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.fetch({ sort: '-last_ts', limit: pageLimit, cursor }, signal);
      const items = page.items ?? [];
      found.push(...items);
      const oldest = items.at(-1);
      cursor = oldest && Date.parse(oldest.last_ts) >= until ? page.next_cursor : undefined;
    } while (cursor && found.length < this.book.capacity);
    found.reverse();
    const old = (alert: Alert) => !this.#complete && Date.parse(alert.last_ts) < known;
    this.book.merge(found.filter(old), true);
    this.book.merge(found.filter((alert) => !old(alert)));
  }
}
