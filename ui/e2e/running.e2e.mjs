// The page of a running NetLyra: BASE_URL=http://127.0.0.1:8090 npm run e2e
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, open } from './browser.mjs';

const base = process.env.BASE_URL;
const patience = Number(process.env.PATIENCE_MS ?? 60_000);
const skip = base ? false : 'BASE_URL is not set';

test('a running NetLyra: charts move and alerts appear', { skip }, async () => {
  const browser = await launch();
  try {
    const page = await open(browser, base, { width: 1600, height: 900 });
    await page.locator('header .link.open').waitFor({ timeout: patience });
    await page.waitForFunction(() => /[1-9]/.test(document.querySelector('figcaption .value')?.textContent ?? ''), undefined, { timeout: patience });
    for (const canvas of ['.plot canvas >> nth=0', '.plot canvas >> nth=1', '.strip canvas']) {
      const one = await fingerprint(page, canvas);
      const until = Date.now() + patience;
      while ((await fingerprint(page, canvas)) === one) assert.ok(Date.now() < until, `${canvas} does not move`);
    }
    await page.locator('.newest li').first().waitFor({ timeout: patience });
    const summary = await page.locator('.newest .sentence').first().innerText();
    console.log('newest alert:', summary);
    assert.ok(summary.length > 10);
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });

    await page.getByRole('link', { name: 'Alerts', exact: true }).click();
    await page.locator('[role=row][aria-selected]').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Why this is anomalous' }).waitFor();
    await page.getByRole('link', { name: 'Connections', exact: true }).click();
    await page.getByRole('grid', { name: 'Connections' }).waitFor();
    await page.getByRole('link', { name: 'Pipeline', exact: true }).click();
    await page.locator('.summary', { hasText: 'accounted for' }).waitFor({ timeout: patience });
    console.log('pipeline:', await page.locator('.summary').innerText());
    for (const label of ['Capture', 'Score']) await page.locator('.track button', { hasText: label }).filter({ hasText: /[1-9]/ }).waitFor({ timeout: patience });
    assert.equal(await page.locator('[role=alert]').count(), 0, 'the page shows no alert');
    assert.deepEqual(page.messages.filter((c) => !c.includes('willReadFrequently')), []);
  } finally {
    await browser.close();
  }
});

/** A hash of the canvas pixels. */
function fingerprint(page, selector) {
  return page.locator(selector).evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let hash = 0;
    for (let i = 0; i < data.length; i += 4) hash = (hash * 31 + data[i] + data[i + 3]) | 0;
    return hash;
  });
}
