import type { Alert } from './types';

/** Reports whether record b of an episode replaces record a: higher count first, then later time. */
export function supersedes(b: Alert, a: Alert): boolean {
  if (b.count !== a.count) return b.count > a.count;
  return b.last_ts.length === a.last_ts.length ? b.last_ts >= a.last_ts : Date.parse(b.last_ts) >= Date.parse(a.last_ts);
}

/** Combines two records of one episode. The socket sends no triage state, so a missing one is taken from `known`. */
export function mergeAlert(known: Alert | undefined, next: Alert): Alert {
  if (!known) return next;
  const winner = supersedes(next, known) ? next : known;
  const state = next.state ?? known.state;
  const note = next.note ?? known.note;
  if (winner === known && state === known.state && note === known.note) return known;
  return { ...winner, state, note };
}

/** The most recently received alerts: each episode once, in order of arrival, the oldest evicted beyond `capacity`. */
export class AlertCache {
  readonly #byId = new Map<string, Alert>();
  readonly #order: string[] = [];
  readonly #listeners = new Set<(changed: readonly Alert[]) => void>();
  /** Episodes received since the page was opened. */
  received = 0;

  constructor(readonly capacity = 2000) {}

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Alert | undefined {
    return this.#byId.get(id);
  }

  /**
   * Adds records and returns those that were new or changed an episode. New episodes are
   * ordered after all others, or before them with `older`.
   */
  merge(records: readonly Alert[], older = false): Alert[] {
    const changed: Alert[] = [];
    const earlier: string[] = [];
    for (const record of records) {
      const known = this.#byId.get(record.id);
      const merged = mergeAlert(known, record);
      if (merged === known) continue;
      if (!known) {
        this.received++;
        (older ? earlier : this.#order).push(record.id);
      }
      this.#byId.set(record.id, merged);
      changed.push(merged);
    }
    if (earlier.length > 0) this.#order.unshift(...earlier);
    while (this.#order.length > this.capacity) this.#byId.delete(this.#order.shift()!);
    if (changed.length > 0) for (const listener of this.#listeners) listener(changed);
    return changed;
  }

  /** The last `count` episodes, newest first. */
  newest(count: number): Alert[] {
    const ids = this.#order.slice(-count).reverse();
    return ids.map((id) => this.#byId.get(id)!);
  }

  /** Calls `listener` with each batch of changes; returns the function that unsubscribes it. */
  subscribe(listener: (changed: readonly Alert[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
