import { triageName } from '../format/names';
import { notices } from '../ui/notices.svelte';
import { api } from './api';
import type { AlertCache } from './alert-cache';
import type { Alert, TriageState } from './types';

/** The state after a key press: pressing the key of the current state resets it. */
export function toggled(alert: Alert, state: TriageState): TriageState {
  return (alert.state ?? 'new') === state ? 'new' : state;
}

/**
 * Sets an alert's triage state. The change is shown at once through `show` and reverted if
 * the server rejects it. Reports whether it was saved.
 */
export async function triage(cache: AlertCache, alert: Alert, state: TriageState, show: (alert: Alert) => void, note?: string): Promise<boolean> {
  const set = ({ id, state = 'new', note = '' }: Alert): void => {
    show({ ...alert, state, note });
    const known = cache.get(id);
    if (known) cache.merge([{ ...known, state, note }]);
  };
  // Before the response: a late response must not overwrite a later change.
  set({ ...alert, state, note: note ?? alert.note });
  try {
    await api.triage(alert.id, state, note);
  } catch (error) {
    set(alert);
    notices.show(`Not saved: ${error instanceof Error ? error.message : String(error)}`, true);
    return false;
  }
  notices.show(`${triageName(state)}: ${alert.src_ip} → ${alert.dst_ip}`);
  return true;
}
