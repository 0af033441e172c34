export type LinkPhase = 'connecting' | 'open' | 'lost';

export interface LinkState {
  phase: LinkPhase;
  /** Start of the phase in ms (Date.now). */
  since: number;
  /** Time of the next attempt in ms, if one is scheduled. */
  retryAt?: number;
  attempts: number;
}

export interface SocketDeps {
  /** Returns the URL; called for each attempt, as the port may have changed. */
  url: () => Promise<string>;
  onMessage: (text: string) => void;
  onState: (state: LinkState) => void;
  create?: (url: string) => WebSocket;
}

const firstDelay = 500;
const maxDelay = 10_000;
/** Ms without a message after which the connection counts as lost; stats arrive ten times a second. */
export const silenceLimit = 4000;

/** Delay in ms before attempt n (from 0): exponential, bounded, with up to 25 % jitter. */
export function backoff(attempt: number, random = Math.random()): number {
  return Math.min(maxDelay, firstDelay * 2 ** attempt) * (1 - random / 4);
}

/** A WebSocket that reconnects. It reports each state change and repeats its subscription. */
export class Socket {
  #deps: SocketDeps;
  #socket?: WebSocket;
  #retry?: ReturnType<typeof setTimeout>;
  #watchdog?: ReturnType<typeof setInterval>;
  #lastMessage = 0;
  #attempts = 0;
  #closed = true;
  #everOpen = false;
  #events: readonly string[] = [];

  constructor(deps: SocketDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#closed = false;
    void this.#connect();
  }

  stop(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#close();
  }

  /** Sets the events that the server sends, also after a reconnection. */
  subscribe(events: readonly string[]): void {
    this.#events = events;
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify({ subscribe: events }));
  }

  /** Connects without further delay: the network is back, or the user asked for it. */
  retryNow(): void {
    if (this.#closed || this.#socket) return;
    clearTimeout(this.#retry);
    void this.#connect();
  }

  async #connect(): Promise<void> {
    this.#retry = undefined;
    this.#report(this.#everOpen || this.#attempts > 0 ? 'lost' : 'connecting');
    let url: string;
    try {
      url = await this.#deps.url();
    } catch {
      if (!this.#closed) this.#handleLoss();
      return;
    }
    if (this.#closed || this.#socket) return;
    const socket = (this.#deps.create ?? ((u) => new WebSocket(u)))(url);
    this.#socket = socket;
    this.#watch(socket);
    socket.onopen = () => {
      if (socket === this.#socket) this.#open(socket);
    };
    socket.onmessage = (event) => {
      if (socket !== this.#socket) return;
      this.#lastMessage = Date.now();
      this.#deps.onMessage(String(event.data));
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#handleLoss();
    };
  }

  #open(socket: WebSocket): void {
    this.#attempts = 0;
    this.#everOpen = true;
    socket.send(JSON.stringify({ subscribe: this.#events }));
    this.#report('open');
  }

  #watch(socket: WebSocket): void {
    this.#lastMessage = Date.now();
    clearInterval(this.#watchdog);
    this.#watchdog = setInterval(() => {
      if (socket === this.#socket && Date.now() - this.#lastMessage >= silenceLimit) this.#handleLoss();
    }, silenceLimit / 4);
  }

  #handleLoss(): void {
    this.#close();
    if (this.#closed) return;
    clearTimeout(this.#retry);
    const delay = backoff(this.#attempts++);
    this.#retry = setTimeout(() => void this.#connect(), delay);
    this.#report('lost', Date.now() + delay);
  }

  #close(): void {
    clearInterval(this.#watchdog);
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #report(phase: LinkPhase, retryAt?: number): void {
    this.#deps.onState({ phase, since: Date.now(), retryAt, attempts: this.#attempts });
  }
}
