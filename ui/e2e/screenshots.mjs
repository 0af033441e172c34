// Takes screenshots of each screen at three widths in both themes, for visual review:
// node e2e/screenshots.mjs [FOLDER] [PATH…]. Uses the mock server, or BASE_URL.
import { mkdirSync } from 'node:fs';
import { launch, open, themes, widths } from './browser.mjs';
import { startMock } from './mock-server.mjs';

const [folder = 'test-results/screenshots', ...paths] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const mock = process.env.BASE_URL ? undefined : await startMock({ idle: process.env.IDLE === '1' });
const base = process.env.BASE_URL ?? mock.url;
const browser = await launch();
for (const path of paths.length > 0 ? paths : ['/', '/alerts', '/connections', '/pipeline'])
  for (const width of process.env.WIDTHS?.split(',').map(Number) ?? widths)
    for (const theme of themes) {
      const page = await open(browser, base + path, { width, height: width < 500 ? 760 : 900, theme });
      await page.waitForTimeout(Number(process.env.WAIT ?? 6000));
      const name = `${folder}/${path.replaceAll(/\W+/g, '_')}-${width}-${theme}.png`;
      await page.screenshot({ path: name, fullPage: width < 500 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      console.log(name, overflow > 0 ? `OVERFLOWS by ${overflow}px` : '', page.messages.join(' | '));
      await page.context().close();
    }
await browser.close();
await mock?.close();
