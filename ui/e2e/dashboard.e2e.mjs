// The dashboard against the mock server: what a person does and what must not happen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, themes } from './browser.mjs';
import { startMock } from './mock-server.mjs';
import { faults, later, visit, visitor } from './visit.mjs';

const linkIs = (page, phase) => page.locator(`header .link.${phase}`).waitFor();
/** Alert ids in the list of the newest, as shown. */
const shownIds = (page) => page.locator('.newest li > a').evaluateAll((links) => links.map((a) => a.getAttribute('href').split('/').pop()));
/** How many pixels of a canvas are not transparent, and a fingerprint of them. */
const pixels = (page, selector) =>
  page.locator(selector).evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let painted = 0;
    let print = 0;
    for (let i = 3; i < data.length; i += 4)
      if (data[i] > 0) {
        painted++;
        print = (print * 31 + i + data[i - 1]) | 0;
      }
    return { painted, print };
  });

test('live: charts move, numbers come, pause freezes the view and not the stream', async () => {
  const { page, mock } = await visit('/', { page: { width: 1280 } });
  await linkIs(page, 'open');
  await page.waitForFunction(() => /\d/.test(document.querySelector('figcaption .value')?.textContent ?? ''));
  for (const canvas of ['.plot canvas >> nth=0', '.plot canvas >> nth=1', '.strip canvas']) {
    const one = await pixels(page, canvas);
    await page.waitForTimeout(700);
    const two = await pixels(page, canvas);
    assert.ok(two.painted > 100, `${canvas} is painted`);
    assert.notEqual(one.print, two.print, `${canvas} moves`);
  }
  await page.getByRole('button', { name: 'Pause' }).click();
  assert.match(page.url(), /paused=1/);
  await page.waitForTimeout(300);
  const frozen = await pixels(page, '.strip canvas');
  const before = await shownIds(page);
  mock.emitAlert(mock.addAlert());
  await page.getByText('1 more since the pause').waitFor();
  assert.deepEqual(await shownIds(page), before);
  assert.equal((await pixels(page, '.strip canvas')).print, frozen.print, 'the strip stands still');
  await page.keyboard.press('p');
  await page.waitForFunction((n) => document.querySelectorAll('.newest li').length > 0 && !document.querySelector('.waiting'), before.length);
  assert.notDeepEqual(await shownIds(page), before);
  assert.deepEqual(page.complaints.filter((c) => !c.includes('willReadFrequently')), []); // that is this test's own doing
});

test('live: without traffic the page says what it waits for and offers the demo', async () => {
  const { page } = await visit('/', { mock: { idle: true, alerts: 0 } });
  await page.getByRole('heading', { name: 'No traffic yet' }).waitFor();
  await page.getByText('capture has seen no packet on eth0').waitFor();
  await page.getByText('plays a demo office').waitFor();
  await page.getByText('None yet').waitFor();
});

test('live: a server that is not there yet is waited for', async () => {
  const mock = await startMock({ quiet: true });
  later(() => mock.close());
  await mock.closeSocket();
  const page = await open(visitor(), mock.url);
  later(() => page.context().close());
  await page.getByText('No connection to NetLyra').waitFor();
  await mock.openSocket();
  await page.getByRole('button', { name: 'Try now' }).click();
  await linkIs(page, 'open');
  await page.getByText('No connection to NetLyra').waitFor({ state: 'detached' });
});

test('a lost socket shows at once, comes back, and no alert is missed or shown twice', async () => {
  const { page, mock } = await visit('/');
  await linkIs(page, 'open');
  await page.waitForFunction(() => document.querySelectorAll('.newest li').length > 5);
  const seen = mock.addAlert();
  mock.emitAlert(seen);
  await page.locator(`.newest a[href="/alerts/${seen.id}"]`).waitFor();

  const lostAt = Date.now();
  await mock.closeSocket();
  await linkIs(page, 'lost');
  assert.ok(Date.now() - lostAt < 3000, 'the loss shows at once');
  await page.getByText('No connection to NetLyra').waitFor();
  const missed = Array.from({ length: 7 }, () => mock.addAlert());
  // A replayed capture: its event time is years before anything that is known.
  missed.push(mock.addAlert(new Date('2019-03-01T10:00:00Z')));
  await mock.openSocket();
  await linkIs(page, 'open');
  for (const alert of missed) await page.locator(`.newest a[href="/alerts/${alert.id}"]`).waitFor();
  for (const alert of [seen, ...missed]) mock.emitAlert({ ...alert, count: alert.count + 1 });
  await page.waitForTimeout(600);
  const ids = await shownIds(page);
  assert.equal(new Set(ids).size, ids.length, 'each once');
});

