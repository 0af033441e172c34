import { api, type Query } from './api';
import type { TableSource } from './live-table.svelte';
import type { Connection } from './types';

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

export function compareConnections(sort: string): (a: Connection, b: Connection) => number {
  const down = sort.startsWith('-') ? -1 : 1;
  const key = sort.replace('-', '');
  return (a, b) => down * (value(a, key) - value(b, key) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** Whether a connection of the socket fits the filters; without a phase the open ones are meant. */
export function acceptsConnection(c: Connection, query: Query): boolean {
  const phases = query.phase ? String(query.phase).split(',') : openPhases;
  if (!phases.includes('any') && !phases.includes(c.phase)) return false;
  if (query.ip && c.src_ip !== query.ip && c.dst_ip !== query.ip) return false;
  if (!query.q) return true;
  const text = `${c.src_ip} ${c.dst_ip} ${c.service ?? ''} ${c.server_name ?? ''} ${c.community_id ?? ''} ${c.id}`;
  return text.toLowerCase().includes(String(query.q).toLowerCase());
}

/** The record with the latest packet stands; of two at one instant, the one that came later. */
export function mergeConnection(known: Connection, next: Connection): Connection {
  return Date.parse(next.last_ts) >= Date.parse(known.last_ts) ? next : known;
}

export const connectionSource: TableSource<Connection> = {
  fetch: api.connections,
  accepts: acceptsConnection,
  compare: compareConnections,
  merge: mergeConnection,
};
