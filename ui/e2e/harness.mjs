// One browser for the tests of a file; a mock server and a page for each test, closed at its end.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, afterEach, before } from 'node:test';
import { launch, open } from './browser.mjs';
import { startMock } from './mock-server.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let browser;
const cleanups = [];

before(async () => (browser = await launch()));
after(() => browser.close());
afterEach(async () => {
  for (const close of cleanups.splice(0).reverse()) await close();
});

export const sharedBrowser = () => browser;
/** Calls `close` at the end of the test. */
export const cleanup = (close) => cleanups.push(close);

export async function visit(path, { mock: options, page: pageOptions } = {}) {
  const mock = await startMock({ quiet: true, ...options });
  cleanup(() => mock.close());
  const page = await open(browser, mock.url + path, pageOptions);
  cleanup(() => page.context().close());
  return { mock, page };
}

/** Problems of a page: violations found by axe, horizontal overflow, and messages of the console. */
export async function problemsOf(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => (await window.axe.run(document)).violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join('; ')}`));
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overflow > 0) found.push(`overflows by ${overflow} px`);
  return [...found, ...page.messages];
}
