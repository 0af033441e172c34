import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// In development, Vite serves the page and forwards API and WebSocket requests to a running
// NetLyra or to e2e/mock-server.mjs.
const api = process.env.NETLYRA_API ?? 'http://127.0.0.1:8090';
const ws = process.env.NETLYRA_WS ?? 'ws://127.0.0.1:8091';

export default defineConfig({
  plugins: [svelte()],
  base: './', // relative to the page's <base>, which the server sets
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false }, // there is only one script
    rolldownOptions: { optimization: { inlineConst: { mode: 'all', pass: 3 } } },
  },
  server: { proxy: { '/api': api, '/ws': { target: ws, ws: true } } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
