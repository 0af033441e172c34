// One browser for the tests of a file, and a mock and a page for each test, closed behind it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, afterEach, before } from 'node:test';
import { launch, open } from './browser.mjs';
import { startMock } from './mock-server.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let browser;
const opened = [];

before(async () => (browser = await launch()));
after(() => browser.close());
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

export const visitor = () => browser;
/** Closes something at the end of the test. */
export const later = (close) => opened.push(close);

export async function visit(path, { mock: options, page: more } = {}) {
  const mock = await startMock({ quiet: true, ...options });
  later(() => mock.close());
  const page = await open(browser, mock.url + path, more);
  later(() => page.context().close());
  return { mock, page };
}

/** What is wrong with a page as it is: for axe, in its width, and what the console complained of. */
export async function faults(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => (await window.axe.run(document)).violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join('; ')}`));
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overflow > 0) found.push(`overflows by ${overflow} px`);
  return [...found, ...page.complaints];
}
