import { expect, test } from 'vitest';
import { socketURLs } from './socket-url';

const config = { ws_port: 8091, version: '0', threshold: 0.8 };

test.each([
  ['page on the API port', { ...config, ws_path: 'ws' }, 'http://127.0.0.1:8090/', ['ws://127.0.0.1:8090/ws', 'ws://127.0.0.1:8091/ws']],
  ['one port over HTTPS', { ...config, ws_path: 'ws' }, 'https://noc.example/', ['wss://noc.example/ws']],
  ['below a path', { ...config, ws_path: 'ws' }, 'https://noc.example:8443/netlyra/', ['wss://noc.example:8443/netlyra/ws']],
  ['IPv6 address', { ...config, ws_path: 'ws' }, 'http://[::1]:8090/', ['ws://[::1]:8090/ws', 'ws://[::1]:8091/ws']],
  ['configured URL', { ...config, ws_path: 'ws', ws_url: 'wss://live.example/x' }, 'https://noc.example/', ['wss://live.example/x']],
  ['server without a WebSocket on the port of the page', config, 'http://sensor:8090/', ['ws://sensor:8091/ws']],
])('%s', (_, response, baseURI, urls) => expect(socketURLs(response, baseURI)).toEqual(urls));
