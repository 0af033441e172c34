import type { Query } from '../data/api';
import type { Page } from '../data/types';

export interface TableSource<T extends { id: string }> {
  fetch: (query: Query, signal?: AbortSignal) => Promise<Page<T>>;
  /** Reports whether a row received over the socket matches the query. */
  accepts: (row: T, query: Query) => boolean;
  /** Comparison for a sort such as "-ts"; never 0 for two different rows. */
  compare: (sort: string) => (a: T, b: T) => number;
  /** Combines two records of the same row. */
  merge: (known: T, next: T) => T;
}

const pageLimit = 200;
/** Upper bound of loaded rows; beyond it, users filter. */
const capacity = 20_000;

/**
 * A filtered and sorted list, fetched page by page as the user scrolls and updated with
 * records from the socket. Each row occurs once.
 */
export class LiveTable<T extends { id: string }> {
  rows = $state.raw<T[]>([]);
  total = $state(0);
  loading = $state(false);
  loaded = $state(false);
  error = $state('');
  readonly #source: TableSource<T>;
  #query: Query = {};
  #cursor: string | undefined;
  #more = false;
  #request?: AbortController;
  #pending = new Map<string, T>();
  #recount?: ReturnType<typeof setTimeout>;

  constructor(source: TableSource<T>) {
    this.#source = source;
  }

  /** Loads the first page of a query; the previous rows stay until it arrives. */
  async load(query: Query): Promise<void> {
    this.#query = query;
    this.#cursor = undefined;
    await this.#fetch(true);
  }

  /** Fetches the next page, unless the list is complete or a request is pending. */
  async more(): Promise<void> {
    if (this.loading || !this.#more || this.rows.length >= capacity) return;
    await this.#fetch(false);
  }

  /** Queues a record from the socket for the next `settle`. */
  offer(record: T): void {
    const known = this.#pending.get(record.id);
    this.#pending.set(record.id, known ? this.#source.merge(known, record) : record);
  }

  /** Merges the queued records into the rows; called at most once per frame. */
  settle(): void {
    if (this.#pending.size === 0 || !this.loaded) return;
    const rows = this.rows.filter((row) => !this.#pending.has(row.id));
    const compare = this.#source.compare(String(this.#query.sort));
    const known = new Map(this.rows.map((row) => [row.id, row]));
    const last = rows.at(-1);
    let unknown = false;
    for (const [id, record] of this.#pending) {
      const before = known.get(id);
      const row = before ? this.#source.merge(before, record) : record;
      unknown ||= !before;
      if (!this.#source.accepts(row, this.#query)) continue;
      // A row that sorts after the last loaded one arrives with its page.
      if (!before && this.#more && last && compare(row, last) > 0) continue;
      rows.push(row);
    }
    this.#pending.clear();
    this.rows = rows.sort(compare);
    if (unknown) this.#scheduleCount();
  }

  /** Replaces a row immediately, after an action of the user. */
  put(row: T): void {
    this.rows = this.rows.map((r) => (r.id === row.id ? row : r));
  }

  stop(): void {
    this.#request?.abort();
    clearTimeout(this.#recount);
  }

  async #fetch(replace: boolean): Promise<void> {
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    this.loading = true;
    try {
      const page = await this.#source.fetch({ ...this.#query, limit: pageLimit, cursor: this.#cursor }, request.signal);
      if (request.signal.aborted) return;
      this.#take(page, replace);
      this.error = '';
    } catch (error) {
      if (request.signal.aborted) return;
      this.error = error instanceof Error ? error.message : String(error);
    }
    this.loading = false;
  }

  #take(page: Page<T>, replace: boolean): void {
    const items = page.items ?? [];
    const held = new Set(replace ? [] : this.rows.map((row) => row.id));
    const fresh = items.filter((row) => !held.has(row.id));
    this.rows = replace ? items : [...this.rows, ...fresh];
    this.total = page.total;
    this.#cursor = page.next_cursor || undefined;
    this.#more = this.#cursor !== undefined && items.length > 0;
    this.loaded = true;
  }

  /** Only the server knows how many rows match the filter; new rows trigger a delayed request for the total. */
  #scheduleCount(): void {
    this.#recount ??= setTimeout(() => {
      this.#recount = undefined;
      const query = this.#query;
      this.#source
        .fetch({ ...query, limit: 1 })
        .then((page) => {
          if (query === this.#query) this.total = page.total;
        })
        .catch(() => undefined);
    }, 1500);
  }
}
