import { api } from './api';
import type { Machine } from './types';

/** The server's state machines, fetched once when a screen first needs one. */
class Machines {
  all = $state.raw<Machine[]>([]);
  #requested = false;

  load(): void {
    if (this.#requested) return;
    this.#requested = true;
    api
      .machines()
      .then((response) => (this.all = list(response)))
      .catch(() => (this.#requested = false));
  }
}

/** The response is an array or an object with `items`; anything else yields no diagram and no error. */
function list(response: unknown): Machine[] {
  const items = Array.isArray(response) ? response : ((response as { items?: unknown } | null)?.items ?? []);
  return Array.isArray(items) ? (items as Machine[]).filter((m) => Array.isArray(m?.states) && Array.isArray(m?.transitions)) : [];
}

export const machines = new Machines();
