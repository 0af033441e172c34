import { matchRoute, withParams, type Match, type Route } from './match';

export type ScreenName = 'live' | 'alerts' | 'alert' | 'connections' | 'pipeline';

export const routes: readonly Route<ScreenName>[] = [
  { name: 'live', path: '/' },
  { name: 'alerts', path: '/alerts' },
  { name: 'alert', path: '/alerts/:id' },
  { name: 'connections', path: '/connections' },
  { name: 'pipeline', path: '/pipeline' },
];

/** The URL as reactive state. Whatever a screen shows can be had again from it. */
class Router {
  path = $state(location.pathname);
  search = $state(location.search);
  readonly match: Match<ScreenName> | undefined = $derived(matchRoute(routes, this.path));
  readonly query: URLSearchParams = $derived(new URLSearchParams(this.search));

  /** Goes to a path of this site; the browser's back button returns. */
  go(url: string): void {
    if (url !== location.pathname + location.search) history.pushState(null, '', url);
    this.#read();
  }

  /** Sets parameters of the present screen, in place of the present entry of the history. */
  set(changes: Record<string, string | undefined>): void {
    const url = location.pathname + withParams(location.search, changes);
    if (url !== location.pathname + location.search) history.replaceState(history.state, '', url);
    this.#read();
  }

  #read(): void {
    this.path = location.pathname;
    this.search = location.search;
  }

  /** Follows the back button and every plain click on a link to this site. */
  listen(): () => void {
    const back = () => this.#read();
    const click = (event: MouseEvent) => {
      const link = (event.target as Element | null)?.closest?.('a');
      if (!link || !this.#plain(event, link)) return;
      event.preventDefault();
      this.go(link.pathname + link.search);
      window.scrollTo(0, 0);
    };
    window.addEventListener('popstate', back);
    document.addEventListener('click', click);
    return () => {
      window.removeEventListener('popstate', back);
      document.removeEventListener('click', click);
    };
  }

  #plain(event: MouseEvent, link: HTMLAnchorElement): boolean {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
    if (link.origin !== location.origin || link.target !== '' || link.hasAttribute('download') || link.hash !== '') return false;
    return matchRoute(routes, link.pathname) !== undefined;
  }
}

export const router = new Router();
