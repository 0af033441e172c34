import { describe, expect, test } from 'vitest';
import { ServerClock } from './clock';
import { Feed } from './feed';
import { alertOf } from './fixtures';
import { Sparklines } from './sparklines';
import type { Connection } from './types';

const message = (event: string, data: unknown, ts = '2026-01-29T12:00:00Z') => JSON.stringify({ event, ts, data });

describe('Feed', () => {
  test('dispatches each message by its event', () => {
    const feed = new Feed();
    const seen: string[] = [];
    feed.subscribeConnections((c) => seen.push(c.id));
    feed.accept(message('stats', { ts: '2026-01-29T12:00:00Z', packets_per_second: 5, bits_per_second: 80 }), 1);
    feed.accept(message('alert', alertOf('a')), 1);
    feed.accept(message('connection', { id: 'C1', orig_bytes: 1, resp_bytes: 1 }), 1);
    feed.accept(message('lost', { stats: 3, connection: 4 }), 1);
    expect([...feed.rates.view(1)]).toEqual([5]);
    expect(feed.alerts.get('a')).toBeDefined();
    expect(seen).toEqual(['C1']);
    expect(feed.lost).toBe(7);
    expect(feed.changed).toBe(true);
  });

  test('counts malformed messages and continues', () => {
    const feed = new Feed();
    for (const bad of ['', '{', 'null', '[]', '{"event":"stats"}', '{"event":"stats","data":null}', '{"event":7,"data":{}}']) feed.accept(bad, 1);
    expect(feed.malformed).toBe(7);
    expect(feed.received).toBe(7);
  });

  test('places scores between the previous batch and this one, whatever their event time', () => {
    const feed = new Feed();
    const samples = [0, 5, 10].map((s) => ({ ts: `2019-01-01T00:00:${String(s).padStart(2, '0')}Z`, score: s / 10 }));
    feed.accept(message('scores', { partition: 0, samples }, '2026-01-29T12:00:00.000Z'), 1);
    feed.accept(message('scores', { partition: 0, samples }, '2026-01-29T12:00:00.100Z'), 1.1);
    const end = Date.parse('2026-01-29T12:00:00.100Z') / 1000;
    expect(feed.dots.time(3)).toBeCloseTo(end - 0.1, 5);
    expect(feed.dots.time(4)).toBeCloseTo(end - 0.05, 5);
    expect(feed.dots.time(5)).toBeCloseTo(end, 5);
  });
});

describe('ServerClock', () => {
  test('smooths jitter and follows a jump', () => {
    const clock = new ServerClock();
    expect(clock.at(0)).toBeNaN();
    clock.observe(1000, 10);
    clock.observe(1000.1, 10.15);
    expect(Math.abs(clock.at(10.15) - 1000.15)).toBeLessThan(0.01);
    clock.observe(5000, 11);
    expect(clock.at(11)).toBe(5000);
  });
});

describe('Sparklines', () => {
  const conn = (bytes: number) => ({ id: 'C1', orig_bytes: bytes, resp_bytes: 0 }) as Connection;
  test('show growth, and zero after silence', () => {
    const sparklines = new Sparklines();
    sparklines.observe(conn(100), 1);
    expect(sparklines.points('C1', 1, 80, 18)).toBe('');
    sparklines.observe(conn(600), 2);
    sparklines.observe(conn(700), 3);
    const points = sparklines.points('C1', 5, 80, 18).split(' ');
    expect(points).toHaveLength(40);
    expect(points.slice(-4)).toEqual(['73.8,0.5', '75.9,14.1', '77.9,17.5', '80.0,17.5']);
    expect(sparklines.points('C1', 500, 80, 18)).toBe('');
    expect(sparklines.points('unknown', 5, 80, 18)).toBe('');
  });
});
