import type { Connection } from './types';

const slots = 40;
const slotSeconds = 1;
const capacity = 4096;

interface Track {
  last: number; // bytes at the record before
  slot: number;
  bytes: Float32Array; // one slot a second, as a ring
}

/** Bytes a second of each connection over the last 40 seconds that this page has watched it. */
export class Pulses {
  readonly #tracks = new Map<string, Track>();

  observe(c: Connection, now: number): void {
    const total = c.orig_bytes + c.resp_bytes;
    const slot = Math.floor(now / slotSeconds);
    const track = this.#tracks.get(c.id);
    if (!track) {
      this.#tracks.set(c.id, { last: total, slot, bytes: new Float32Array(slots) });
      if (this.#tracks.size > capacity) this.#tracks.delete(this.#tracks.keys().next().value!);
      return;
    }
    forward(track, slot);
    track.bytes[slot % slots]! += Math.max(0, total - track.last);
    track.last = total;
  }

  /** A polyline for a box of the given size, or "" where nothing has moved. */
  line(id: string, now: number, width: number, height: number): string {
    const track = this.#tracks.get(id);
    if (!track) return '';
    const slot = Math.floor(now / slotSeconds);
    forward(track, slot);
    const most = Math.max(...track.bytes);
    if (most === 0) return '';
    const points: string[] = [];
    for (let i = 1; i <= slots; i++) {
      const bytes = track.bytes[(slot + i) % slots]!;
      points.push(`${(((i - 1) / (slots - 1)) * width).toFixed(1)},${(height - (bytes / most) * (height - 1) - 0.5).toFixed(1)}`);
    }
    return points.join(' ');
  }
}

/** Seconds without a record are seconds without bytes. */
function forward(track: Track, slot: number): void {
  if (slot - track.slot >= slots) track.bytes.fill(0);
  else for (let s = track.slot + 1; s <= slot; s++) track.bytes[s % slots] = 0;
  track.slot = Math.max(track.slot, slot);
}
