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

/** The URL as reactive state. Whatever a screen shows can be had again from it. */
class Router {
  /** Without the path under which the page is served. */
  path = $state(here());
  search = $state(location.search);
  readonly match: Match<ScreenName> | undefined = $derived(matchRoute(routes, this.path));
  readonly query: URLSearchParams = $derived(new URLSearchParams(this.search));

  /** Goes to a path of the page; the browser's back button returns. */
  go(path: string): void {
    const url = link(path);
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
    this.path = here();
    this.search = location.search;
  }

  /** Follows the back button and every plain click on a link to this site. */
  listen(): () => void {
    const back = () => this.#read();
    const click = (event: MouseEvent) => {
      const anchor = (event.target as Element | null)?.closest?.('a');
      if (!anchor || !this.#plain(event, anchor)) return;
      event.preventDefault();
      this.go(here(anchor.pathname) + anchor.search);
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

/** A path of the page; one that is not the page's is as it is, and no screen has it. */
function here(path = location.pathname): string {
  return unlink(path) ?? path;
}

export const router = new Router();
