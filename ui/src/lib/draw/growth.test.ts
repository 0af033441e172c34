import { describe, expect, test } from 'vitest';
import { growth } from './growth';

const at = (second: number, value: number) => ({ ts: new Date(Date.UTC(2026, 0, 29, 12, 0, second)).toISOString(), value });
const places = (points: string) => points.split(' ').map((p) => p.split(',').map(Number) as [number, number]);

describe('growth', () => {
  test('times and values are to scale, with the limit between them', () => {
    const g = growth({ series: [at(0, 3), at(30, 6), at(40, 12)], value: 12, limit: 9 }, 106, 46);
    expect(places(g.points)).toEqual([
      [3, 33],
      [78, 23],
      [103, 3],
    ]);
    expect(g.limit).toBe(13);
    expect(g.end).toEqual({ x: 103, y: 3 });
  });

  test('a wide range is logarithmic', () => {
    const g = growth({ series: [at(0, 1), at(10, 1000)], value: 1000, limit: 10 }, 106, 36);
    expect(g.limit).toBe(23);
  });

  test('one value, no value and equal times stay inside the box', () => {
    for (const series of [[at(0, 12)], [], null, [at(0, 9), at(0, 12)], [at(0, 0), at(1, 0)]]) {
      const g = growth({ series, value: 12, limit: series?.[1]?.value === 0 ? 0 : 9 }, 100, 40);
      for (const [x, y] of [...places(g.points), [3, g.limit] as [number, number]]) {
        expect(x).toBeGreaterThanOrEqual(3);
        expect(x).toBeLessThanOrEqual(97);
        expect(y).toBeGreaterThanOrEqual(3);
        expect(y).toBeLessThanOrEqual(37);
      }
    }
  });
});
