import type { Config } from './types';

/**
 * Where the WebSocket may be, the likeliest place first: where the server says, on the
 * page's own origin, on its own port. A page that came over HTTPS is behind a proxy,
 * and that port speaks no TLS.
 */
export function socketURLs(config: Config, baseURI: string): string[] {
  if (config.ws_url) return [config.ws_url];
  const page = new URL(baseURI);
  const secure = page.protocol === 'https:';
  const scheme = secure ? 'wss:' : 'ws:';
  const urls: string[] = [];
  if (config.ws_path) {
    const { host, pathname } = new URL(config.ws_path, page);
    urls.push(`${scheme}//${host}${pathname}`);
  }
  if (urls.length === 0 || !secure) urls.push(`${scheme}//${page.hostname}:${config.ws_port}/ws`);
  return urls;
}
