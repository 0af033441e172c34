import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Poll } from './poll.svelte';

class Page extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';

  setVisibility(state: DocumentVisibilityState): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function poll(respond: (n: number) => Promise<number> = (n) => Promise.resolve(n)) {
  let n = 0;
  const signals: AbortSignal[] = [];
  const fetch = vi.fn((signal: AbortSignal) => {
    signals.push(signal);
    return respond(++n);
  });
  const page = new Page() as unknown as Page & Document;
  return { fetch, page, signals, poll: new Poll(fetch, 2000) };
}

test('requests at once, then one interval after each response, until stopped', async () => {
  const { poll: p, fetch, page } = poll();
  const stop = p.start(page);
  await pass(0);
  expect(p.value).toBe(1);
  expect(p.at).toBe(Date.now());
  await pass(4000);
  expect(p.value).toBe(3);
  stop();
  await pass(60_000);
  expect(fetch).toHaveBeenCalledTimes(3);
});

test('pauses while the page is hidden, and requests at once when it is visible again', async () => {
  const { poll: p, fetch, page } = poll();
  p.start(page);
  await pass(0);
  page.setVisibility('hidden');
  await pass(60_000);
  expect(fetch).toHaveBeenCalledTimes(1);
  page.setVisibility('visible');
  await pass(0);
  expect(fetch).toHaveBeenCalledTimes(2);
  expect(p.value).toBe(2);
});

test('keeps the last value after an error, reports the error, and retries', async () => {
  const { poll: p, page } = poll((n) => (n === 2 ? Promise.reject(new Error('unreachable')) : Promise.resolve(n)));
  p.start(page);
  await pass(0);
  const at = p.at;
  await pass(2000);
  expect([p.value, p.error, p.at]).toEqual([1, 'unreachable', at]);
  await pass(2000);
  expect([p.value, p.error]).toEqual([3, '']);
});

test('ignores the response to a canceled request', async () => {
  const late: ((n: number) => void)[] = [];
  const { poll: p, page, signals } = poll(() => new Promise((ok) => late.push(ok)));
  const stop = p.start(page);
  stop();
  expect(signals[0]!.aborted).toBe(true);
  late[0]!(7);
  await pass(60_000);
  expect(p.value).toBeUndefined();
  expect(late).toHaveLength(1);
});
