import { link } from '../router/base';
import type { Health, Ledger } from './ledger';
import type { Alert, AlertDetail, Config, Connection, Feature, Page, TriageState } from './types';

/** An error response of the server (RFC 9457), or status 0 if it is unreachable. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

async function request(path: string, init?: RequestInit): Promise<{ response: Response; body: unknown }> {
  let response: Response;
  try {
    response = await fetch(link(`/api/v1${path}`), init);
  } catch (cause) {
    if (init?.signal?.aborted) throw cause;
    throw new ApiError('NetLyra is unreachable. Check that it is running.', 0);
  }
  return { response, body: await response.json().catch(() => null) };
}

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const { response, body } = await request(path, init);
  if (!response.ok) throw new ApiError(problem(body) ?? `the server returned status ${response.status}`, response.status);
  return body as T;
}

/** Status 503 is a valid response: the pipeline is not ready, and the body says why. */
async function health(signal?: AbortSignal): Promise<Health> {
  const { response, body } = await request('/health', { signal });
  const answer = body as Partial<Health> | null;
  if (!answer) throw new ApiError(problem(body) ?? `the server returned status ${response.status}`, response.status);
  return { conditions: answer.conditions ?? [], ready: response.ok };
}

function problem(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { title, detail, errors } = body as { title?: string; detail?: string; errors?: { field?: string; detail?: string; message?: string }[] };
  const first = errors?.[0];
  if (first) return [first.field, first.detail ?? first.message].filter(Boolean).join(': ');
  return detail ?? title;
}

export type Query = Record<string, string | number | undefined>;

/** The query string of the parameters that are set, with a leading question mark; "" if there is none. */
export function queryString(query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined && value !== '') params.set(key, String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

export const api = {
  config: (signal?: AbortSignal) => call<Config>('/config', { signal }),
  alerts: (query: Query, signal?: AbortSignal) => call<Page<Alert>>(`/alerts${queryString(query)}`, { signal }),
  alert: (id: string, signal?: AbortSignal) => call<AlertDetail>(`/alerts/${encodeURIComponent(id)}`, { signal }),
  connections: (query: Query, signal?: AbortSignal) => call<Page<Connection>>(`/connections${queryString(query)}`, { signal }),
  connection: (id: string, signal?: AbortSignal) => call<Connection>(`/connections/${encodeURIComponent(id)}`, { signal }),
  health,
  ledger: (signal?: AbortSignal) => call<Ledger>('/ledger', { signal }),
  features: (signal?: AbortSignal) => call<Page<Feature> | Feature[]>('/features', { signal }),
  machines: (signal?: AbortSignal) => call<unknown>('/machines', { signal }),
  triage: (id: string, state: TriageState, note?: string) =>
    call<unknown>(`/alerts/${encodeURIComponent(id)}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(note === undefined ? { state } : { state, note }),
    }),
};
