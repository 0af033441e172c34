/** The path of a base URL without trailing slash; "" at the root of its origin. */
export function pathOf(baseURI: string): string {
  return new URL('.', baseURI).pathname.replace(/\/+$/, '');
}

/**
 * The path prefix below which a reverse proxy serves the page, from the server's <base>
 * element; "" at the root. It is constant while the page is open.
 */
export const base = typeof document === 'undefined' ? '' : pathOf(document.baseURI);

/** Adds the prefix to a path of the page: "/alerts" may become "/netlyra/alerts". */
export function link(path: string, under = base): string {
  return under + path;
}

/** Removes the prefix; undefined for a path outside of it. */
export function unlink(path: string, under = base): string | undefined {
  if (path === under) return '/';
  return path.startsWith(`${under}/`) ? path.slice(under.length) : undefined;
}
