import type { Alert, Page } from './types';

/** An alert for tests. */
export function alertOf(id: string, changes: Partial<Alert> = {}): Alert {
  return {
    id,
    ts: '2026-01-29T12:00:00Z',
    last_ts: '2026-01-29T12:00:01Z',
    src_ip: '10.0.0.7',
    dst_ip: '10.0.0.9',
    src_port: 40000,
    dst_port: 22,
    proto: 'TCP',
    score: 0.9,
    threshold: 0.8,
    severity: 'high',
    count: 1,
    kind: 'port_scan',
    scale: 'host',
    summary: '10.0.0.7 scans 10.0.0.9',
    features: { entropy: 0, packet_rate: 1, byte_rate: 1 },
    reasons: [],
    ...changes,
  };
}

/** A page of a list; the cursor is the index of the next item. */
export function pageOf<T>(items: T[], limit: number, cursor: string | number | undefined): Page<T> {
  const from = Number(cursor ?? 0);
  const end = from + limit;
  return { items: items.slice(from, end), total: items.length, page: 1, limit, next_cursor: end < items.length ? String(end) : '' };
}
