import { laneOf, type StageCounts, type Stats } from './types';


/** Seconds over which rates are averaged: long enough for stable figures, short enough to show a stall. */
const rateWindow = 3;
/** Processes report ten times a second; a shorter span gives no meaningful rate. */
const minSpan = 0.5;
const sampleEvery = 0.2;
const delayWindow = 60;
/** After so many seconds without a message, earlier figures are discarded. */
const maxGap = 10;

export interface StageRate {
  in: number;
  out: number;
  /** Dropped per second by reason; only reasons with current drops. */
  dropped: Record<string, number>;
}

/** Estimated time in seconds that records spend in a topic: lag divided by the rate of consumption. */
export interface Delay {
  now: number;
  p50: number;
  p99: number;
}

export type Topic = 'packets' | 'alerts' | 'connections';

interface Snapshot {
  time: number;
  stats: Stats;
}

/** Rate of each stage and delay of each topic, computed from the counters of successive stats messages. */
export class Throughput {
  #recent: Snapshot[] = [];
  #delays: { time: number; of: Record<Topic, number> }[] = [];

  /** Adds a message; `time` is the server's, in seconds. */
  observe(stats: Stats, time: number): void {
    const last = this.#recent.at(-1);
    if (last && (time < last.time || time - last.time > maxGap || restarted(last.stats, stats))) this.clear();
    else if (last && time - last.time < sampleEvery) return;
    this.#recent.push({ time, stats });
    while (this.#recent.length > 2 && time - this.#recent[1]!.time >= rateWindow) this.#recent.shift();
    const of = this.#currentDelays();
    if (!of) return;
    this.#delays.push({ time, of });
    while (time - this.#delays[0]!.time > delayWindow) this.#delays.shift();
  }

  clear(): void {
    this.#recent = [];
    this.#delays = [];
  }

  /** The rates of a stage; undefined until two messages are at least 0.5 s apart. */
  rate(stage: string): StageRate | undefined {
    const [from, to] = this.#ends() ?? [];
    if (!from || !to) return undefined;
    const now = countsOf(to.stats, stage);
    if (!now) return undefined;
    const before = countsOf(from.stats, stage);
    const span = to.time - from.time;
    const dropped: Record<string, number> = {};
    for (const [reason, n] of Object.entries(now.dropped ?? {})) {
      const delta = n - (before?.dropped?.[reason] ?? 0);
      if (delta > 0) dropped[reason] = delta / span;
    }
    return { in: (now.in - (before?.in ?? 0)) / span, out: (now.out - (before?.out ?? 0)) / span, dropped };
  }

  /** Delay of a topic, now and over the last minute; undefined until there is a first estimate. */
  delay(topic: Topic): Delay | undefined {
    const last = this.#delays.at(-1);
    if (!last) return undefined;
    const sorted = this.#delays.map((d) => d.of[topic]).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)); // Infinity - Infinity is NaN
    return { now: last.of[topic], p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
  }

  #ends(): [Snapshot, Snapshot] | undefined {
    const from = this.#recent[0];
    const to = this.#recent.at(-1);
    return from && to && to.time - from.time >= minSpan ? [from, to] : undefined;
  }

  #currentDelays(): Record<Topic, number> | undefined {
    const ends = this.#ends();
    if (!ends) return undefined;
    const [from, to] = ends;
    const delay = (topic: Topic, perSecond = 0) => delayOf(from.stats.lag[topic], to.stats.lag[topic], perSecond);
    return {
      packets: delay('packets', recordsConsumed(from.stats, to.stats) / (to.time - from.time)),
      alerts: delay('alerts', this.rate('record_alerts')?.in),
      connections: delay('connections', this.rate('record_connections')?.in),
    };
  }
}

/** Infinity where records have been waiting and none is consumed; 0 for records that arrived just now. */
function delayOf(before: number, lag: number, perSecond: number): number {
  return lag > 0 && (before > 0 || perSecond > 0) ? lag / perSecond : 0;
}

/** Records that the engines consumed between two messages. Lag counts records, each of which may hold many packets. */
function recordsConsumed(from: Stats, to: Stats): number {
  const before = new Map((from.partitions ?? []).map((p) => [laneOf(p), p.offset]));
  let consumed = 0;
  for (const p of to.partitions ?? []) consumed += Math.max(0, p.offset - (before.get(laneOf(p)) ?? p.offset));
  return consumed;
}

/** Counters only grow, unless the server was restarted. */
function restarted(before: Stats, now: Stats): boolean {
  return (before.stages ?? []).some((c) => (countsOf(now, c.stage)?.in ?? 0) < c.in);
}

function countsOf(stats: Stats, stage: string): StageCounts | undefined {
  return stats.stages?.find((c) => c.stage === stage);
}

function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}
