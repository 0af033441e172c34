import { triageWord } from '../format/words';
import { notices } from '../ui/notices.svelte';
import { api } from './api';
import type { AlertBook } from './alerts';
import type { Alert, TriageState } from './types';

/** The state that a key asks for; the same key again takes it back. */
export function toggled(alert: Alert, state: TriageState): TriageState {
  return (alert.state ?? 'new') === state ? 'new' : state;
}

/**
 * Sets an alert's triage state: shown at once through `show`, taken back if the server
 * refuses. The book learns of it, so that all screens agree.
 */
export async function triage(book: AlertBook, alert: Alert, state: TriageState, show: (alert: Alert) => void, note?: string): Promise<boolean> {
  const next: Alert = { ...alert, state, note: note ?? alert.note };
  show(next);
  try {
    await api.triage(alert.id, state, note);
  } catch (error) {
    show(alert);
    notices.say(`Could not be saved: ${error instanceof Error ? error.message : String(error)}`, true);
    return false;
  }
  const known = book.get(alert.id);
  if (known) book.merge([{ ...known, state, note: next.note }]);
  notices.say(`${triageWord(state)}: ${alert.src_ip} to ${alert.dst_ip}`);
  return true;
}
