import { link } from '../router/base';
import type { Health, Ledger } from './ledger';
import type { Alert, AlertDetail, Config, Connection, Page, Stats, TriageState } from './types';

/** What the server answered in place of data (RFC 9457), or that it did not answer. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

async function ask(path: string, init?: RequestInit): Promise<{ response: Response; body: unknown }> {
  let response: Response;
  try {
    response = await fetch(link(`/api/v1${path}`), init);
  } catch (cause) {
    if (init?.signal?.aborted) throw cause;
    throw new ApiError('NetLyra does not answer. Is it running?', 0);
  }
  return { response, body: await response.json().catch(() => null) };
}

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const { response, body } = await ask(path, init);
  if (!response.ok) throw new ApiError(problem(body) ?? `the server answered ${response.status}`, response.status);
  return body as T;
}

/** 503 is an answer here: the pipeline cannot do its work, and the body says why. */
async function health(signal?: AbortSignal): Promise<Health> {
  const { response, body } = await ask('/health', { signal });
  const said = body as Partial<Health> | null;
  if (!said?.components) throw new ApiError(problem(body) ?? `the server answered ${response.status}`, response.status);
  return { status: said.status ?? '', components: said.components, ready: response.ok };
}

function problem(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { title, detail, errors } = body as { title?: string; detail?: string; errors?: { field?: string; detail?: string; message?: string }[] };
  const first = errors?.[0];
  if (first) return [first.field, first.detail ?? first.message].filter(Boolean).join(': ');
  return detail ?? title;
}

export type Query = Record<string, string | number | undefined>;

/** A query string of the set parameters, with its question mark, or "". */
export function queryString(query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined && value !== '') params.set(key, String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

export const api = {
  config: (signal?: AbortSignal) => call<Config>('/config', { signal }),
  stats: (signal?: AbortSignal) => call<Stats>('/stats', { signal }),
  alerts: (query: Query, signal?: AbortSignal) => call<Page<Alert>>(`/alerts${queryString(query)}`, { signal }),
  alert: (id: string, signal?: AbortSignal) => call<AlertDetail>(`/alerts/${encodeURIComponent(id)}`, { signal }),
  connections: (query: Query, signal?: AbortSignal) => call<Page<Connection>>(`/connections${queryString(query)}`, { signal }),
  connection: (id: string, signal?: AbortSignal) => call<Connection>(`/connections/${encodeURIComponent(id)}`, { signal }),
  health,
  ledger: (signal?: AbortSignal) => call<Ledger>('/ledger', { signal }),
  machines: (signal?: AbortSignal) => call<unknown>('/machines', { signal }),
  triage: (id: string, state: TriageState, note?: string) =>
    call<unknown>(`/alerts/${encodeURIComponent(id)}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(note === undefined ? { state } : { state, note }),
    }),
};
