import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { backoff, silenceLimit, Socket, type LinkState } from './socket';

class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
}

function start() {
  const states: LinkState[] = [];
  const messages: string[] = [];
  const socket = new Socket({
    url: () => Promise.resolve('ws://here/ws'),
    onMessage: (text) => messages.push(text),
    onState: (state) => states.push(state),
    create: (url) => new FakeSocket(url) as unknown as WebSocket,
  });
  socket.subscribe(['stats']);
  socket.start();
  return { socket, states, messages };
}

const last = () => FakeSocket.all.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
});
afterEach(() => vi.useRealTimers());

test('the delay doubles, is bounded, and has jitter', () => {
  expect([0, 1, 2, 3].map((n) => backoff(n, 0))).toEqual([500, 1000, 2000, 4000]);
  expect(backoff(30, 0)).toBe(10_000);
  expect(backoff(0, 1)).toBe(375);
});

describe('Socket', () => {
  test('subscribes when open, reports a loss at once and reconnects', async () => {
    const { states, messages } = start();
    await vi.advanceTimersByTimeAsync(0);
    last().open();
    expect(last().sent).toEqual(['{"subscribe":["stats"]}']);
    last().onmessage!({ data: 'x' });
    expect(messages).toEqual(['x']);
    last().onclose!();
    expect(states.at(-1)).toMatchObject({ phase: 'lost' });
    expect(states.at(-1)!.retryAt).toBeGreaterThan(Date.now());
    await vi.advanceTimersByTimeAsync(600);
    expect(FakeSocket.all).toHaveLength(2);
    last().open();
    expect(last().sent).toEqual(['{"subscribe":["stats"]}']);
    expect(states.map((s) => s.phase)).toEqual(['connecting', 'open', 'lost', 'lost', 'open']);
  });

  test('treats silence as a loss', async () => {
    const { states } = start();
    await vi.advanceTimersByTimeAsync(0);
    last().open();
    for (let i = 0; i < 5; i++) {
      await vi.advanceTimersByTimeAsync(silenceLimit - 1500);
      last().onmessage!({ data: 'x' });
    }
    expect(states.at(-1)!.phase).toBe('open');
    await vi.advanceTimersByTimeAsync(silenceLimit + 1000);
    expect(states.some((s) => s.phase === 'lost')).toBe(true);
  });

  test('ignores messages of an old socket', async () => {
    const { messages, socket } = start();
    await vi.advanceTimersByTimeAsync(0);
    const old = last();
    const onmessage = old.onmessage!;
    old.open();
    old.onclose!();
    onmessage({ data: 'late' });
    expect(messages).toEqual([]);
    socket.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  test('retryNow skips the delay and opens only one socket', async () => {
    const { socket } = start();
    await vi.advanceTimersByTimeAsync(0);
    last().open();
    last().onclose!();
    socket.retryNow();
    socket.retryNow();
    await vi.advanceTimersByTimeAsync(5);
    expect(FakeSocket.all).toHaveLength(2);
  });
});
