import { describe, expect, test, vi } from 'vitest';
import { acceptsAlert, compareAlerts } from '../../screens/alerts/source';
import { mergeAlert } from '../data/alert-cache';
import type { Query } from '../data/api';
import { alertOf, pageOf } from '../data/fixtures';
import { LiveTable } from './live-table.svelte';
import type { Alert } from '../data/types';

const minute = (m: number) => `2026-01-29T12:${String(m).padStart(2, '0')}:00Z`;

function table(alerts: Alert[]) {
  const fetch = vi.fn((query: Query) => Promise.resolve(pageOf(alerts.toSorted(compareAlerts(String(query.sort))), 4, query.cursor)));
  return { fetch, table: new LiveTable<Alert>({ fetch, accepts: acceptsAlert, compare: compareAlerts, merge: mergeAlert }) };
}

describe('LiveTable', () => {
  const alerts = Array.from({ length: 10 }, (_, i) => alertOf(`a${i}`, { ts: minute(i) }));

  test('fetches page by page and stops at the end', async () => {
    const { table: t, fetch } = table(alerts);
    await t.load({ sort: '-ts' });
    await t.more();
    await t.more();
    await t.more();
    expect(t.rows.map((r) => r.id)).toEqual(['a9', 'a8', 'a7', 'a6', 'a5', 'a4', 'a3', 'a2', 'a1', 'a0']);
    expect(fetch).toHaveBeenCalledTimes(3);
    expect(t.total).toBe(10);
  });

  test('inserts each row from the socket once, in sort order', async () => {
    const { table: t } = table(alerts);
    await t.load({ sort: '-ts' });
    t.offer(alertOf('new', { ts: minute(30) }));
    t.offer(alertOf('new', { ts: minute(30), count: 3 }));
    t.offer(alertOf('a8', { ts: minute(8), count: 9 }));
    t.settle();
    expect(t.rows.map((r) => `${r.id}:${r.count}`)).toEqual(['new:3', 'a9:1', 'a8:9', 'a7:1', 'a6:1']);
  });

  test('ignores rows that sort after the loaded pages', async () => {
    const { table: t } = table(alerts);
    await t.load({ sort: '-ts' });
    t.offer(alertOf('a2', { ts: minute(2), count: 5 }));
    t.settle();
    expect(t.rows.some((r) => r.id === 'a2')).toBe(false);
  });

  test('removes a row that no longer matches the filter', async () => {
    const { table: t } = table(alerts);
    await t.load({ sort: '-ts', severity: 'high,critical' });
    t.offer(alertOf('low', { ts: minute(40), severity: 'low' }));
    t.offer(alertOf('a9', { ts: minute(9), severity: 'low', count: 2 }));
    t.settle();
    expect(t.rows.map((r) => r.id)).toEqual(['a8', 'a7', 'a6']);
  });

  test('ignores the response to an outdated request', async () => {
    const answers: ((rows: Alert[]) => void)[] = [];
    const t = new LiveTable<Alert>({
      fetch: () => new Promise((resolve) => answers.push((rows) => resolve(pageOf(rows, 4, 0)))),
      accepts: acceptsAlert,
      compare: compareAlerts,
      merge: mergeAlert,
    });
    const first = t.load({ sort: '-ts' });
    const second = t.load({ sort: 'ts' });
    answers[1]!([alertOf('second')]);
    answers[0]!([alertOf('first')]);
    await Promise.all([first, second]);
    expect(t.rows.map((r) => r.id)).toEqual(['second']);
    expect(t.loading).toBe(false);
  });

  test('reports a load error, and recovers', async () => {
    const { table: t, fetch } = table(alerts);
    fetch.mockRejectedValueOnce(new Error('sort: unknown field x'));
    await t.load({ sort: '-ts' });
    expect(t.error).toBe('sort: unknown field x');
    await t.load({ sort: '-ts' });
    expect(t.error).toBe('');
    expect(t.rows).toHaveLength(4);
  });
});

test('client-side filters agree with the server', () => {
  const alert = alertOf('a', { severity: 'high', state: 'ack', summary: 'Ten SYNs', kind: 'port_scan' });
  const matches = (query: Query) => acceptsAlert(alert, query);
  expect([matches({}), matches({ severity: 'low,high' }), matches({ state: 'ack' }), matches({ ip: '10.0.0.9' }), matches({ q: 'syn' })]).toEqual([true, true, true, true, true]);
  expect([matches({ severity: 'low' }), matches({ state: 'new' }), matches({ ip: '10.0.0.1' }), matches({ q: 'nothing' })]).toEqual([false, false, false, false]);
});
