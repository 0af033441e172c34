/** The path of a base URL without a slash at its end: "" at the root of its origin. */
export function pathOf(baseURI: string): string {
  return new URL('.', baseURI).pathname.replace(/\/+$/, '');
}

/**
 * The path under which the page is served, as the server says in its <base>: a reverse
 * proxy may have it below its own root. It stays the same while the page is open.
 */
export const base = typeof document === 'undefined' ? '' : pathOf(document.baseURI);

/** The path of this page's origin for one of the page's own: "/alerts" may be "/netlyra/alerts". */
export function link(path: string, under = base): string {
  return under + path;
}

/** The other way round; undefined for a path that is not the page's. */
export function unlink(path: string, under = base): string | undefined {
  if (path === under) return '/';
  return path.startsWith(`${under}/`) ? path.slice(under.length) : undefined;
}
