import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// In development the page comes from Vite and the data from a running NetLyra (or from
// e2e/mock-server.mjs); both are reached through this server, so that the ports match.
const api = process.env.NETLYRA_API ?? 'http://127.0.0.1:8090';
const ws = process.env.NETLYRA_WS ?? 'ws://127.0.0.1:8091';

export default defineConfig({
  plugins: [svelte()],
  base: './', // links begin at the page's <base>, which the server sets
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false }, // all code is in one file
    rolldownOptions: { optimization: { inlineConst: { mode: 'all', pass: 3 } } },
  },
  server: { proxy: { '/api': api, '/ws': { target: ws, ws: true } } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
