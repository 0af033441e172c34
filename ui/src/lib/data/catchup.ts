import type { Query } from './api';
import type { AlertBook } from './alerts';
import type { Alert, Page } from './types';

export type FetchAlerts = (query: Query, signal?: AbortSignal) => Promise<Page<Alert>>;

const pageLimit = 500;
/** Episodes grow: those whose latest packet was a little before the loss are asked for again. */
const overlapSeconds = 60;

/**
 * Fetches what the socket may have missed and merges it into the book by id.
 *
 * Alert times are event time. A replay can bring episodes that are older than anything
 * known, which `since` leaves out; so where the server holds more alerts than it did
 * (`total`) beyond those found, everything the book has room for is walked.
 */
export class CatchUp {
  /** Alerts the server held when last asked, and new episodes heard of since; NaN before. */
  #total = NaN;
  #heardThen = 0;

  constructor(
    readonly book: AlertBook,
    readonly fetch: FetchAlerts,
  ) {}

  /** Run after each (re)connection, with the socket already open, so that nothing falls between. */
  async run(signal?: AbortSignal): Promise<number> {
    const before = this.book.heard;
    if (Number.isNaN(this.#total)) await this.#first(signal);
    else await this.#again(signal);
    return this.book.heard - before;
  }

  async #first(signal?: AbortSignal): Promise<void> {
    const page = await this.fetch({ sort: '-last_ts', limit: 200 }, signal);
    this.book.merge((page.items ?? []).toReversed());
    this.#remember(page.total);
  }

  async #again(signal?: AbortSignal): Promise<void> {
    await this.#walk({ since: this.#since(), sort: 'last_ts' }, signal);
    const expected = this.#total + this.book.heard - this.#heardThen;
    const { total } = await this.fetch({ limit: 1 }, signal);
    if (total > expected) await this.#walk({ sort: 'last_ts' }, signal);
    this.#remember(total);
  }

  #remember(total: number): void {
    this.#total = total;
    this.#heardThen = this.book.heard;
  }

  #since(): string | undefined {
    let newest = -Infinity;
    for (const alert of this.book.newest(this.book.capacity)) newest = Math.max(newest, Date.parse(alert.last_ts));
    if (!Number.isFinite(newest)) return undefined;
    return new Date(newest - overlapSeconds * 1000).toISOString();
  }

  async #walk(query: Query, signal?: AbortSignal): Promise<void> {
    let cursor: string | undefined;
    let left = this.book.capacity;
    do {
      const page = await this.fetch({ ...query, limit: pageLimit, cursor }, signal);
      const items = page.items ?? [];
      this.book.merge(items);
      left -= items.length;
      cursor = items.length > 0 ? page.next_cursor : undefined;
    } while (cursor && left > 0);
  }
}
