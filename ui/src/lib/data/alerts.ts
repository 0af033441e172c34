import type { Alert } from './types';

/** Whether record b of an episode replaces record a: the higher count, then the later time. */
export function supersedes(b: Alert, a: Alert): boolean {
  if (b.count !== a.count) return b.count > a.count;
  return b.last_ts.length === a.last_ts.length ? b.last_ts >= a.last_ts : Date.parse(b.last_ts) >= Date.parse(a.last_ts);
}

/** One record out of two of the same episode; what people said is kept where the newer record is silent. */
export function mergeAlert(known: Alert | undefined, next: Alert): Alert {
  if (!known) return next;
  const winner = supersedes(next, known) ? next : known;
  const state = next.state ?? known.state;
  const note = next.note ?? known.note;
  if (winner === known && state === known.state && note === known.note) return known;
  return { ...winner, state, note };
}

/**
 * The alerts this page knows: each episode once, in the order in which it was first
 * heard of, at most `capacity` (the longest known go first).
 */
export class AlertBook {
  readonly #byId = new Map<string, Alert>();
  readonly #order: string[] = [];
  readonly #listeners = new Set<(changed: readonly Alert[]) => void>();
  /** Episodes heard of since the page was opened. */
  heard = 0;

  constructor(readonly capacity = 2000) {}

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Alert | undefined {
    return this.#byId.get(id);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /**
   * Takes records in; answers the ones that were new or changed what is known. Unknown
   * episodes count as just arrived, or, with `older`, as from before all that is known.
   */
  merge(records: readonly Alert[], older = false): Alert[] {
    const changed: Alert[] = [];
    const earlier: string[] = [];
    for (const record of records) {
      const known = this.#byId.get(record.id);
      const merged = mergeAlert(known, record);
      if (merged === known) continue;
      if (!known) {
        this.heard++;
        (older ? earlier : this.#order).push(record.id);
      }
      this.#byId.set(record.id, merged);
      changed.push(merged);
    }
    if (earlier.length > 0) this.#order.unshift(...earlier);
    while (this.#order.length > this.capacity) this.#byId.delete(this.#order.shift()!);
    if (changed.length > 0) for (const listen of this.#listeners) listen(changed);
    return changed;
  }

  /** The last `count` episodes, newest first. */
  newest(count: number): Alert[] {
    const ids = this.#order.slice(-count).reverse();
    return ids.map((id) => this.#byId.get(id)!);
  }

  /** Calls `listener` with each batch of changes until the answer is called. */
  listen(listener: (changed: readonly Alert[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
