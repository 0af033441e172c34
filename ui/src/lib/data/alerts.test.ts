import { describe, expect, test, vi } from 'vitest';
import { AlertBook, mergeAlert } from './alerts';
import { CatchUp, type FetchAlerts } from './catchup';
import { alertOf, pageOf } from './fixtures';
import type { Alert } from './types';

describe('mergeAlert', () => {
  test('the higher count stands, then the later time', () => {
    const grown = alertOf('a', { count: 5 });
    expect(mergeAlert(grown, alertOf('a', { count: 4, last_ts: '2026-01-29T13:00:00Z' }))).toBe(grown);
    const later = alertOf('a', { count: 5, last_ts: '2026-01-29T12:00:02Z' });
    expect(mergeAlert(grown, later)).toMatchObject({ last_ts: later.last_ts });
    // Fractions of different length do not compare as text.
    const exact = alertOf('a', { count: 5, last_ts: '2026-01-29T12:00:02.5Z' });
    expect(mergeAlert(exact, later)).toBe(exact);
  });

  test('keeps what people said when the socket is silent about it', () => {
    const known = alertOf('a', { state: 'ack', note: 'ours' });
    expect(mergeAlert(known, alertOf('a', { count: 9 }))).toMatchObject({ count: 9, state: 'ack', note: 'ours' });
    expect(mergeAlert(known, alertOf('a', { count: 9, state: 'new' })).state).toBe('new');
  });
});

describe('AlertBook', () => {
  test('holds each episode once, in order of arrival, newest first', () => {
    const book = new AlertBook();
    book.merge([alertOf('a'), alertOf('b')]);
    book.merge([alertOf('a', { count: 7 }), alertOf('c')]);
    expect(book.newest(10).map((a) => `${a.id}${a.count}`)).toEqual(['c1', 'b1', 'a7']);
    expect(book.heard).toBe(3);
  });

  test('tells its listeners of changes only', () => {
    const book = new AlertBook();
    const listener = vi.fn();
    const stop = book.listen(listener);
    book.merge([alertOf('a')]);
    book.merge([alertOf('a', { count: 0 })]);
    expect(listener).toHaveBeenCalledTimes(1);
    stop();
    book.merge([alertOf('b')]);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test('is bounded', () => {
    const book = new AlertBook(3);
    for (let i = 0; i < 10; i++) book.merge([alertOf(`a${i}`)]);
    expect(book.size).toBe(3);
    expect(book.newest(9).map((a) => a.id)).toEqual(['a9', 'a8', 'a7']);
  });
});

describe('CatchUp', () => {
  /** A server with the given alerts, which it sorts and cuts as the real one does. */
  function server(alerts: Alert[]): FetchAlerts {
    return (query) => {
      const found = alerts.toSorted((a, b) => Date.parse(b.last_ts) - Date.parse(a.last_ts));
      return Promise.resolve(pageOf(found, Math.min(Number(query.limit ?? 50), 3), query.cursor));
    };
  }
  const at = (minute: number) => `2026-01-29T12:${String(minute).padStart(2, '0')}:00Z`;

  test('finds all that was missed, over several pages, and nothing twice', async () => {
    const alerts = [0, 1, 2].map((i) => alertOf(`old${i}`, { last_ts: at(i) }));
    const book = new AlertBook();
    const catchUp = new CatchUp(book, server(alerts));
    await catchUp.run();
    expect(book.size).toBe(3);
    for (let i = 0; i < 10; i++) alerts.push(alertOf(`new${i}`, { last_ts: at(10 + i) }));
    book.merge([alerts[5]!]); // one came by the socket while this one was under way
    expect(await catchUp.run()).toBe(9);
    expect(book.size).toBe(13);
    expect(new Set(book.newest(99).map((a) => a.id)).size).toBe(13);
    expect(await catchUp.run()).toBe(0);
  });

  test('learns that a known episode grew', async () => {
    const alerts = [alertOf('a', { last_ts: at(1) }), alertOf('b', { last_ts: at(9) })];
    const book = new AlertBook();
    const catchUp = new CatchUp(book, server(alerts));
    await catchUp.run();
    alerts[0] = alertOf('a', { last_ts: at(20), count: 50 });
    await catchUp.run();
    expect(book.get('a')?.count).toBe(50);
  });

  test('what was there before and never read does not pass for new', async () => {
    const alerts = Array.from({ length: 8 }, (_, i) => alertOf(`a${i}`, { last_ts: at(i) }));
    const book = new AlertBook();
    const catchUp = new CatchUp(book, server(alerts));
    await catchUp.run();
    expect(book.newest(9).map((a) => a.id)).toEqual(['a7', 'a6', 'a5']);
    alerts.push(alertOf('new', { last_ts: at(8) }));
    await catchUp.run();
    expect(book.newest(5).map((a) => a.id)).toEqual(['new', 'a7', 'a6', 'a5', 'a4']);
  });

  test('finds alerts whose event time is older than all that is known', async () => {
    const alerts = [0, 1, 2].map((i) => alertOf(`a${i}`, { last_ts: at(30 + i) }));
    const book = new AlertBook();
    const catchUp = new CatchUp(book, server(alerts));
    await catchUp.run();
    alerts.push(alertOf('replayed', { ts: '2019-01-01T00:00:00Z', last_ts: '2019-01-01T00:00:01Z' }));
    await catchUp.run();
    expect(book.newest(1)[0]?.id).toBe('replayed');
  });
});
