// The pipeline screen in each of its states, against the mock server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, themes } from './browser.mjs';
import { problemsOf, sharedBrowser, visit } from './harness.mjs';

const summaryIs = (page, text) => page.locator('.summary', { hasText: text }).waitFor();
const condition = (code, stage, severity, text) => ({ code, stage, severity, text });
const full = condition('store_unavailable', 'store', 'failed', 'the disk is full');
const slow = condition('slow_clients', 'live', 'degraded', 'a client is slow');
const stage = (page, code) => page.locator(`.track button[data-stage=${code}]`);
const equation = (page, name) => page.getByRole('region', { name: 'Ledger' }).getByRole('button', { name: new RegExp(`^${name} `) });
const query = (page, text) => page.waitForFunction((t) => location.search.includes(t), text);

test('healthy: status, packet path with rates, lanes, outcomes; the URL has what is open', async () => {
  const { page } = await visit('/');
  await page.getByRole('link', { name: 'Pipeline', exact: true }).click();
  await summaryIs(page, /Working: .*every packet is accounted for/);
  for (const name of ['capture', 'decode', 'conntrack', 'publish', 'consume', 'score', 'alert']) await stage(page, name).first().getByText(/[1-9].*\/s|^0/).waitFor();
  await page.locator('.topic', { hasText: 'lag' }).first().waitFor();
  await page.getByRole('row', { name: /^0 ready/ }).waitFor();
  await page.getByText('Scored as typical').waitFor();
  await page.locator('[data-state=vanished]').waitFor();

  await stage(page, 'decode').focus();
  await page.keyboard.press('Enter');
  await query(page, 'stage=decode');
  await page.getByRole('region', { name: 'Stage Decode' }).getByText(/not ip/i).waitFor();
  await page.getByRole('button', { name: 'Show its ledger equation' }).click();
  await query(page, 'equation=decode');
  await page.getByRole('table', { name: 'Terms of Decode' }).getByText('In', { exact: true }).waitFor();
  await page.reload();
  await page.getByRole('region', { name: 'Stage Decode' }).waitFor();
  await page.getByRole('table', { name: 'Terms of Decode' }).waitFor();
  await equation(page, 'Decode').press('Enter');
  await page.waitForFunction(() => !location.search.includes('equation'));
  assert.deepEqual(page.messages, []);
});

test('the terms of an equation add up', async () => {
  const { page } = await visit('/pipeline?equation=log', { mock: { lost: 12 } });
  const figure = async (name) => Number((await page.getByRole('row', { name }).getByRole('cell').innerText()).replaceAll(/\D/g, ''));
  await page.getByRole('table', { name: /^Terms of/ }).waitFor();
  const [input, output, inFlight] = await page.evaluate(() =>
    ['In', 'Out', 'In flight'].map((name) => Number([...document.querySelectorAll('tr')].find((r) => r.firstElementChild.textContent.trim() === name).lastElementChild.textContent.replaceAll(/\D/g, ''))),
  );
  assert.ok(input > 0);
  assert.equal(input, output + inFlight);
  assert.equal(await figure(/^Difference/), 0);
  await page.getByText(/^Dropped by Publish/).waitFor();
  await stage(page, 'publish').getByText('lost 12').waitFor();
});

test('an equation with a difference comes first, with its reason, until it balances again', async () => {
  const { page, mock } = await visit('/pipeline', { mock: { unbalanced: 'log', ended: true, conditions: [condition('ledger_imbalance', 'ledger', 'degraded', 'log')] } });
  await summaryIs(page, /The ledger does not balance: .*: 7 packets are unaccounted for/);
  const headings = () => page.locator('h2').allInnerTexts();
  await page.getByRole('row', { name: /^Difference.* 7$/ }).waitFor();
  assert.equal((await headings())[0], 'Ledger');
  assert.match(await page.locator('section[aria-labelledby=ledger-heading] li').first().innerText(), /7 packets are unaccounted for/);
  await page.getByText(/^Unaccounted for: /).waitFor();
  mock.world.unbalanced = undefined;
  mock.world.conditions = [];
  await summaryIs(page, 'Every packet is accounted for; the pipeline is idle.');
  assert.equal((await headings())[0], 'Packet path');
});

test('an empty pipeline names the first stage without traffic and what to do', async () => {
  const { page, mock } = await visit('/pipeline', { mock: { alerts: 0, idle: true } });
  await summaryIs(page, 'No packets at “Capture”');
  await page.locator('.summary + .action code', { hasText: 'netlyra doctor' }).waitFor();
  await page.locator('.summary + .action', { hasText: 'ip link' }).waitFor();
  await stage(page, 'capture').getByText('stalled').waitFor();
  await page.getByText('No counts yet').waitFor();
  await page.getByText('No engine has a lane yet').waitFor();
  mock.world.idle = condition('no_engine', 'consume', 'info', 'packets are published and no engine consumes them');
  await summaryIs(page, 'Packets stop at “Consume”');
  await stage(page, 'consume').getByText('stalled').waitFor();
});

test('a failure is shown before other problems; a lane without an engine is marked', async () => {
  const { page, mock } = await visit('/pipeline', { mock: { orphan: 1, stopped: true, conditions: [slow, full] } });
  await summaryIs(page, /The pipeline is not working: .*the disk is full/);
  await page.getByRole('listitem').filter({ hasText: 'a client is slow' }).first().waitFor();
  await page.getByRole('row', { name: /^1 no engine .*last: office-1-4711/ }).waitFor();
  mock.world.stopped = false;
  mock.world.conditions = [slow];
  await summaryIs(page, 'Working, but degraded');
});

test('a lost connection marks figures as outdated, with their time, until it is restored', async () => {
  const { page, mock } = await visit('/pipeline');
  await summaryIs(page, 'Working');
  await mock.closeSocket();
  await summaryIs(page, 'live figures have stopped');
  await page.getByText('not live').waitFor();
  await page.route('**/api/v1/ledger', (route) => route.abort());
  await summaryIs(page, 'NetLyra is unreachable');
  await page.getByText(/Ledger as of .* ago/).waitFor();
  await page.unroute('**/api/v1/ledger');
  await mock.openSocket();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await summaryIs(page, 'Working');
  await page.getByText('not live').waitFor({ state: 'detached' });
});

test('accessibility and overflow: each state, both themes, 360 and 1280 px', async () => {
  const problems = [];
  const states = [
    ['/pipeline?stage=decode&equation=decode', 'Working', {}],
    ['/pipeline?stage=publish', 'degraded', { lost: 12, orphan: 2, conditions: [slow, condition('publish_buffer_full', 'publish', 'degraded', '12 packets were dropped')], notes: ['log: 12 packets of unknown processes are in the topic'] }],
    ['/pipeline', 'does not balance', { unbalanced: 'log' }],
    ['/pipeline', 'No packets at', { alerts: 0, idle: true }],
  ];
  for (const [path, text, options] of states) {
    const { mock } = await visit('/', { mock: options });
    for (const theme of themes)
      for (const width of [360, 1280]) {
        const page = await open(sharedBrowser(), mock.url + path, { width, theme });
        await summaryIs(page, text);
        problems.push(...(await problemsOf(page)).map((f) => `${text} ${theme} ${width}: ${f}`));
        await page.context().close();
      }
  }
  assert.deepEqual(problems, []);
});
