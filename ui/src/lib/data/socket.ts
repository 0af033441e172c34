export type LinkPhase = 'connecting' | 'open' | 'lost';

export interface LinkState {
  phase: LinkPhase;
  /** Milliseconds (Date.now) since when the phase holds. */
  since: number;
  /** When the next attempt is made, where one is waited for. */
  retryAt?: number;
  attempts: number;
}

export interface SocketDeps {
  /** Where to connect; asked again for each attempt, for the port may have changed. */
  url: () => Promise<string>;
  onMessage: (text: string) => void;
  onState: (state: LinkState) => void;
  create?: (url: string) => WebSocket;
}

const firstDelay = 500;
const longestDelay = 10_000;
/** stats come ten times a second: this long without a word means that nobody is there. */
export const silence = 4000;

/** The wait before attempt n (from 0): doubling, bounded, with up to a quarter of jitter. */
export function backoff(attempt: number, random = Math.random()): number {
  return Math.min(longestDelay, firstDelay * 2 ** attempt) * (1 - random / 4);
}

/** A WebSocket that comes back. It tells of each change at once and resends its subscription. */
export class Socket {
  #deps: SocketDeps;
  #socket?: WebSocket;
  #retry?: ReturnType<typeof setTimeout>;
  #watchdog?: ReturnType<typeof setInterval>;
  #heard = 0;
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
    this.#drop();
  }

  /** Which events the server is to send, now and after each reconnection. */
  subscribe(events: readonly string[]): void {
    this.#events = events;
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify({ subscribe: events }));
  }

  /** Skips the rest of the wait: the network is back, or somebody pressed the button. */
  retryNow(): void {
    if (this.#closed || this.#socket) return;
    clearTimeout(this.#retry);
    void this.#connect();
  }

  async #connect(): Promise<void> {
    this.#retry = undefined;
    this.#tell(this.#everOpen || this.#attempts > 0 ? 'lost' : 'connecting');
    let url: string;
    try {
      url = await this.#deps.url();
    } catch {
      if (!this.#closed) this.#lost();
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
      this.#heard = Date.now();
      this.#deps.onMessage(String(event.data));
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost();
    };
  }

  #open(socket: WebSocket): void {
    this.#attempts = 0;
    this.#everOpen = true;
    socket.send(JSON.stringify({ subscribe: this.#events }));
    this.#tell('open');
  }

  #watch(socket: WebSocket): void {
    this.#heard = Date.now();
    clearInterval(this.#watchdog);
    this.#watchdog = setInterval(() => {
      if (socket === this.#socket && Date.now() - this.#heard >= silence) this.#lost();
    }, silence / 4);
  }

  #lost(): void {
    this.#drop();
    if (this.#closed) return;
    clearTimeout(this.#retry);
    const delay = backoff(this.#attempts++);
    this.#retry = setTimeout(() => void this.#connect(), delay);
    this.#tell('lost', Date.now() + delay);
  }

  #drop(): void {
    clearInterval(this.#watchdog);
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #tell(phase: LinkPhase, retryAt?: number): void {
    this.#deps.onState({ phase, since: Date.now(), retryAt, attempts: this.#attempts });
  }
}
