import { onFrame } from '../draw/frame';
import { api } from './api';
import { CatchUp } from './catchup';
import { Feed } from './feed';
import { Socket, type LinkState } from './socket';
import { socketURLs } from './socket-url';
import type { Config } from './types';

/** Minimum ms between updates of the DOM; digits that change faster are unreadable. */
const domInterval = 200;

/**
 * The page's only feed and its reactive state: a counter of updates, the state of the
 * connection, and the server's configuration.
 */
class Live {
  readonly feed = new Feed();
  /** Increases when the feed has new data; read it wherever data of the feed is shown. */
  tick = $state(0);
  link = $state<LinkState>({ phase: 'connecting', since: Date.now(), attempts: 0 });
  config = $state<Config>();
  catchingUp = $state(false);
  /** Error of the last catch-up; "" if it succeeded. */
  catchUpError = $state('');
  #lastTick = 0;
  #catchUp = new CatchUp(this.feed.alerts, api.alerts);
  #running?: AbortController;
  #socket = new Socket({
    url: () => this.#url(),
    onMessage: (text) => this.feed.accept(text, performance.now() / 1000),
    onState: (state) => this.#linkChanged(state),
  });

  start(): () => void {
    this.#socket.start();
    const online = () => this.#socket.retryNow();
    window.addEventListener('online', online);
    const stopFrames = onFrame((now) => this.#update(now));
    return () => {
      window.removeEventListener('online', online);
      stopFrames();
      this.#socket.stop();
    };
  }

  /** Episodes on the server. Stats messages count records instead, of which a growing episode has many. */
  get alertTotal(): number {
    return this.#catchUp.total;
  }

  subscribe(events: readonly string[]): void {
    this.#socket.subscribe(events);
  }

  retryNow(): void {
    this.#socket.retryNow();
  }

  #update(now: number): void {
    if (!this.feed.changed || now - this.#lastTick < domInterval) return;
    this.#lastTick = now;
    this.feed.changed = false;
    this.tick++;
  }

  /** Tries the candidate URLs in turn, starting over after each success. */
  async #url(): Promise<string> {
    this.config = await api.config();
    const urls = socketURLs(this.config, document.baseURI);
    return urls[this.link.attempts % urls.length]!;
  }

  #linkChanged(state: LinkState): void {
    this.link = state;
    this.#running?.abort();
    if (state.phase === 'open') void this.#fetchMissed();
  }

  async #fetchMissed(): Promise<void> {
    const controller = (this.#running = new AbortController());
    this.catchingUp = true;
    for (let attempt = 0; !controller.signal.aborted; attempt++) {
      try {
        await this.#catchUp.run(controller.signal);
        this.catchUpError = '';
        this.feed.changed = true;
        break;
      } catch (error) {
        if (controller.signal.aborted) break;
        this.catchUpError = error instanceof Error ? error.message : String(error);
        await new Promise((resolve) => setTimeout(resolve, Math.min(8000, 500 * 2 ** attempt)));
      }
    }
    if (this.#running === controller) this.catchingUp = false;
  }
}

export const live = new Live();
