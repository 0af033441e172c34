/**
 * An answer of the server that is asked for again and again, as long as somebody looks:
 * not while the page is hidden, and at once when it is seen again. An answer that does not
 * come leaves the last one standing, with the time at which it came.
 */
export class Poll<T> {
  value = $state.raw<T | undefined>();
  /** Why the latest question got no answer, "" when it did. */
  error = $state('');
  /** Milliseconds (Date.now) at which the value came. */
  at = $state(0);
  readonly #fetch: (signal: AbortSignal) => Promise<T>;
  readonly #every: number;
  #timer?: ReturnType<typeof setTimeout>;
  #request?: AbortController;

  constructor(fetch: (signal: AbortSignal) => Promise<T>, every: number) {
    this.#fetch = fetch;
    this.#every = every;
  }

  /** Asks until the answer is called. */
  start(page: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'> = document): () => void {
    const seen = () => {
      if (page.visibilityState === 'visible') this.now();
      else this.#stop();
    };
    page.addEventListener('visibilitychange', seen);
    seen();
    return () => {
      page.removeEventListener('visibilitychange', seen);
      this.#stop();
    };
  }

  /** Asks at once; the next question comes one interval after the answer. */
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
        if (!request.signal.aborted) this.#timer = setTimeout(() => this.now(), this.#every);
      });
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#request?.abort();
  }
}
