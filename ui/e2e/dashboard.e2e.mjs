// The dashboard against the mock server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, themes } from './browser.mjs';
import { startMock } from './mock-server.mjs';
import { cleanup, problemsOf, sharedBrowser, visit } from './harness.mjs';

const linkIs = (page, phase) => page.locator(`header .link.${phase}`).waitFor();
/** Ids in the list of newest alerts, in displayed order. */
const shownIds = (page) => page.locator('.newest li > a').evaluateAll((links) => links.map((a) => a.getAttribute('href').split('/').pop()));
/** Number of opaque pixels of a canvas, and a hash of them. */
const pixels = (page, selector) =>
  page.locator(selector).evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let painted = 0;
    let hash = 0;
    for (let i = 3; i < data.length; i += 4)
      if (data[i] > 0) {
        painted++;
        hash = (hash * 31 + i + data[i - 1]) | 0;
      }
    return { painted, hash };
  });

test('live: charts move, numbers appear, pausing freezes the display but not the stream', async () => {
  const { page, mock } = await visit('/', { page: { width: 1280 } });
  await linkIs(page, 'open');
  await page.waitForFunction(() => /\d/.test(document.querySelector('figcaption .value')?.textContent ?? ''));
  for (const canvas of ['.plot canvas >> nth=0', '.plot canvas >> nth=1', '.strip canvas']) {
    const { hash } = await pixels(page, canvas);
    await waitUntil(async () => {
      const now = await pixels(page, canvas); // painted, and moving
      return now.painted > 100 && now.hash !== hash;
    });
  }
  await page.getByRole('button', { name: 'Pause' }).click();
  assert.match(page.url(), /paused=1/);
  const frozen = await settled(() => pixels(page, '.strip canvas'));
  const before = await shownIds(page);
  mock.emitAlert(mock.addAlert());
  await page.getByText('1 new while paused').waitFor();
  assert.deepEqual(await shownIds(page), before);
  assert.equal((await pixels(page, '.strip canvas')).hash, frozen.hash, 'the strip does not move');
  await page.keyboard.press('p');
  await page.waitForFunction((n) => document.querySelectorAll('.newest li').length > 0 && !document.querySelector('.missed'), before.length);
  assert.notDeepEqual(await shownIds(page), before);
  assert.deepEqual(page.messages.filter((c) => !c.includes('willReadFrequently')), []); // caused by this test
});

test('live: without traffic the page shows the reason and suggests the demo', async () => {
  const { page } = await visit('/', { mock: { idle: true, alerts: 0 } });
  await page.getByRole('heading', { name: 'No packet yet' }).waitFor();
  await page.getByText('No packet so far').waitFor();
  await page.getByText('plays a demo office network').waitFor();
  await page.getByText('No alerts').waitFor();
});

test('live: the page connects once the server is available', async () => {
  const mock = await startMock({ quiet: true });
  cleanup(() => mock.close());
  await mock.closeSocket();
  const page = await open(sharedBrowser(), mock.url);
  cleanup(() => page.context().close());
  await page.getByText('Connection to NetLyra lost').waitFor();
  await mock.openSocket();
  await page.getByRole('button', { name: 'Reconnect now' }).click();
  await linkIs(page, 'open');
  await page.getByText('Connection to NetLyra lost').waitFor({ state: 'detached' });
});

test('a lost connection shows at once, is restored, and no alert is missed or duplicated', async () => {
  const { page, mock } = await visit('/');
  await linkIs(page, 'open');
  await page.waitForFunction(() => document.querySelectorAll('.newest li').length > 5);
  const received = mock.addAlert();
  mock.emitAlert(received);
  await page.locator(`.newest a[href="/alerts/${received.id}"]`).waitFor();

  const lostAt = Date.now();
  await mock.closeSocket();
  await linkIs(page, 'lost');
  assert.ok(Date.now() - lostAt < 3000, 'the loss shows at once');
  await page.getByText('Connection to NetLyra lost').waitFor();
  const missed = Array.from({ length: 7 }, () => mock.addAlert());
  // An alert of a replayed capture, with an event time years before all others.
  missed.push(mock.addAlert(new Date('2019-03-01T10:00:00Z')));
  await mock.openSocket();
  await linkIs(page, 'open');
  for (const alert of missed) await page.locator(`.newest a[href="/alerts/${alert.id}"]`).waitFor();
  for (const alert of [received, ...missed]) mock.emitAlert({ ...alert, count: alert.count + 1 });
  const last = mock.addAlert(); // messages arrive in order
  mock.emitAlert(last);
  await page.locator(`.newest a[href="/alerts/${last.id}"]`).waitFor();
  const ids = await shownIds(page);
  assert.equal(new Set(ids).size, ids.length, 'no duplicates');
});