test('alerts: keyboard moves, triages, searches, opens, and the URL has it all', async () => {
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
  for (const [key, state, word] of [
    ['a', 'ack', 'Acknowledged'],
    ['m', 'muted', 'Muted'],
    ['f', 'false_positive', 'False positive'],
    ['f', 'new', 'New'],
  ]) {
    await page.keyboard.press(key);
    await selected.getByText(word, { exact: true }).waitFor();
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
  const here = await settled(list);
  await page.goto(link);
  await rows.first().waitFor();
  assert.deepEqual(await settled(list), here, 'a link shows the same list');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Why this stands out' }).waitFor();
  assert.match(page.url(), /\/alerts\/A/);
  await page.goBack();
  await rows.first().waitFor();
  assert.match(page.url(), /sort=-score/);
  assert.equal(await page.locator('[role=row][aria-selected=true]').count(), 1, 'the selection is back');
  assert.deepEqual(page.complaints, []);
});

test('alerts: a long list draws only what is seen and reads on while it is scrolled', async () => {
  const { page } = await visit('/alerts', { mock: { alerts: 3000 } });
  const grid = page.getByRole('grid', { name: 'Alerts' });
  await page.getByText('3\u202f000').first().waitFor();
  await grid.focus();
  const selected = () => page.evaluate(() => Number(document.querySelector('[role=row][aria-selected=true]')?.getAttribute('aria-rowindex') ?? 0));
  for (let i = 0; i < 200 && (await selected()) <= 1000; i++) {
    await page.keyboard.press('End');
    await page.waitForTimeout(60);
  }
  assert.ok((await selected()) > 1000, 'End goes on as far as there is something');
  assert.ok((await page.locator('[role=row]').count()) < 60, 'rows in the DOM');
});

test('alerts: what comes in does not move what is read', async () => {
  const { page, mock } = await visit('/alerts');
  const grid = page.getByRole('grid', { name: 'Alerts' });
  await page.locator('[role=row][aria-selected]').nth(5).waitFor();
  await grid.evaluate((g) => (g.scrollTop = 1020));
  await page.waitForTimeout(200);
  const firstInView = () =>
    grid.evaluate((g) => {
      const top = g.getBoundingClientRect().top + 40;
      return [...g.querySelectorAll('[role=row][aria-selected]')].map((r) => [r.id, Math.round(r.getBoundingClientRect().top)]).find(([, y]) => y >= top);
    });
  const before = await firstInView();
  for (let i = 0; i < 5; i++) mock.emitAlert(mock.addAlert());
  await page.waitForFunction((n) => Number(document.querySelector('[role=grid]').getAttribute('aria-rowcount')) >= n, 246);
  assert.deepEqual(await firstInView(), before);
});

test('alerts: a refused change is taken back and said', async () => {
  const { page } = await visit('/alerts');
  await page.locator('[role=row][aria-selected]').nth(5).waitFor();
  await page.route('**/api/v1/alerts/*', (route) => route.fulfill({ status: 409, contentType: 'application/problem+json', body: '{"title":"Conflict","detail":"it is locked"}' }));
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await page.getByText('Could not be saved: it is locked').waitFor();
  await page.locator('[role=row][aria-selected=true]').getByText('New', { exact: true }).waitFor();
});

test('alert: shows reasons, takes a note, grows while it is looked at; an unknown id is said', async () => {
  const { page, mock } = await visit('/alerts/A0000000006n');
  await page.getByText('dst ports 10s').waitFor();
  await page.getByLabel('Note for whoever comes next').fill('the backup host');
  await page.getByRole('button', { name: 'Save note' }).click();
  await page.getByText('Note: the backup host').waitFor();
  const alert = mock.world.alerts.get('A0000000006n');
  mock.emitAlert({ ...alert, count: 4321 });
  await page.getByText('4\u202f321 in the episode').waitFor();
  await page.goto(`${mock.url}/alerts/nothing`);
  await page.getByText('There is no such alert').waitFor();
});

test('connections: rows live, the state diagram lights the present state', async () => {
  const { page } = await visit('/connections?phase=active', { page: { width: 1600 } });
  await page.locator('[role=row][aria-selected]').nth(3).waitFor();
  await page.locator('.spark polyline').first().waitFor({ state: 'attached' });
  await page.keyboard.press('j');
  await page.locator('aside .node.on text', { hasText: 'active' }).waitFor();
  await page.waitForFunction(() => location.search.includes('selected=C'));
});

test('axe finds nothing, nothing overflows: each screen, both themes, 360 and 1280 px', async () => {
  const { mock } = await visit('/');
  const problems = [];
  for (const path of ['/', '/alerts?selected=A0000000006o', '/alerts/A0000000006o', '/connections?selected=C00000000001', '/nowhere'])
    for (const theme of themes)
      for (const width of [360, 1280]) {
        const page = await open(visitor(), mock.url + path, { width, theme });
        await page.locator('header .link.open').waitFor();
        await page.waitForTimeout(400);
        problems.push(...(await faults(page)).map((f) => `${path} ${theme} ${width}: ${f}`));
        await page.context().close();
      }
  assert.deepEqual(problems, []);
});

async function waitUntil(condition) {
  for (let i = 0; i < 500; i++) {
    if (condition()) return;
    await new Promise((ok) => setTimeout(ok, 20));
  }
  assert.fail(`not within 10 s: ${condition}`);
}

/** What read gives once it gives the same for a third of a second. */
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
