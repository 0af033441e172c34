import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// In development, Vite serves the page and forwards API and WebSocket requests to a running
// NetLyra or to e2e/mock-server.mjs.
const api = process.env.NETLYRA_API ?? 'http://127.0.0.1:8090';
const ws = process.env.NETLYRA_WS ?? 'ws://127.0.0.1:8091';

/** Statements of libraries that keep code in the bundle which the page never runs. */
const edits: readonly { file: string; replace: readonly [from: string, to: string][] }[] = [
  {
    // The page is never rendered on a server, so there is nothing to hydrate.
    file: '/svelte/src/internal/client/dom/hydration.js',
    replace: [
      ['export let hydrating = false;', 'export const hydrating = false;'],
      ['\thydrating = value;\n', ''],
    ],
  },
  {
    // Charts have straight lines only, and one fixed series each; they have no legend, and
    // format the values of their axes themselves.
    file: '/uplot/dist/uPlot.esm.js',
    replace: [
      ['const showLegend = legend.show;', 'const showLegend = false;'],
      ['const _fmtDate = (opts.fmtDate || fmtDate);', ''],
      ['const _timeAxisVals   = timeAxisVals(_tzDate, timeAxisStamps((ms == 1 ? _timeAxisStampsMs : _timeAxisStampsS), _fmtDate));', ''],
      ['const _timeSeriesVal  = timeSeriesVal(_tzDate, timeSeriesStamp(_timeSeriesStamp, _fmtDate));', ''],
      ['s.value = isTime ? (isStr(sv) ? timeSeriesVal(_tzDate, timeSeriesStamp(sv, _fmtDate)) : sv || _timeSeriesVal) : sv || numSeriesVal;', 's.value = sv || numSeriesVal;'],
      ['timeAxisVals(_tzDate, timeAxisStamps(av, _fmtDate)) :', 'av :'],
      ['timeAxisVal(_tzDate, av) :', 'av :'],
      ['av || _timeAxisVals', 'av'],
      ['\t\t_timeAxisStamps,\n', '\t\t0,\n'],
      ['uPlot.fmtDate = fmtDate;', ''],
      ['uPlot.tzDate  = tzDate;', ''],
      ['uPlot.addGap = addGap;', ''],
      ['uPlot.clipGaps = clipGaps;', ''],
      ['self.addSeries = addSeries;', ''],
      ['self.delSeries = delSeries;', ''],
      ['self.addBand = addBand;', ''],
      ['self.setBand = setBand;', ''],
      ['self.delBand = delBand;', ''],
      ['uPlot.join = join;', ''],
      ['(paths.stepped = stepped);', ''],
      ['(paths.bars    = bars);', ''],
      ['(paths.spline  = monotoneCubic);', ''],
    ],
  },
];

/** Applies `edits` to the build. Fails if a new version of a library no longer has the statements. */
function withoutUnusedCode(): Plugin {
  return {
    name: 'without-unused-code',
    apply: 'build',
    transform(code, id) {
      const edit = edits.find(({ file }) => id.includes(file));
      for (const [from, to] of edit?.replace ?? []) {
        if (!code.includes(from)) this.error(`${id} does not contain ${from}`);
        code = code.replace(from, to);
      }
      return edit && { code, map: null };
    },
  };
}

export default defineConfig({
  plugins: [svelte(), withoutUnusedCode()],
  base: './', // relative to the page's <base>, which the server sets
  build: {
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'], // with light-dark(), which the choice of theme relies on
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false }, // there is only one script
    rolldownOptions: { optimization: { inlineConst: { mode: 'all', pass: 3 } } },
  },
  server: { proxy: { '/api': api, '/ws': { target: ws, ws: true } } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
