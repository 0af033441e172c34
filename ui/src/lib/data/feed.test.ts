import { describe, expect, test } from 'vitest';
import { ServerClock } from './clock';
import { Feed } from './feed';
import { alertOf } from './fixtures';
import { Pulses } from './pulse';
import type { Connection } from './types';

const message = (event: string, data: unknown, ts = '2026-01-29T12:00:00Z') => JSON.stringify({ event, ts, data });

describe('Feed', () => {
  test('puts each message where it belongs', () => {
    const feed = new Feed();
    const seen: string[] = [];
    feed.listenConnections((c) => seen.push(c.id));
    feed.accept(message('stats', { ts: '2026-01-29T12:00:00Z', packets_per_second: 5, bits_per_second: 80 }), 1);
    feed.accept(message('alert', alertOf('a')), 1);
    feed.accept(message('connection', { id: 'C1', orig_bytes: 1, resp_bytes: 1 }), 1);
    feed.accept(message('lost', { stats: 3, connection: 4 }), 1);
    expect([...feed.rates.view(1)]).toEqual([5]);
    expect(feed.book.has('a')).toBe(true);
    expect(seen).toEqual(['C1']);
    expect(feed.lost).toBe(7);
    expect(feed.changed).toBe(true);
  });

  test('counts what it cannot read and goes on', () => {
    const feed = new Feed();
    for (const bad of ['', '{', 'null', '[]', '{"event":"stats"}', '{"event":"stats","data":null}', '{"event":7,"data":{}}']) feed.accept(bad, 1);
    expect(feed.unreadable).toBe(7);
    expect(feed.received).toBe(7);
  });

  test('places scores between the batch before and this one, whatever their event time', () => {
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
  test('evens out jitter and follows a jump', () => {
    const clock = new ServerClock();
    expect(clock.at(0)).toBeNaN();
    clock.observe(1000, 10);
    clock.observe(1000.1, 10.15);
    expect(Math.abs(clock.at(10.15) - 1000.15)).toBeLessThan(0.01);
    clock.observe(5000, 11);
    expect(clock.at(11)).toBe(5000);
  });
});

describe('Pulses', () => {
  const conn = (bytes: number) => ({ id: 'C1', orig_bytes: bytes, resp_bytes: 0 }) as Connection;
  test('draws growth, and a flat end after silence', () => {
    const pulses = new Pulses();
    pulses.observe(conn(100), 1);
    expect(pulses.line('C1', 1, 80, 18)).toBe('');
    pulses.observe(conn(600), 2);
    pulses.observe(conn(700), 3);
    const points = pulses.line('C1', 5, 80, 18).split(' ');
    expect(points).toHaveLength(40);
    expect(points.slice(-4)).toEqual(['73.8,0.5', '75.9,14.1', '77.9,17.5', '80.0,17.5']);
    expect(pulses.line('C1', 500, 80, 18)).toBe('');
    expect(pulses.line('unknown', 5, 80, 18)).toBe('');
  });
});
