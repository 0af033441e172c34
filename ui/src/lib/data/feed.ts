import { AlertCache } from './alert-cache';
import { ServerClock, seconds } from './clock';
import { DotRing, SeriesRing } from './ring';
import { Sparklines } from './sparklines';
import { Throughput } from './throughput';
import { laneOf, type Connection, type Message, type ScoreBatch, type Stats } from './types';

/** 15 minutes of rates at ten per second. */
const rateCapacity = 9216;
const dotCapacity = 2 ** 18;
/** Scores of a batch are spread over the time since the previous batch, at most so many seconds. */
const batchSpread = 0.25;

/**
 * Stores the data of socket messages: time series, the alert cache, the latest stats.
 * Nothing here is reactive; `changed` tells the frame loop that the DOM is out of date.
 */
export class Feed {
  readonly rates = new SeriesRing(3, rateCapacity); // time, packets/s, bit/s
  readonly dots = new DotRing(dotCapacity);
  readonly clock = new ServerClock();
  readonly alerts = new AlertCache();
  readonly sparklines = new Sparklines();
  readonly throughput = new Throughput();
  stats: Stats | undefined;
  /** Messages that the server discarded because this page was too slow. */
  lost = 0;
  received = 0;
  malformed = 0;
  changed = false;
  readonly #connectionListeners = new Set<(c: Connection) => void>();
  #batches = new Map<number, number>();

  /** Processes one message, as text. Malformed messages are counted and skipped. */
  accept(text: string, local: number): void {
    this.received++;
    let message: Message;
    try {
      message = JSON.parse(text) as Message;
    } catch {
      this.malformed++;
      return;
    }
    if (typeof message?.event !== 'string' || message.data === undefined || message.data === null) {
      this.malformed++;
      return;
    }
    this.changed = true;
    this.#dispatch(message, local);
  }

  #dispatch(message: Message, local: number): void {
    switch (message.event) {
      case 'stats':
        return this.addStats(message.data, seconds(message.data.ts ?? message.ts), local);
      case 'scores':
        return this.#addScores(message.data, seconds(message.ts));
      case 'alert':
        this.alerts.merge([message.data]);
        return;
      case 'connection':
        this.sparklines.observe(message.data, local);
        for (const listener of this.#connectionListeners) listener(message.data);
        return;
      case 'lost':
        this.lost += sum(message.data);
    }
  }

  /** Calls `listener` with each connection record; returns the function that unsubscribes it. */
  subscribeConnections(listener: (c: Connection) => void): () => void {
    this.#connectionListeners.add(listener);
    return () => this.#connectionListeners.delete(listener);
  }

  addStats(stats: Stats, time: number, local: number): void {
    this.stats = stats;
    if (!Number.isFinite(time)) return;
    this.clock.observe(time, local);
    this.throughput.observe(stats, time);
    this.rates.push([time, stats.packets_per_second, stats.bits_per_second]);
  }

  /**
   * Dots are placed at the time of scoring. Sample times are event time, which in a replay
   * is unrelated to the time axis of the charts; they only give the spacing within a batch.
   */
  #addScores(batch: ScoreBatch, now: number): void {
    const samples = batch.samples ?? [];
    if (samples.length === 0 || !Number.isFinite(now)) return;
    const lane = laneOf(batch);
    const before = this.#batches.get(lane) ?? now - batchSpread;
    this.#batches.set(lane, now);
    const from = Math.max(before, now - batchSpread);
    const first = seconds(samples[0]!.ts);
    const span = seconds(samples[samples.length - 1]!.ts) - first;
    for (const [i, sample] of samples.entries()) {
      const share = span > 0 ? (seconds(sample.ts) - first) / span : (i + 1) / samples.length;
      this.dots.push(from + (now - from) * Math.min(1, Math.max(0, share)), sample.score);
    }
  }
}

function sum(data: unknown): number {
  if (typeof data === 'number') return data;
  if (typeof data !== 'object' || data === null) return 0;
  return Object.values(data).reduce((n: number, v) => n + sum(v), 0);
}
