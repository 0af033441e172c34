import type { Query } from './api';
import type { Page } from './types';

export interface TableSource<T extends { id: string }> {
  fetch: (query: Query, signal?: AbortSignal) => Promise<Page<T>>;
  /** Whether a row that came by the socket belongs to the list of this query. */
  accepts: (row: T, query: Query) => boolean;
  /** Order of two rows under a sort such as "-ts"; never 0 for two different rows. */
  compare: (sort: string) => (a: T, b: T) => number;
  /** One record out of two of the same row. */
  merge: (known: T, next: T) => T;
}

const pageLimit = 200;
/** More rows than anybody scrolls through; the filter is the way to the rest. */
const capacity = 20_000;

/**
 * A filtered and sorted list that is fetched page by page as it is scrolled, and kept up
 * to date by records from the socket. No row is in it twice.
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

  /** Starts anew with another query; the old rows stay until the new ones are there. */
  async load(query: Query): Promise<void> {
    this.#query = query;
    this.#cursor = undefined;
    await this.#fetch(true);
  }

  /** Fetches the next page, if there is one and none is under way. */
  async more(): Promise<void> {
    if (this.loading || !this.#more || this.rows.length >= capacity) return;
    await this.#fetch(false);
  }

  /** Keeps a record from the socket until the next `settle`. */
  offer(record: T): void {
    const known = this.#pending.get(record.id);
    this.#pending.set(record.id, known ? this.#source.merge(known, record) : record);
  }

  /** Brings what was offered into the rows; called at most once a frame. */
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
      // What sorts behind the last loaded row will come with its page.
      if (!before && this.#more && last && compare(row, last) > 0) continue;
      rows.push(row);
    }
    this.#pending.clear();
    this.rows = rows.sort(compare);
    if (unknown) this.#countSoon();
  }

  /** Puts a changed row in place at once, as after a person's action. */
  put(row: T): void {
    this.rows = this.rows.map((r) => (r.id === row.id ? row : r));
  }

  stop(): void {
    this.#request?.abort();
    clearTimeout(this.#recount);
  }

  async #fetch(anew: boolean): Promise<void> {
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    this.loading = true;
    try {
      const page = await this.#source.fetch({ ...this.#query, limit: pageLimit, cursor: this.#cursor }, request.signal);
      if (request.signal.aborted) return;
      this.#take(page, anew);
      this.error = '';
    } catch (error) {
      if (request.signal.aborted) return;
      this.error = error instanceof Error ? error.message : String(error);
    }
    this.loading = false;
  }

  #take(page: Page<T>, anew: boolean): void {
    const items = page.items ?? [];
    const held = new Set(anew ? [] : this.rows.map((row) => row.id));
    const fresh = items.filter((row) => !held.has(row.id));
    this.rows = anew ? items : [...this.rows, ...fresh];
    this.total = page.total;
    this.#cursor = page.next_cursor || undefined;
    this.#more = this.#cursor !== undefined && items.length > 0;
    this.loaded = true;
  }

  /** The socket cannot tell how many rows fit the filter; the server can, asked now and then. */
  #countSoon(): void {
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
