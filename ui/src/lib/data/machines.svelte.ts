import { api } from './api';
import type { Machine } from './types';

/** The state machines that the server runs, fetched once when a screen first wants one. */
class Machines {
  all = $state.raw<Machine[]>([]);
  #asked = false;

  ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    api
      .machines()
      .then((answer) => (this.all = list(answer)))
      .catch(() => (this.#asked = false));
  }
}

/** The answer is a list, bare or as `items`; without machines there is no diagram, and no error either. */
function list(answer: unknown): Machine[] {
  const items = Array.isArray(answer) ? answer : ((answer as { items?: unknown } | null)?.items ?? []);
  return Array.isArray(items) ? (items as Machine[]).filter((m) => Array.isArray(m?.states) && Array.isArray(m?.transitions)) : [];
}

export const machines = new Machines();