test('alerts: the keyboard moves, triages, searches and opens; the URL has the state', async () => {
  const { page, mock } = await visit('/');
  await page.getByRole('link', { name: 'Alerts', exact: true }).click();
  const rows = page.locator('[role=row][aria-selected]');
  await rows.nth(10).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.keyboard.press('j');
  const selected = page.locator('[role=row][aria-selected=true]');
  assert.equal(await selected.getAttribute('aria-rowindex'), '3');
  const id = (await selected.getAttribute('id')).replace('row-', '');
  await page.waitForFunction((id) => location.search.includes(id), id);
  for (const [key, state, name] of [
    ['a', 'ack', 'Acknowledged'],
    ['m', 'muted', 'Muted'],
    ['f', 'false_positive', 'False positive'],
    ['f', 'new', 'New'],
  ]) {
    await page.keyboard.press(key);
    await selected.getByText(name, { exact: true }).waitFor();
    await waitUntil(() => mock.world.alerts.get(id).state === state);
  }
  await page.keyboard.press('/');
  await page.keyboard.type('brute_force');
  await page.waitForFunction(() => location.search.includes('q=brute_force'));
  await page.waitForFunction(() => [...document.querySelectorAll('[role=row][aria-selected]')].every((r) => r.textContent.includes('Brute force')));
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'critical' }).click();
  await page.waitForFunction(() => location.search.includes('severity=critical'));
  await page.waitForFunction(() => [...document.querySelectorAll('[role=row][aria-selected]')].every((r) => r.textContent.includes('critical')));
  const sorted = page.waitForResponse((r) => r.url().includes('sort=-score'));
  await page.getByRole('columnheader', { name: 'Score' }).getByRole('button').click();
  await page.waitForFunction(() => location.search.includes('sort=-score'));
  await (await sorted).finished();
  const link = page.url();
  const list = () => rows.evaluateAll((all) => all.map((r) => r.id));
  const before = await settled(list);
  await page.goto(link);
  await rows.first().waitFor();
  assert.deepEqual(await settled(list), before, 'a link shows the same list');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Why this is anomalous' }).waitFor();
  assert.match(page.url(), /\/alerts\/A/);
  await page.goBack();
  await rows.first().waitFor();
  assert.match(page.url(), /sort=-score/);
  assert.equal(await page.locator('[role=row][aria-selected=true]').count(), 1, 'the selection is restored');
  assert.deepEqual(page.messages, []);
});

test('alerts: a long list draws only visible rows and loads more while scrolling', async () => {
  const { page } = await visit('/alerts', { mock: { alerts: 3000 } });
  const grid = page.getByRole('grid', { name: 'Alerts' });
  await page.getByText('3\u202f000').first().waitFor();
  await grid.focus();
  const selected = () => page.evaluate(() => Number(document.querySelector('[role=row][aria-selected=true]')?.getAttribute('aria-rowindex') ?? 0));
  // End selects the last loaded row, and more are loaded.
  await waitUntil(async () => {
    await page.keyboard.press('End');
    return (await selected()) > 1000;
  });
  assert.ok((await page.locator('[role=row]').count()) < 60, 'rows in the DOM');
});

