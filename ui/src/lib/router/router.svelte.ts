import { link, unlink } from './base';
import { matchRoute, withParams, type Match, type Route } from './match';

export type ScreenName = 'live' | 'alerts' | 'alert' | 'connections' | 'pipeline';

export const routes: readonly Route<ScreenName>[] = [
  { name: 'live', path: '/' },
  { name: 'alerts', path: '/alerts' },
  { name: 'alert', path: '/alerts/:id' },
  { name: 'connections', path: '/connections' },
  { name: 'pipeline', path: '/pipeline' },
];

/** The URL as reactive state. It holds everything needed to restore a screen. */
class Router {
  /** Path without the prefix of a reverse proxy. */
  path = $state(pagePath());
  search = $state(location.search);
  readonly match: Match<ScreenName> | undefined = $derived(matchRoute(routes, this.path));
  readonly query: URLSearchParams = $derived(new URLSearchParams(this.search));

  /** Navigates to a path of the page, as a new history entry. */
  go(path: string): void {
    const url = link(path);
    if (url !== location.pathname + location.search) history.pushState(null, '', url);
    this.#read();
  }

  /** Changes query parameters of the current screen, replacing the history entry. */
  set(changes: Record<string, string | undefined>): void {
    const url = location.pathname + withParams(location.search, changes);
    if (url !== location.pathname + location.search) history.replaceState(history.state, '', url);
    this.#read();
  }

  #read(): void {
    this.path = pagePath();
    this.search = location.search;
  }

  /** Handles back and forward, and plain clicks on links to the page; returns the function that stops it. */
  listen(): () => void {
    const back = () => this.#read();
    const click = (event: MouseEvent) => {
      const anchor = (event.target as Element | null)?.closest?.('a');
      if (!anchor || !this.#plain(event, anchor)) return;
      event.preventDefault();
      this.go(pagePath(anchor.pathname) + anchor.search);
      window.scrollTo(0, 0);
    };
    window.addEventListener('popstate', back);
    document.addEventListener('click', click);
    return () => {
      window.removeEventListener('popstate', back);
      document.removeEventListener('click', click);
    };
  }

  #plain(event: MouseEvent, anchor: HTMLAnchorElement): boolean {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
    if (anchor.origin !== location.origin || anchor.target !== '' || anchor.hasAttribute('download') || anchor.hash !== '') return false;
    const path = unlink(anchor.pathname);
    return path !== undefined && matchRoute(routes, path) !== undefined;
  }
}

/** The path without prefix. A path outside of the prefix is returned unchanged and matches no screen. */
function pagePath(path = location.pathname): string {
  return unlink(path) ?? path;
}

export const router = new Router();
