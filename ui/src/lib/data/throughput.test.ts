import { describe, expect, test } from 'vitest';
import { Throughput } from './throughput';
import type { StageCounts, Stats } from './types';

const stats = (stages: StageCounts[], more: Partial<Stats> = {}) => ({ lag: { packets: 0, alerts: 0, connections: 0 }, stages, partitions: [], ...more }) as Stats;
const partition = (n: number, offset: number) => ({ partition: n, offset }) as NonNullable<Stats['partitions']>[number];

/** Observes a message every 0.1 s; `at` makes the i-th. */
function run(throughput: Throughput, seconds: number, at: (i: number) => Stats, from = 0): void {
  for (let i = 0; i <= seconds * 10; i++) throughput.observe(at(i), from + i / 10);
}

describe('rates', () => {
  test('cover the last seconds, for in, out and each drop reason', () => {
    const throughput = new Throughput();
    run(throughput, 5, (i) => stats([{ stage: 'decode', in: 100 * i, out: 90 * i, dropped: { 'not_ip': 10 * i, 'bad_fragment': 7 } }]));
    const rate = throughput.rate('decode')!;
    expect(rate.in).toBeCloseTo(1000, 3);
    expect(rate.out).toBeCloseTo(900, 3);
    expect(rate.dropped['not_ip']).toBeCloseTo(100, 3);
    expect(rate.dropped).not.toHaveProperty('bad_fragment'); // dropped earlier, but not within the window
  });

  test('fall to 0 within the window after traffic stops', () => {
    const throughput = new Throughput();
    run(throughput, 5, (i) => stats([{ stage: 'capture', in: 100 * i, out: 100 * i }]));
    run(throughput, 4, () => stats([{ stage: 'capture', in: 5000, out: 5000 }]), 5.1);
    expect(throughput.rate('capture')!.in).toBe(0);
  });

  test('are undefined after one message, for an unknown stage, and after a gap', () => {
    const throughput = new Throughput();
    throughput.observe(stats([{ stage: 'capture', in: 5, out: 5 }]), 1);
    expect(throughput.rate('capture')).toBeUndefined();
    run(throughput, 2, (i) => stats([{ stage: 'capture', in: 5 + i, out: 5 + i }]), 1.1);
    expect(throughput.rate('capture')).toBeDefined();
    expect(throughput.rate('score')).toBeUndefined();
    throughput.observe(stats([{ stage: 'capture', in: 50, out: 50 }]), 60);
    expect(throughput.rate('capture')).toBeUndefined();
  });

  test('start again after a restart of the server', () => {
    const throughput = new Throughput();
    run(throughput, 3, (i) => stats([{ stage: 'capture', in: 1e6 + i, out: 1e6 + i }]));
    throughput.observe(stats([{ stage: 'capture', in: 3, out: 3 }]), 3.2);
    expect(throughput.rate('capture')).toBeUndefined();
    run(throughput, 1, (i) => stats([{ stage: 'capture', in: 3 + i, out: 3 + i }]), 3.4);
    expect(throughput.rate('capture')!.in).toBeGreaterThan(0);
  });
});

describe('delays', () => {
  const lag = (packets: number) => ({ lag: { packets, alerts: 0, connections: 0 } });

  test('are lag divided by records consumed, each of which holds many packets', () => {
    const throughput = new Throughput();
    run(throughput, 5, (i) => stats([{ stage: 'score', in: 5000 * i, out: 5000 * i }], { ...lag(40), partitions: [partition(0, 10 * i), partition(1, 10 * i)] }));
    expect(throughput.delay('packets')!.now).toBeCloseTo(0.2, 3); // 40 records at 200 records/s
    expect(throughput.delay('alerts')).toEqual({ now: 0, p50: 0, p99: 0 });
  });

  test('p50 and p99 cover the last minute', () => {
    const throughput = new Throughput();
    run(throughput, 30, (i) => stats([], { ...lag(9000), partitions: [partition(0, 10 * i)] }));
    run(throughput, 120, (i) => stats([], { ...lag(i % 100 < 5 ? 500 : 50), partitions: [partition(0, 3010 + 10 * i)] }), 30.1);
    const delay = throughput.delay('packets')!;
    expect(delay.p50).toBeCloseTo(0.5, 1);
    expect(delay.p99).toBeCloseTo(5, 0);
  });

  test('are infinite where records wait and none is consumed', () => {
    const throughput = new Throughput();
    run(throughput, 5, () => stats([], { ...lag(7), partitions: [partition(0, 10)] }));
    expect(throughput.delay('packets')).toEqual({ now: Infinity, p50: Infinity, p99: Infinity });
  });

  test('are 0 for a record that arrived just now', () => {
    const throughput = new Throughput();
    run(throughput, 30, (i) => stats([], { ...lag(i === 29 ? 1 : 0), partitions: [partition(0, 10)] }));
    expect(throughput.delay('packets')).toEqual({ now: 0, p50: 0, p99: 0 });
  });

  test('do not count a lane assigned meanwhile as consumed', () => {
    const throughput = new Throughput();
    run(throughput, 2, () => stats([], { ...lag(1), partitions: [partition(0, 10)] }));
    run(throughput, 2, () => stats([], { ...lag(1), partitions: [partition(0, 10), partition(1, 1e6)] }), 2.1);
    expect(throughput.delay('packets')!.now).toBe(Infinity);
  });
});
