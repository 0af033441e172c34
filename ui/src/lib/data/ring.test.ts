import { describe, expect, test } from 'vitest';
import { DotRing, SeriesRing } from './ring';

describe('SeriesRing', () => {
  test('returns the newest rows in order, before and after wrapping', () => {
    const ring = new SeriesRing(2, 4);
    for (let t = 1; t <= 3; t++) ring.push([t, t * 10]);
    expect([...ring.view(0)]).toEqual([1, 2, 3]);
    for (let t = 4; t <= 11; t++) ring.push([t, t * 10]);
    expect(ring.length).toBe(4);
    expect([...ring.view(0)]).toEqual([8, 9, 10, 11]);
    expect([...ring.view(1, 2)]).toEqual([100, 110]);
    expect(ring.newest(1)).toBe(110);
  });

  test('discards rows that are not later than the newest', () => {
    const ring = new SeriesRing(2, 4);
    expect(ring.push([5, 1])).toBe(true);
    expect(ring.push([5, 2])).toBe(false);
    expect(ring.push([4, 3])).toBe(false);
    expect(ring.push([NaN, 3])).toBe(false);
    expect([...ring.view(1)]).toEqual([1]);
  });

  test('counts the rows since a time', () => {
    const ring = new SeriesRing(1, 5);
    for (const t of [1, 2, 3, 4, 5, 6, 7]) ring.push([t]);
    expect([0, 3, 3.5, 7, 8].map((t) => ring.countSince(t))).toEqual([5, 5, 4, 1, 0]);
  });

  test('is empty after clear', () => {
    const ring = new SeriesRing(1, 2);
    ring.push([1]);
    ring.clear();
    expect(ring.length).toBe(0);
    expect(ring.newest(0)).toBeNaN();
    expect(ring.push([0.5])).toBe(true);
  });
});

describe('DotRing', () => {
  test('keeps the newest dots under increasing sequence numbers', () => {
    const ring = new DotRing(4);
    for (let i = 0; i < 10; i++) ring.push(i, i / 10);
    expect([ring.start, ring.end]).toEqual([6, 10]);
    expect(ring.time(6)).toBe(6);
    expect(ring.score(9)).toBeCloseTo(0.9);
  });

  test('rejects a capacity that is not a power of two', () => {
    expect(() => new DotRing(6)).toThrow(RangeError);
  });
});
