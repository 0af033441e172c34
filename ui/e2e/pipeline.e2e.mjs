// The pipeline screen: whether it works, and where every packet is, in each state that it can be in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, themes } from './browser.mjs';
import { faults, visit, visitor } from './visit.mjs';

const says = (page, text) => page.locator('.answer', { hasText: text }).waitFor();
const stage = (page, name) => page.locator('.track button', { has: page.getByText(name, { exact: true }) });
const equation = (page, name) => page.getByRole('region', { name: 'The ledger' }).getByRole('button', { name: new RegExp(`^${name} `) });
const query = (page, text) => page.waitForFunction((t) => location.search.includes(t), text);

test('healthy: the sentence, the way with its rates, lanes, places; what is opened is in the URL', async () => {
  const { page } = await visit('/');
  await page.getByRole('link', { name: 'Pipeline', exact: true }).click();
  await says(page, /It works: .*every packet is accounted for/);
  for (const name of ['Capture', 'Decode', 'Conntrack', 'Publish', 'Consume', 'Score', 'Alert']) await stage(page, name).first().getByText(/[1-9].*\/s|^0/).waitFor();
  await page.locator('.log', { hasText: 'wait' }).first().waitFor();
  await page.getByRole('row', { name: /^0 ready/ }).waitFor();
  await page.getByText('scored, and usual').waitFor();
  await page.getByText('vanished', { exact: true }).waitFor();

  await stage(page, 'Decode').focus();
  await page.keyboard.press('Enter');
  await query(page, 'stage=decode');
  await page.getByRole('region', { name: 'Stage decode' }).getByText('not IP').waitFor();
  await page.getByRole('button', { name: 'Its equation' }).click();
  await query(page, 'equation=decode');
  await page.getByRole('table', { name: 'The terms of Decode' }).getByText('came in').waitFor();
  await page.reload();
  await page.getByRole('region', { name: 'Stage decode' }).waitFor();
  await page.getByRole('table', { name: 'The terms of Decode' }).waitFor();
  await equation(page, 'Decode').press('Enter');
  await page.waitForFunction(() => !location.search.includes('equation'));
  assert.deepEqual(page.complaints, []);
});

test('the terms of each equation add up to what is shown', async () => {
  const { page } = await visit('/pipeline?equation=log', { mock: { lost: 12 } });
  const figure = async (name) => Number((await page.getByRole('row', { name }).getByRole('cell').innerText()).replaceAll(/\D/g, ''));
  await page.getByRole('table', { name: 'The terms of Log' }).waitFor();
  const [went, came, flight] = await page.evaluate(() =>
    ['Went in', 'Came out', 'In flight'].map((name) => Number([...document.querySelectorAll('tr')].find((r) => r.textContent.startsWith(name)).lastElementChild.textContent.replaceAll(/\D/g, ''))),
  );
  assert.ok(went > 0);
  assert.equal(went, came + flight);
  assert.equal(await figure(/^Difference/), 0);
  await page.getByText('dropped by publish: publish buffer full').waitFor();
  await stage(page, 'Publish').getByText('lost 12').waitFor();
});

test('an equation that is off comes first, with its why, and goes when it holds again', async () => {
  const { page, mock } = await visit('/pipeline', { mock: { wrong: 'log', ended: true, health: { ledger: 'the ledger does not add up: log' } } });
  await says(page, 'The ledger does not add up: Log: 7 went in and are nowhere');
  const headings = () => page.locator('h2').allInnerTexts();
  await page.getByRole('row', { name: /^Difference.* 7$/ }).waitFor();
  assert.equal((await headings())[0], 'The ledger', 'before all else');
  assert.match(await page.locator('section[aria-labelledby=ledger-heading] li').first().innerText(), /Log[\s\S]*7 went in and are nowhere/);
  await page.getByText('nowhere: log').waitFor();
  mock.world.wrong = undefined;
  mock.world.health = {};
  await says(page, 'Every packet is accounted for, and everything is at rest.');
  assert.equal((await headings())[0], 'The way of a packet');
});

test('an empty pipeline names the first stage that sees nothing, and what to do', async () => {
  const { page, mock } = await visit('/pipeline', { mock: { alerts: 0, idle: 'capture: not one packet so far. Check the interface\'s name (`ip link`).' } });
  await says(page, '“Capture” sees nothing');
  await page.locator('.answer + .todo code', { hasText: 'netlyra doctor' }).waitFor();
  await page.locator('.answer + .todo code', { hasText: 'ip link' }).waitFor();
  await stage(page, 'Capture').getByText('sees nothing').waitFor();
  await page.getByText('Nothing is counted yet').waitFor();
  await page.getByText('No engine has taken a lane yet').waitFor();
  mock.world.idle = 'consume: packets are published and no engine reads them. Start one: `netlyra engine`.';
  await says(page, 'Packets stop at “Consume”');
  await stage(page, 'Consume').getByText('sees nothing').waitFor();
});

test('what stops the work is said, and what is wrong besides; a lane without an engine is seen', async () => {
  const { page, mock } = await visit('/pipeline', { mock: { orphan: 1, stopped: true, health: { store: 'the disk is full', live: 'clients are too slow' } } });
  await says(page, 'The pipeline cannot do its work: store: the disk is full');
  await page.getByRole('listitem').filter({ hasText: 'clients are too slow' }).waitFor();
  await page.getByRole('row', { name: /^1 no engine .*last office-1-4711/ }).waitFor();
  mock.world.stopped = false;
  mock.world.health = { live: 'clients are too slow' };
  await says(page, 'It works, degraded: live');
});

test('a lost link shows: the figures are from before, and the screen says of when; then all comes back', async () => {
  const { page, mock } = await visit('/pipeline');
  await says(page, 'It works');
  await mock.closeSocket();
  await says(page, 'the live figures have stopped');
  await page.getByText('not live').waitFor();
  await page.route('**/api/v1/ledger', (route) => route.abort());
  await says(page, 'NetLyra does not answer');
  await page.getByText(/Ledger as of .* ago/).waitFor();
  await page.unroute('**/api/v1/ledger');
  await mock.openSocket();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await says(page, 'It works');
  await page.getByText('not live').waitFor({ state: 'detached' });
});

test('axe finds nothing, nothing overflows: each state, both themes, 360 and 1280 px', async () => {
  const problems = [];
  const states = [
    ['/pipeline?stage=decode&equation=decode', 'It works', {}],
    ['/pipeline?stage=publish', 'degraded', { lost: 12, orphan: 2, health: { publish: '12 packets were dropped', store: 'rows wait' }, notes: ['log: 12 packets are on the log that no process told of.'] }],
    ['/pipeline', 'does not add up', { wrong: 'log' }],
    ['/pipeline', 'sees nothing', { alerts: 0, idle: 'capture: not one packet so far.' }],
  ];
  for (const [path, text, options] of states) {
    const { mock } = await visit('/', { mock: options });
    for (const theme of themes)
      for (const width of [360, 1280]) {
        const page = await open(visitor(), mock.url + path, { width, theme });
        await says(page, text);
        problems.push(...(await faults(page)).map((f) => `${text} ${theme} ${width}: ${f}`));
        await page.context().close();
      }
  }
  assert.deepEqual(problems, []);
});
