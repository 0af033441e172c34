import { describe, expect, test } from 'vitest';
import { Flow } from './flow';
import type { StageCounts, Stats } from './types';

const stats = (stages: StageCounts[], more: Partial<Stats> = {}) => ({ lag: { packets: 0, alerts: 0, connections: 0 }, stages, partitions: [], ...more }) as Stats;
const partition = (n: number, offset: number) => ({ partition: n, offset }) as NonNullable<Stats['partitions']>[number];

/** A message each 0.1 s, each with so many more than the one before. */
function run(flow: Flow, seconds: number, at: (i: number) => Stats, from = 0): void {
  for (let i = 0; i <= seconds * 10; i++) flow.observe(at(i), from + i / 10);
}

describe('rates', () => {
  test('are of the last seconds, by what came in, went out and was dropped', () => {
    const flow = new Flow();
    run(flow, 5, (i) => stats([{ stage: 'decode', in: 100 * i, out: 90 * i, dropped: { 'not IP': 10 * i, 'bad fragment': 7 } }]));
    const rate = flow.rate('decode')!;
    expect(rate.in).toBeCloseTo(1000, 3);
    expect(rate.out).toBeCloseTo(900, 3);
    expect(rate.dropped['not IP']).toBeCloseTo(100, 3);
    expect(rate.dropped).not.toHaveProperty('bad fragment'); // it was, and is not any more
  });

  test('fall to nothing within the window when nothing comes any more', () => {
    const flow = new Flow();
    run(flow, 5, (i) => stats([{ stage: 'capture', in: 100 * i, out: 100 * i }]));
    run(flow, 4, () => stats([{ stage: 'capture', in: 5000, out: 5000 }]), 5.1);
    expect(flow.rate('capture')!.in).toBe(0);
  });

  test('are not known from one message, of a stage that nobody has, or after a silence', () => {
    const flow = new Flow();
    flow.observe(stats([{ stage: 'capture', in: 5, out: 5 }]), 1);
    expect(flow.rate('capture')).toBeUndefined();
    run(flow, 2, (i) => stats([{ stage: 'capture', in: 5 + i, out: 5 + i }]), 1.1);
    expect(flow.rate('capture')).toBeDefined();
    expect(flow.rate('score')).toBeUndefined();
    flow.observe(stats([{ stage: 'capture', in: 50, out: 50 }]), 60);
    expect(flow.rate('capture')).toBeUndefined();
  });

  test('begin anew with a server that does', () => {
    const flow = new Flow();
    run(flow, 3, (i) => stats([{ stage: 'capture', in: 1e6 + i, out: 1e6 + i }]));
    flow.observe(stats([{ stage: 'capture', in: 3, out: 3 }]), 3.2);
    expect(flow.rate('capture')).toBeUndefined();
    run(flow, 1, (i) => stats([{ stage: 'capture', in: 3 + i, out: 3 + i }]), 3.4);
    expect(flow.rate('capture')!.in).toBeGreaterThan(0);
  });
});

describe('waits', () => {
  const lag = (packets: number) => ({ lag: { packets, alerts: 0, connections: 0 } });

  test('are lag over what is worked off, in records: one holds many packets', () => {
    const flow = new Flow();
    run(flow, 5, (i) => stats([{ stage: 'score', in: 5000 * i, out: 5000 * i }], { ...lag(40), partitions: [partition(0, 10 * i), partition(1, 10 * i)] }));
    expect(flow.wait('packets')!.now).toBeCloseTo(0.2, 3); // 40 records at 200 records/s
    expect(flow.wait('alerts')).toEqual({ now: 0, p50: 0, p99: 0 });
  });

  test('p50 and p99 are of the last minute', () => {
    const flow = new Flow();
    run(flow, 30, (i) => stats([], { ...lag(9000), partitions: [partition(0, 10 * i)] }));
    run(flow, 120, (i) => stats([], { ...lag(i % 100 < 5 ? 500 : 50), partitions: [partition(0, 3010 + 10 * i)] }), 30.1);
    const wait = flow.wait('packets')!;
    expect(wait.p50).toBeCloseTo(0.5, 1);
    expect(wait.p99).toBeCloseTo(5, 0);
  });

  test('are endless where records wait and nobody takes one', () => {
    const flow = new Flow();
    run(flow, 5, () => stats([], { ...lag(7), partitions: [partition(0, 10)] }));
    expect(flow.wait('packets')).toEqual({ now: Infinity, p50: Infinity, p99: Infinity });
  });

  test('say nothing of a record that has only just come', () => {
    const flow = new Flow();
    run(flow, 30, (i) => stats([], { ...lag(i === 29 ? 1 : 0), partitions: [partition(0, 10)] }));
    expect(flow.wait('packets')).toEqual({ now: 0, p50: 0, p99: 0 });
  });

  test('a partition that comes to another engine is no work done', () => {
    const flow = new Flow();
    run(flow, 2, () => stats([], { ...lag(1), partitions: [partition(0, 10)] }));
    run(flow, 2, () => stats([], { ...lag(1), partitions: [partition(0, 10), partition(1, 1e6)] }), 2.1);
    expect(flow.wait('packets')!.now).toBe(Infinity);
  });
});
