import { onFrame } from '../draw/frame';
import { api } from './api';
import { CatchUp } from './catchup';
import { Feed } from './feed';
import { Socket, type LinkState } from './socket';
import { socketURLs } from './socket-url';
import type { Config } from './types';

/** Digits that change more often than this cannot be read. */
const domInterval = 200;

/**
 * The page's one feed and what of it is reactive: a counter that moves at most once a
 * frame, the state of the link, and the server's configuration.
 */
class Live {
  readonly feed = new Feed();
  /** Read it where data of the feed is shown; it moves when there is something new. */
  tick = $state(0);
  link = $state<LinkState>({ phase: 'connecting', since: Date.now(), attempts: 0 });
  config = $state<Config>();
  catchingUp = $state(false);
  /** Why the last catch-up failed, "" when it did not. */
  catchUpError = $state('');
  #lastMove = 0;
  #catchUp = new CatchUp(this.feed.book, api.alerts);
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
    const stopFrames = onFrame((now) => this.#move(now));
    return () => {
      window.removeEventListener('online', online);
      stopFrames();
      this.#socket.stop();
    };
  }

  /** Episodes in all; a stats message counts records, of which a growing episode has many. */
  get alertTotal(): number {
    return this.#catchUp.total;
  }

  subscribe(events: readonly string[]): void {
    this.#socket.subscribe(events);
  }

  retryNow(): void {
    this.#socket.retryNow();
  }

  #move(now: number): void {
    if (!this.feed.changed || now - this.#lastMove < domInterval) return;
    this.#lastMove = now;
    this.feed.changed = false;
    this.tick++;
  }

  /** The places are tried in turn, from the first one on after each success. */
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
