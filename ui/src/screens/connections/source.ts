import { api, type Query } from '../../lib/data/api';
import type { Connection } from '../../lib/data/types';
import type { TableSource } from '../../lib/list/live-table.svelte';

export const openPhases: readonly string[] = ['new', 'active', 'idle'];

function value(c: Connection, key: string): number {
  switch (key) {
    case 'bytes':
      return c.orig_bytes + c.resp_bytes;
    case 'duration':
      return c.duration;
    case 'last_ts':
      return Date.parse(c.last_ts);
    default:
      return Date.parse(c.ts);
  }
}

/** The server's order for `sort`; ties are broken by id. */
export function compareConnections(sort: string): (a: Connection, b: Connection) => number {
  const down = sort.startsWith('-') ? -1 : 1;
  const key = sort.replace('-', '');
  return (a, b) => down * (value(a, key) - value(b, key) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** Reports whether a connection received over the socket matches the filters; without a phase, only open ones do. */
export function acceptsConnection(c: Connection, query: Query): boolean {
  const phases = query.phase ? String(query.phase).split(',') : openPhases;
  if (!phases.includes('any') && !phases.includes(c.phase)) return false;
  if (query.ip && c.src_ip !== query.ip && c.dst_ip !== query.ip) return false;
  if (!query.q) return true;
  const text = `${c.src_ip} ${c.dst_ip} ${c.service ?? ''} ${c.server_name ?? ''} ${c.community_id ?? ''} ${c.id}`;
  return text.toLowerCase().includes(String(query.q).toLowerCase());
}

/** The record with the later packet wins; of two with the same time, the one received later. */
export function mergeConnection(known: Connection, next: Connection): Connection {
  return Date.parse(next.last_ts) >= Date.parse(known.last_ts) ? next : known;
}

export const connectionSource: TableSource<Connection> = {
  fetch: api.connections,
  accepts: acceptsConnection,
  compare: compareConnections,
  merge: mergeConnection,
};
