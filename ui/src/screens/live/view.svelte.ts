import { live } from '../../lib/data/live.svelte';
import type { Alert, Stats } from '../../lib/data/types';
import { router } from '../../lib/router/router.svelte';

export const windows = [30, 60, 300, 900] as const;
const newestShown = 30;
/** The charts run this far behind, so that what they show is complete at their right edge. */
const chartDelay = 0.3;

/** What the live screen shows: the feed as it is, or as it was when somebody pressed pause. */
export class LiveView {
  stats = $state.raw<Stats | undefined>();
  newest = $state.raw<Alert[]>([]);
  alerts = $state(NaN);
  /** Episodes that came in while paused. */
  waiting = $state(0);
  readonly paused = $derived(router.query.get('paused') === '1');
  readonly window = $derived(windows.find((w) => String(w) === router.query.get('window')) ?? 60);
  #heard = 0;
  #frozenAt = NaN;

  /** Called in an effect: follows the feed's counter unless paused. */
  follow(): void {
    void live.tick;
    if (!this.paused || (!this.stats && live.feed.stats)) {
      this.stats = live.feed.stats;
      this.alerts = live.alertTotal;
      this.newest = live.feed.book.newest(newestShown);
      this.#heard = live.feed.book.heard;
    }
    this.waiting = live.feed.book.heard - this.#heard;
  }

  /** The instant at the right edge of the charts, seconds of the server's clock. */
  edge(now: number): number {
    const edge = live.feed.clock.at(now / 1000) - chartDelay;
    if (!this.paused) this.#frozenAt = NaN;
    else if (Number.isNaN(this.#frozenAt)) this.#frozenAt = edge;
    return this.paused ? this.#frozenAt : edge;
  }

  togglePause(): void {
    router.set({ paused: this.paused ? undefined : '1' });
  }

  setWindow(seconds: number): void {
    router.set({ window: seconds === 60 ? undefined : String(seconds) });
  }
}
