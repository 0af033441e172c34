import { api } from '../../lib/data/api';
import { live } from '../../lib/data/live.svelte';
import type { Connection } from '../../lib/data/types';
import type { ListSpec } from '../../lib/list/spec';
import { connectionSource } from './source';

const phases = ['new', 'active', 'idle', 'closed', 'expired'];

export const connectionList: ListSpec<Connection> = {
  title: 'Connections',
  path: '/connections',
  source: connectionSource,
  subscribe: (listener) => live.feed.subscribeConnections(listener),
  fetchOne: (id) => api.connection(id),
  reloadAfterLoss: true,
  columns: [
    { label: 'First packet', width: '88px', sort: 'ts', from: 'compact' },
    { label: 'Originator', width: 'minmax(110px, 1fr)' },
    { label: 'Responder', width: 'minmax(110px, 1fr)' },
    { label: 'Protocol', width: '74px' },
    { label: 'State', width: 'minmax(150px, 1.4fr)' },
    { label: 'Sent', width: '68px', right: true },
    { label: 'Received', width: '74px', sort: 'bytes', right: true },
    { label: 'Duration', width: '88px', sort: 'duration', right: true, from: 'compact' },
    { label: 'Last 40 s', width: '80px', from: 'full' },
  ],
  sorts: [
    { value: '-ts', label: 'Newest first' },
    { value: '-bytes', label: 'Most bytes' },
    { value: '-duration', label: 'Longest' },
    { value: 'ts', label: 'Oldest first' },
  ],
  filters: [{ name: 'phase', label: 'Phase', options: phases.map((value) => ({ value, label: value })) }],
  searchHint: 'Search: address, service, server name',
  rowHeight: 32,
  cardHeight: 78,
  texts: {
    count: (total, filtered) => `${filtered ? '' : 'open '}${total === 1 ? 'connection' : 'connections'}${filtered ? (total === 1 ? ' matches' : ' match') : ''}`,
    empty: 'No open connections. A connection appears here with its first packet.',
    noMatch: 'No connection matches these filters.',
    showAll: 'Show all open connections',
  },
};
