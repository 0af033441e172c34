import { live } from '../../lib/data/live.svelte';
import type { Alert, Stats } from '../../lib/data/types';
import { router } from '../../lib/router/router.svelte';

export const windows = [30, 60, 300, 900] as const;
const newestShown = 30;
/** Seconds by which the charts lag behind, so that they are complete at the right edge. */
const chartDelay = 0.3;

/** What the live screen shows: the current data of the feed, or the data at the time of pausing. */
export class LiveView {
  stats = $state.raw<Stats | undefined>();
  newest = $state.raw<Alert[]>([]);
  alerts = $state(NaN);
  /** Episodes received while paused. */
  missed = $state(0);
  readonly paused = $derived(router.query.get('paused') === '1');
  readonly window = $derived(windows.find((w) => String(w) === router.query.get('window')) ?? 60);
  #received = 0;
  #frozenAt = NaN;

  /** Updates from the feed unless paused; call in an effect. */
  follow(): void {
    void live.tick;
    if (!this.paused || (!this.stats && live.feed.stats)) {
      this.stats = live.feed.stats;
      this.alerts = live.alertTotal;
      this.newest = live.feed.alerts.newest(newestShown);
      this.#received = live.feed.alerts.received;
    }
    this.missed = live.feed.alerts.received - this.#received;
  }

  /** Time at the right edge of the charts, in seconds of the server's clock. */
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
