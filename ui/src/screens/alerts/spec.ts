import { live } from '../../lib/data/live.svelte';
import type { Alert } from '../../lib/data/types';
import { severities, triageName, triageStates } from '../../lib/format/names';
import type { ListSpec } from '../../lib/list/spec';
import { alertSource } from './source';

export const alertList: ListSpec<Alert> = {
  title: 'Alerts',
  path: '/alerts',
  source: alertSource,
  subscribe: (listener) => live.feed.alerts.subscribe((changed) => changed.forEach(listener)),
  columns: [
    { label: 'First packet', width: '116px', sort: 'ts' },
    { label: 'Severity', width: '92px', sort: 'severity' },
    { label: 'Score', width: '56px', sort: 'score', right: true },
    { label: 'Kind', width: 'minmax(92px, 132px)' },
    { label: 'What happened', width: 'minmax(0, 1fr)' },
    { label: 'Packets', width: '74px', sort: 'count', right: true },
    { label: 'State', width: '104px' },
  ],
  sorts: [
    { value: '-ts', label: 'Newest first' },
    { value: '-score', label: 'Highest score' },
    { value: '-severity', label: 'Most severe' },
    { value: '-count', label: 'Most packets' },
    { value: 'ts', label: 'Oldest first' },
  ],
  filters: [
    { name: 'severity', label: 'Severity', options: severities.map((value) => ({ value, label: value, token: `--${value}` })) },
    { name: 'state', label: 'Triage state', options: triageStates.map((value) => ({ value, label: triageName(value) })) },
  ],
  searchHint: 'Search: address, kind, text',
  rowHeight: 46,
  cardHeight: 84,
  texts: {
    count: (total, filtered) => `${total === 1 ? 'alert' : 'alerts'}${filtered ? (total === 1 ? ' matches' : ' match') : ''}`,
    empty: 'No alerts yet. An alert appears here as soon as the model scores traffic as anomalous.',
    noMatch: 'No alert matches these filters.',
    showAll: 'Show all alerts',
  },
};
