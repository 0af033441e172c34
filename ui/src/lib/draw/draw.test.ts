import { describe, expect, test } from 'vitest';
import type { Machine } from '../data/types';
import { edgePath, layers } from './layers';
import { ease, maximum, niceCeiling } from './scale';
import { typicalScale } from './typical';

test.each([
  [0, 1],
  [NaN, 1],
  [0.3, 0.5],
  [1, 1],
  [1.1, 2],
  [4200, 5000],
  [10_000, 10_000],
  [99, 100],
])('the nice ceiling of %d is %d', (value, ceiling) => expect(niceCeiling(value)).toBeCloseTo(ceiling));

test('ease reaches its goal and does not depend on the frame rate', () => {
  expect(ease(0, 100, 90)).toBeCloseTo(50);
  expect(ease(ease(0, 100, 45), 100, 45)).toBeCloseTo(50);
  expect(ease(99.95, 100, 1)).toBe(100);
  expect(ease(NaN, 5, 1)).toBe(5);
});

test('the maximum of no values is 0', () => {
  expect(maximum(new Float64Array())).toBe(0);
  expect(maximum(new Float64Array([1, 7, 3]))).toBe(7);
});

describe('typicalScale', () => {
  test.each([
    [380, [1, 3]],
    [0.2, [5, 5000]],
    [7.8, [3, 6]],
    [0, [2, 9]],
    [-4, [-1, 3]],
    [5, [5, 5]],
  ] as [number, [number, number]][])('%d and %j are on the scale, in order', (value, typical) => {
    const s = typicalScale(value, typical);
    for (const x of [s.low, s.high, s.value]) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(1);
    }
    expect(s.low).toBeLessThanOrEqual(s.high);
    if (value > typical[1]) expect(s.value).toBeGreaterThan(s.high);
    if (value < typical[0]) expect(s.value).toBeLessThan(s.low);
  });
});

describe('layers', () => {
  const machine: Machine = {
    name: 'm',
    states: ['a', 'b', 'c', 'end'],
    initial: 'a',
    terminal: ['end'],
    transitions: [
      { from: 'a', event: 'x', to: 'b' },
      { from: 'a', event: 'y', to: 'b' },
      { from: 'b', event: 'x', to: 'c' },
      { from: 'c', event: 'x', to: 'a' },
      { from: 'a', event: 'z', to: 'end' },
      { from: 'b', event: 'same', to: 'b' },
      { from: 'b', event: 'x', to: 'unknown' },
    ],
  };
  test('columns are distances from the initial state, terminal states are last, parallel edges are joined', () => {
    const d = layers(machine);
    expect(d.nodes.map((n) => [n.name, n.x])).toEqual([['a', 0], ['b', 1], ['c', 2], ['end', 3]]);
    expect(d.edges.map((e) => `${e.from.name}${e.to.name}:${e.events.join('+')}`)).toEqual(['ab:x+y', 'bc:x', 'ca:x', 'aend:z']);
    expect(d.columns).toBe(4);
  });
  test('paths contain only numbers', () => {
    const d = layers(machine);
    for (const edge of d.edges) expect(edgePath(edge, d.rows, { width: 100, height: 50, box: { width: 70, height: 20 } })).not.toMatch(/NaN|undefined/);
  });
});
