/**
 * Fetches a value periodically while the page is visible, and at once when it becomes
 * visible again. After an error the last value and its time remain.
 */
export class Poll<T> {
  value = $state.raw<T | undefined>();
  /** Error of the latest request; "" if it succeeded. */
  error = $state('');
  /** Time of the value in ms (Date.now). */
  at = $state(0);
  readonly #fetch: (signal: AbortSignal) => Promise<T>;
  readonly #interval: number;
  #timer?: ReturnType<typeof setTimeout>;
  #request?: AbortController;

  constructor(fetch: (signal: AbortSignal) => Promise<T>, interval: number) {
    this.#fetch = fetch;
    this.#interval = interval;
  }

  /** Starts polling; returns the function that stops it. */
  start(page: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'> = document): () => void {
    const changed = () => {
      if (page.visibilityState === 'visible') this.now();
      else this.#stop();
    };
    page.addEventListener('visibilitychange', changed);
    changed();
    return () => {
      page.removeEventListener('visibilitychange', changed);
      this.#stop();
    };
  }

  /** Sends a request now; the next follows one interval after its response. */
  now(): void {
    this.#stop();
    const request = (this.#request = new AbortController());
    this.#fetch(request.signal)
      .then(
        (value) => {
          if (request.signal.aborted) return;
          this.value = value;
          this.error = '';
          this.at = Date.now();
        },
        (error: unknown) => {
          if (!request.signal.aborted) this.error = error instanceof Error ? error.message : String(error);
        },
      )
      .finally(() => {
        if (!request.signal.aborted) this.#timer = setTimeout(() => this.now(), this.#interval);
      });
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#request?.abort();
  }
}
