import { describe, expect, test, vi } from 'vitest';
import { AlertCache, mergeAlert } from './alert-cache';
import { CatchUp, type FetchAlerts } from './catchup';
import { alertOf, pageOf } from './fixtures';
import type { Alert } from './types';

describe('mergeAlert', () => {
  test('prefers the higher count, then the later time', () => {
    const grown = alertOf('a', { count: 5 });
    expect(mergeAlert(grown, alertOf('a', { count: 4, last_ts: '2026-01-29T13:00:00Z' }))).toBe(grown);
    const later = alertOf('a', { count: 5, last_ts: '2026-01-29T12:00:02Z' });
    expect(mergeAlert(grown, later)).toMatchObject({ last_ts: later.last_ts });
    // Fractional seconds of different length do not compare as text.
    const exact = alertOf('a', { count: 5, last_ts: '2026-01-29T12:00:02.5Z' });
    expect(mergeAlert(exact, later)).toBe(exact);
  });

  test('keeps the triage state that a socket record does not carry', () => {
    const known = alertOf('a', { state: 'ack', note: 'ours' });
    expect(mergeAlert(known, alertOf('a', { count: 9 }))).toMatchObject({ count: 9, state: 'ack', note: 'ours' });
    expect(mergeAlert(known, alertOf('a', { count: 9, state: 'new' })).state).toBe('new');
  });
});

describe('AlertCache', () => {
  test('holds each episode once, in order of arrival, newest first', () => {
    const cache = new AlertCache();
    cache.merge([alertOf('a'), alertOf('b')]);
    cache.merge([alertOf('a', { count: 7 }), alertOf('c')]);
    expect(cache.newest(10).map((a) => `${a.id}${a.count}`)).toEqual(['c1', 'b1', 'a7']);
    expect(cache.received).toBe(3);
  });

  test('notifies listeners only of changes', () => {
    const cache = new AlertCache();
    const listener = vi.fn();
    const stop = cache.subscribe(listener);
    cache.merge([alertOf('a')]);
    cache.merge([alertOf('a', { count: 0 })]);
    expect(listener).toHaveBeenCalledTimes(1);
    stop();
    cache.merge([alertOf('b')]);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test('evicts the oldest episodes beyond its capacity', () => {
    const cache = new AlertCache(3);
    for (let i = 0; i < 10; i++) cache.merge([alertOf(`a${i}`)]);
    expect(cache.size).toBe(3);
    expect(cache.newest(9).map((a) => a.id)).toEqual(['a9', 'a8', 'a7']);
  });
});

describe('CatchUp', () => {
  /** A server with the given alerts, sorted and paged like the real one. */
  function server(alerts: Alert[]): FetchAlerts {
    return (query) => {
      const found = alerts.toSorted((a, b) => Date.parse(b.last_ts) - Date.parse(a.last_ts));
      return Promise.resolve(pageOf(found, Math.min(Number(query.limit ?? 50), 3), query.cursor));
    };
  }
  const at = (minute: number) => `2026-01-29T12:${String(minute).padStart(2, '0')}:00Z`;

  test('finds all missed alerts over several pages, each once', async () => {
    const alerts = [0, 1, 2].map((i) => alertOf(`old${i}`, { last_ts: at(i) }));
    const cache = new AlertCache();
    const catchUp = new CatchUp(cache, server(alerts));
    await catchUp.run();
    expect(cache.size).toBe(3);
    for (let i = 0; i < 10; i++) alerts.push(alertOf(`new${i}`, { last_ts: at(10 + i) }));
    cache.merge([alerts[5]!]); // also received over the socket meanwhile
    expect(await catchUp.run()).toBe(9);
    expect(cache.size).toBe(13);
    expect(new Set(cache.newest(99).map((a) => a.id)).size).toBe(13);
    expect(await catchUp.run()).toBe(0);
  });

  test('updates a known episode that grew', async () => {
    const alerts = [alertOf('a', { last_ts: at(1) }), alertOf('b', { last_ts: at(9) })];
    const cache = new AlertCache();
    const catchUp = new CatchUp(cache, server(alerts));
    await catchUp.run();
    alerts[0] = alertOf('a', { last_ts: at(20), count: 50 });
    await catchUp.run();
    expect(cache.get('a')?.count).toBe(50);
  });

  test('does not treat older, never fetched alerts as new', async () => {
    const alerts = Array.from({ length: 8 }, (_, i) => alertOf(`a${i}`, { last_ts: at(i) }));
    const cache = new AlertCache();
    const catchUp = new CatchUp(cache, server(alerts));
    await catchUp.run();
    expect(cache.newest(9).map((a) => a.id)).toEqual(['a7', 'a6', 'a5']);
    alerts.push(alertOf('new', { last_ts: at(8) }));
    await catchUp.run();
    expect(cache.newest(5).map((a) => a.id)).toEqual(['new', 'a7', 'a6', 'a5', 'a4']);
  });

  test('finds alerts whose event time is before all known ones', async () => {
    const alerts = [0, 1, 2].map((i) => alertOf(`a${i}`, { last_ts: at(30 + i) }));
    const cache = new AlertCache();
    const catchUp = new CatchUp(cache, server(alerts));
    await catchUp.run();
    alerts.push(alertOf('replayed', { ts: '2019-01-01T00:00:00Z', last_ts: '2019-01-01T00:00:01Z' }));
    await catchUp.run();
    expect(cache.newest(1)[0]?.id).toBe('replayed');
  });
});
