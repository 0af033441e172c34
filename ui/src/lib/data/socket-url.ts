import type { Config } from './types';

/**
 * Candidate URLs of the WebSocket, the likeliest first: the configured one, the page's own
 * origin, the WebSocket port. A page served over HTTPS is behind a proxy, and the
 * WebSocket port does not use TLS.
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
