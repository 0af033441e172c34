import { mergeAlert } from '../../lib/data/alert-cache';
import { api, type Query } from '../../lib/data/api';
import type { Alert, Severity } from '../../lib/data/types';
import type { TableSource } from '../../lib/list/live-table.svelte';

const grades: Record<Severity, number> = { low: 0, medium: 1, high: 2, critical: 3 };

function value(alert: Alert, key: string): number {
  switch (key) {
    case 'score':
      return alert.score;
    case 'count':
      return alert.count;
    case 'severity':
      return grades[alert.severity] ?? -1;
    case 'last_ts':
      return Date.parse(alert.last_ts);
    default:
      return Date.parse(alert.ts);
  }
}

/** The server's order for `sort`; ties are broken by id. */
export function compareAlerts(sort: string): (a: Alert, b: Alert) => number {
  const down = sort.startsWith('-') ? -1 : 1;
  const key = sort.replace('-', '');
  return (a, b) => down * (value(a, key) - value(b, key) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function oneOf(value: string, list: Query[string]): boolean {
  return list === undefined || list === '' || String(list).split(',').includes(value);
}

/** Reports whether an alert received over the socket matches the filters. */
export function acceptsAlert(alert: Alert, query: Query): boolean {
  if (!oneOf(alert.severity, query.severity) || !oneOf(alert.state ?? 'new', query.state)) return false;
  // A network prefix matches only on the server, when the list is loaded again.
  if (query.ip && alert.src_ip !== query.ip && alert.dst_ip !== query.ip) return false;
  if (!query.q) return true;
  const text = `${alert.summary} ${alert.kind} ${alert.src_ip} ${alert.dst_ip} ${alert.technique ?? ''} ${alert.id}`.toLowerCase();
  return text.includes(String(query.q).toLowerCase());
}

export const alertSource: TableSource<Alert> = { fetch: api.alerts, accepts: acceptsAlert, compare: compareAlerts, merge: mergeAlert };