test('alerts: new rows do not move the rows in view', async () => {
  const { page, mock } = await visit('/alerts');
  const grid = page.getByRole('grid', { name: 'Alerts' });
  await page.locator('[role=row][aria-selected]').nth(5).waitFor();
  await grid.evaluate((g) => (g.scrollTop = 1020));
  const firstInView = () =>
    grid.evaluate((g) => {
      const top = g.getBoundingClientRect().top + 40;
      return [...g.querySelectorAll('[role=row][aria-selected]')].map((r) => [r.id, Math.round(r.getBoundingClientRect().top)]).find(([, y]) => y >= top);
    });
  const before = await settled(firstInView);
  for (let i = 0; i < 5; i++) mock.emitAlert(mock.addAlert());
  await page.waitForFunction((n) => Number(document.querySelector('[role=grid]').getAttribute('aria-rowcount')) >= n, 246);
  assert.deepEqual(await firstInView(), before);
});

test('alerts: a rejected change is reverted and reported', async () => {
  const { page } = await visit('/alerts');
  await page.locator('[role=row][aria-selected]').nth(5).waitFor();
  await page.route('**/api/v1/alerts/*', (route) => route.fulfill({ status: 409, contentType: 'application/problem+json', body: '{"title":"Conflict","detail":"it is locked"}' }));
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await page.getByText('Not saved: it is locked').waitFor();
  await page.locator('[role=row][aria-selected=true]').getByText('New', { exact: true }).waitFor();
});

test('alert: shows evidence and reasons, saves a note, updates live; an unknown id is reported', async () => {
  const { page, mock } = await visit('/alerts/A0000000006n');
  await page.getByText('Destination ports').waitFor();
  await page.getByRole('img', { name: /^From 9 ports at .* to 380 ports at .*; alert from 9 ports$/ }).waitFor();
  await page.getByText('isolate the source and check which ports').waitFor();
  await page.getByLabel('Note', { exact: true }).fill('the backup host');
  await page.getByRole('button', { name: 'Save note' }).click();
  await page.getByText('Note: the backup host').waitFor();
  const alert = mock.world.alerts.get('A0000000006n');
  mock.emitAlert({ ...alert, count: 4321 });
  await page.getByText('4\u202f321 in this episode').waitFor();
  await page.goto(`${mock.url}/alerts/nothing`);
  await page.getByText('Alert not found').waitFor();
});

test('connections: rows update, the state diagram marks the current state', async () => {
  const { page } = await visit('/connections?phase=active', { page: { width: 1600 } });
  await page.locator('[role=row][aria-selected]').nth(3).waitFor();
  await page.locator('.spark polyline').first().waitFor({ state: 'attached' });
  await page.keyboard.press('j');
  await page.locator('aside .node.on text', { hasText: 'active' }).waitFor();
  await page.waitForFunction(() => location.search.includes('selected=C'));
});

test('the theme button overrides the theme of the system', async () => {
  const { page } = await visit('/');
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const system = await background();
  const button = page.getByRole('button', { name: /^Theme/ });
  await button.click();
  assert.equal(await background(), system, 'light');
  await button.click();
  assert.notEqual(await background(), system, 'dark');
  await page.reload();
  assert.notEqual(await background(), system, 'dark after a reload');
});

test('accessibility and overflow: each screen, both themes, 360 and 1280 px', async () => {
  const { mock } = await visit('/');
  const problems = [];
  for (const path of ['/', '/alerts?selected=A0000000006o', '/alerts/A0000000006o', '/connections?selected=C00000000001', '/nowhere'])
    for (const theme of themes)
      for (const width of [360, 1280]) {
        const page = await open(sharedBrowser(), mock.url + path, { width, theme });
        await page.locator('header .link.open').waitFor();
        await page.waitForLoadState('networkidle');
        problems.push(...(await problemsOf(page)).map((f) => `${path} ${theme} ${width}: ${f}`));
        await page.context().close();
      }
  assert.deepEqual(problems, []);
});

async function waitUntil(condition) {
  for (let i = 0; i < 500; i++) {
    if (await condition()) return;
    await new Promise((ok) => setTimeout(ok, 20));
  }
  assert.fail(`timeout after 10 s: ${condition}`);
}

/** The result of `read` once it is stable for a third of a second. */
async function settled(read) {
  let last = await read();
  for (let same = 0; same < 3; ) {
    await new Promise((ok) => setTimeout(ok, 110));
    const now = await read();
    same = JSON.stringify(now) === JSON.stringify(last) ? same + 1 : 0;
    last = now;
  }
  return last;
}
