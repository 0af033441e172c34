import type { Connection } from './types';

const slots = 40;
const slotSeconds = 1;
const capacity = 4096;

interface History {
  last: number; // bytes at the previous record
  slot: number;
  bytes: Float32Array; // one slot per second, as a ring
}

/** Bytes per second of each connection over the last 40 seconds, as far as this page has received records of it. */
export class Sparklines {
  readonly #histories = new Map<string, History>();

  observe(c: Connection, now: number): void {
    const total = c.orig_bytes + c.resp_bytes;
    const slot = Math.floor(now / slotSeconds);
    const history = this.#histories.get(c.id);
    if (!history) {
      this.#histories.set(c.id, { last: total, slot, bytes: new Float32Array(slots) });
      if (this.#histories.size > capacity) this.#histories.delete(this.#histories.keys().next().value!);
      return;
    }
    advance(history, slot);
    history.bytes[slot % slots]! += Math.max(0, total - history.last);
    history.last = total;
  }

  /** SVG polyline points for a box of the given size; "" without traffic. */
  points(id: string, now: number, width: number, height: number): string {
    const history = this.#histories.get(id);
    if (!history) return '';
    const slot = Math.floor(now / slotSeconds);
    advance(history, slot);
    const most = Math.max(...history.bytes);
    if (most === 0) return '';
    const points: string[] = [];
    for (let i = 1; i <= slots; i++) {
      const bytes = history.bytes[(slot + i) % slots]!;
      points.push(`${(((i - 1) / (slots - 1)) * width).toFixed(1)},${(height - (bytes / most) * (height - 1) - 0.5).toFixed(1)}`);
    }
    return points.join(' ');
  }
}

/** Moves on to `slot`; seconds without a record are seconds without bytes. */
function advance(history: History, slot: number): void {
  if (slot - history.slot >= slots) history.bytes.fill(0);
  else for (let s = history.slot + 1; s <= slot; s++) history.bytes[s % slots] = 0;
  history.slot = Math.max(history.slot, slot);
}
