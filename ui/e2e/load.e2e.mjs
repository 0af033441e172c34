// Frame times under 10,000 messages a second.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, open } from './browser.mjs';

const perSecond = Number(process.env.LOAD ?? 10_000);
const seconds = Number(process.env.LOAD_SECONDS ?? 8);
/** Figures depend on the machine: they are printed, and checked only on request. */
const bound = process.env.P99_MS ? Number(process.env.P99_MS) : undefined;

test(`frame times at ${perSecond} messages a second`, async () => {
  const mock = spawn(process.execPath, [fileURLToPath(new URL('load-server.mjs', import.meta.url)), String(perSecond), String(seconds)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = lineReader(mock.stdout);
  const { url } = JSON.parse(await lines.next());
  const browser = await launch();
  try {
    const page = await open(browser, url, { width: 1600, height: 900 });
    await page.locator('header .link.open').waitFor();
    await page.waitForTimeout(1500);
    console.log('quiet  ', describe(await frames(page, 3000)));
    mock.stdin.write('go\n');
    await page.waitForTimeout(500);
    const loaded = await frames(page, (seconds - 2) * 1000);
    const { sent, took } = JSON.parse(await lines.next());
    console.log('load   ', describe(loaded), `(${Math.round(sent / took)} messages/s sent)`);
    assert.ok(loaded.length > 10, 'frames are drawn under load');
    assert.ok(await page.locator('header .link.open').isVisible(), 'the connection stays open');
    assert.deepEqual(page.messages, []);
    if (bound !== undefined) assert.ok(quantile(loaded, 0.99) < bound, `p99 ${quantile(loaded, 0.99)} ms is under ${bound} ms`);
  } finally {
    await browser.close();
    mock.kill();
  }
});

/** Times between frames in ms, measured with requestAnimationFrame in the page. */
function frames(page, ms) {
  return page.evaluate(
    (ms) =>
      new Promise((resolve) => {
        const times = [];
        let last = performance.now();
        const end = last + ms;
        requestAnimationFrame(function frame(now) {
          times.push(now - last);
          last = now;
          if (now < end) requestAnimationFrame(frame);
          else resolve(times.slice(1));
        });
      }),
    ms,
  );
}

function quantile(times, q) {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}

function describe(times) {
  const ms = (q) => `${quantile(times, q).toFixed(1)} ms`;
  return `${times.length} frames: p50 ${ms(0.5)}, p90 ${ms(0.9)}, p99 ${ms(0.99)}, worst ${ms(1)}`;
}

function lineReader(stream) {
  let rest = '';
  const waiting = [];
  const ready = [];
  stream.on('data', (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop();
    for (const line of parts) (waiting.shift() ?? ((l) => ready.push(l)))(line);
  });
  return { next: () => (ready.length > 0 ? Promise.resolve(ready.shift()) : new Promise((ok) => waiting.push(ok))) };
}
