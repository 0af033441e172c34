// Typed-array rings for streamed data, outside of the framework. They have a fixed size
// and do not allocate after construction.

/**
 * A column-oriented ring of rows of numbers; the first column is time in seconds. Each
 * value is written twice, half a buffer apart, so that the newest rows are always one
 * contiguous view that a chart can use without copying.
 */
export class SeriesRing {
  readonly capacity: number;
  readonly #columns: Float64Array[];
  #next = 0;
  #length = 0;

  constructor(columns: number, capacity: number) {
    this.capacity = capacity;
    this.#columns = Array.from({ length: columns }, () => new Float64Array(capacity * 2));
  }

  get length(): number {
    return this.#length;
  }

  /** Appends a row. Discards it and returns false if it is not later than the newest: charts need ascending times. */
  push(row: readonly number[]): boolean {
    const time = row[0] ?? NaN;
    if (!(time > this.newest(0) || this.#length === 0)) return false;
    for (let c = 0; c < this.#columns.length; c++) {
      const column = this.#columns[c]!;
      const value = row[c] ?? NaN;
      column[this.#next] = value;
      column[this.#next + this.capacity] = value;
    }
    this.#next = (this.#next + 1) % this.capacity;
    if (this.#length < this.capacity) this.#length++;
    return true;
  }

  /** The newest value of a column; NaN if the ring is empty. */
  newest(column: number): number {
    if (this.#length === 0) return NaN;
    return this.#columns[column]![this.#next + this.capacity - 1]!;
  }

  /** The newest `count` values of a column, oldest first. Valid until the next push. */
  view(column: number, count = this.#length): Float64Array {
    const end = this.#next + this.capacity;
    return this.#columns[column]!.subarray(end - Math.min(count, this.#length), end);
  }

  /** Number of rows at or after `time`. */
  countSince(time: number): number {
    const times = this.view(0);
    let low = 0;
    let high = times.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (times[mid]! < time) low = mid + 1;
      else high = mid;
    }
    return times.length - low;
  }

  clear(): void {
    this.#next = 0;
    this.#length = 0;
  }
}

/** A ring of (time, score) dots, addressed by an increasing sequence number. */
export class DotRing {
  readonly #mask: number;
  readonly #times: Float64Array;
  readonly #scores: Float32Array;
  #end = 0;

  /** @param capacity a power of two */
  constructor(capacity: number) {
    if (capacity <= 0 || (capacity & (capacity - 1)) !== 0) throw new RangeError(`capacity ${capacity} is not a power of two`);
    this.#mask = capacity - 1;
    this.#times = new Float64Array(capacity);
    this.#scores = new Float32Array(capacity);
  }

  /** Sequence number of the oldest dot in the ring. */
  get start(): number {
    return Math.max(0, this.#end - this.#mask - 1);
  }

  /** Sequence number of the next dot. */
  get end(): number {
    return this.#end;
  }

  push(time: number, score: number): void {
    const slot = this.#end++ & this.#mask;
    this.#times[slot] = time;
    this.#scores[slot] = score;
  }

  time(seq: number): number {
    return this.#times[seq & this.#mask]!;
  }

  score(seq: number): number {
    return this.#scores[seq & this.#mask]!;
  }
}
