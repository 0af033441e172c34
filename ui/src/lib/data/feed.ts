import { AlertBook } from './alerts';
import { ServerClock, seconds } from './clock';
import { Flow } from './flow';
import { Pulses } from './pulse';
import { DotRing, SeriesRing } from './ring';
import type { Connection, Message, ScoreBatch, Stats } from './types';

/** A quarter of an hour of rates at ten a second. */
const rateCapacity = 9216;
const dotCapacity = 2 ** 18;
/** Scores are put between the message before and this one, as far apart as at most this. */
const batchSpread = 0.25;

/**
 * Where socket messages land: rings, the alert book, the latest of each. Nothing here is
 * reactive; `changed` tells the frame loop that the DOM has something new to show.
 */
export class Feed {
  readonly rates = new SeriesRing(3, rateCapacity); // time, packets/s, bit/s
  readonly dots = new DotRing(dotCapacity);
  readonly clock = new ServerClock();
  readonly book = new AlertBook();
  readonly pulses = new Pulses();
  readonly flow = new Flow();
  stats: Stats | undefined;
  /** Messages that the server had to leave out for this page, by what it called them. */
  lost = 0;
  received = 0;
  unreadable = 0;
  changed = false;
  readonly #connectionListeners = new Set<(c: Connection) => void>();
  #batches = new Map<number, number>();

  /** Takes one message in, as text. What cannot be read is counted and passed over. */
  accept(text: string, local: number): void {
    this.received++;
    let message: Message;
    try {
      message = JSON.parse(text) as Message;
    } catch {
      this.unreadable++;
      return;
    }
    if (typeof message?.event !== 'string' || message.data === undefined || message.data === null) {
      this.unreadable++;
      return;
    }
    this.changed = true;
    this.#take(message, local);
  }

  #take(message: Message, local: number): void {
    switch (message.event) {
      case 'stats':
        return this.takeStats(message.data, seconds(message.data.ts ?? message.ts), local);
      case 'scores':
        return this.#takeScores(message.data, seconds(message.ts));
      case 'alert':
        this.book.merge([message.data]);
        return;
      case 'connection':
        this.pulses.observe(message.data, local);
        for (const listen of this.#connectionListeners) listen(message.data);
        return;
      case 'lost':
        this.lost += sum(message.data);
    }
  }

  /** Calls `listener` with each connection record until the answer is called. */
  listenConnections(listener: (c: Connection) => void): () => void {
    this.#connectionListeners.add(listener);
    return () => this.#connectionListeners.delete(listener);
  }

  takeStats(stats: Stats, time: number, local: number): void {
    this.stats = stats;
    if (!Number.isFinite(time)) return;
    this.clock.observe(time, local);
    this.flow.observe(stats, time);
    this.rates.push([time, stats.packets_per_second, stats.bits_per_second]);
  }

  /**
   * Dots are put where they were scored on the wall clock: the times of the samples are
   * event time, which in a replay has nothing to do with the charts above. Inside of a
   * batch they keep their distances.
   */
  #takeScores(batch: ScoreBatch, now: number): void {
    const samples = batch.samples ?? [];
    if (samples.length === 0 || !Number.isFinite(now)) return;
    const before = this.#batches.get(batch.partition) ?? now - batchSpread;
    this.#batches.set(batch.partition, now);
    const from = Math.max(before, now - batchSpread);
    const first = seconds(samples[0]!.ts);
    const span = seconds(samples[samples.length - 1]!.ts) - first;
    for (const [i, sample] of samples.entries()) {
      const part = span > 0 ? (seconds(sample.ts) - first) / span : (i + 1) / samples.length;
      this.dots.push(from + (now - from) * Math.min(1, Math.max(0, part)), sample.score);
    }
  }
}

function sum(data: unknown): number {
  if (typeof data === 'number') return data;
  if (typeof data !== 'object' || data === null) return 0;
  return Object.values(data).reduce((n: number, v) => n + sum(v), 0);
}
