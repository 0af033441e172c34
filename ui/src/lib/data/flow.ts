import type { StageCounts, Stats } from './types';

/** Rates are over about so many seconds: long enough for even figures, short enough to see a stop. */
const rateWindow = 3;
/** Processes report ten times a second; less than this tells nothing. */
const leastSpan = 0.5;
const sampleEvery = 0.2;
const waitWindow = 60;
/** A silence after which the figures before it say nothing of now. */
const gap = 10;

export interface StageRate {
  in: number;
  out: number;
  /** Dropped a second, by reason; only what is dropped now. */
  dropped: Record<string, number>;
}

/** How long records wait on a topic, in seconds: lag over the rate at which it is worked off. */
export interface Wait {
  now: number;
  p50: number;
  p99: number;
}

export type Topic = 'packets' | 'alerts' | 'connections';

interface Snapshot {
  time: number;
  stats: Stats;
}

/**
 * What the counters of the stats messages say about time: the rate of each stage, and how
 * long records wait on the log. Messages carry neither.
 */
export class Flow {
  #recent: Snapshot[] = [];
  #waits: { time: number; of: Record<Topic, number> }[] = [];

  /** Takes a message in; `time` is the server's, in seconds. */
  observe(stats: Stats, time: number): void {
    const last = this.#recent.at(-1);
    if (last && (time < last.time || time - last.time > gap || begunAnew(last.stats, stats))) this.clear();
    else if (last && time - last.time < sampleEvery) return;
    this.#recent.push({ time, stats });
    while (this.#recent.length > 2 && time - this.#recent[1]!.time >= rateWindow) this.#recent.shift();
    const of = this.#waitsNow();
    if (!of) return;
    this.#waits.push({ time, of });
    while (time - this.#waits[0]!.time > waitWindow) this.#waits.shift();
  }

  clear(): void {
    this.#recent = [];
    this.#waits = [];
  }

  /** The rates of a stage, undefined while too little is known. */
  rate(stage: string): StageRate | undefined {
    const [from, to] = this.#ends() ?? [];
    if (!from || !to) return undefined;
    const now = countsOf(to.stats, stage);
    if (!now) return undefined;
    const before = countsOf(from.stats, stage);
    const span = to.time - from.time;
    const dropped: Record<string, number> = {};
    for (const [reason, n] of Object.entries(now.dropped ?? {})) {
      const grown = n - (before?.dropped?.[reason] ?? 0);
      if (grown > 0) dropped[reason] = grown / span;
    }
    return { in: (now.in - (before?.in ?? 0)) / span, out: (now.out - (before?.out ?? 0)) / span, dropped };
  }

  /** How long records of a topic wait, now and over the last minute; undefined while too little is known. */
  wait(topic: Topic): Wait | undefined {
    const last = this.#waits.at(-1);
    if (!last) return undefined;
    const sorted = this.#waits.map((w) => w.of[topic]).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)); // some are endless
    return { now: last.of[topic], p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
  }

  #ends(): [Snapshot, Snapshot] | undefined {
    const from = this.#recent[0];
    const to = this.#recent.at(-1);
    return from && to && to.time - from.time >= leastSpan ? [from, to] : undefined;
  }

  #waitsNow(): Record<Topic, number> | undefined {
    const ends = this.#ends();
    if (!ends) return undefined;
    const [from, to] = ends;
    const wait = (topic: Topic, perSecond = 0) => waitOf(from.stats.lag[topic], to.stats.lag[topic], perSecond);
    return {
      packets: wait('packets', offsetsMoved(from.stats, to.stats) / (to.time - from.time)),
      alerts: wait('alerts', this.rate('record alerts')?.in),
      connections: wait('connections', this.rate('record connections')?.in),
    };
  }
}

/** Endless where records wait, have waited, and nobody takes one; those that have only just come say nothing yet. */
function waitOf(before: number, lag: number, perSecond: number): number {
  return lag > 0 && (before > 0 || perSecond > 0) ? lag / perSecond : 0;
}

/** Records that the engines worked off: lag is in records, of which one may hold many packets. */
function offsetsMoved(from: Stats, to: Stats): number {
  const before = new Map((from.partitions ?? []).map((p) => [p.partition, p.offset]));
  let moved = 0;
  for (const p of to.partitions ?? []) moved += Math.max(0, p.offset - (before.get(p.partition) ?? p.offset));
  return moved;
}

/** Counters only grow, but for a server that was started again. */
function begunAnew(before: Stats, now: Stats): boolean {
  return (before.stages ?? []).some((c) => (countsOf(now, c.stage)?.in ?? 0) < c.in);
}

function countsOf(stats: Stats, stage: string): StageCounts | undefined {
  return stats.stages?.find((c) => c.stage === stage);
}

function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}
