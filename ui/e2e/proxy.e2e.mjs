// The page of a running NetLyra behind nginx: on one port, below a path that nginx strips
// or keeps, over HTTP and HTTPS, with and without configuration.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { freePort, missing, startNetLyra, startNginx } from './nginx.mjs';

const patience = Number(process.env.PATIENCE_MS ?? 60_000);
const skip = missing;
const upgrade = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;';
const forwarded = 'proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Prefix ""; proxy_set_header Forwarded "";';

let browser, plain, configured, stopNginx;
const port = {};

before(async () => {
  if (skip) return;
  for (const name of ['http', 'https', 'path', 'configured', 'stripped', 'kept']) port[name] = await freePort();
  browser = await launch('--host-resolver-rules=MAP noc.example 127.0.0.1');
  plain = await startNetLyra();
  configured = await startNetLyra({ PUBLIC_URL: `https://noc.example:${port.configured}/netlyra/`, TRUSTED_PROXIES: '127.0.0.1' });
  const onePort = `location / { proxy_pass http://127.0.0.1:${plain.api}; } location /ws { proxy_pass http://127.0.0.1:${plain.ws}; ${upgrade} }`;
  stopNginx = await startNginx(
    `server { listen 127.0.0.1:${port.http}; ${onePort} }
     server { listen 127.0.0.1:${port.https} ssl; ${onePort} }
     server { listen 127.0.0.1:${port.path} ssl; location /netlyra/ { proxy_pass http://127.0.0.1:${plain.api}/; ${upgrade} } }
     server { listen 127.0.0.1:${port.configured} ssl; location /netlyra/ { proxy_pass http://127.0.0.1:${configured.api}; ${upgrade} ${forwarded} } location = /netlyra { proxy_pass http://127.0.0.1:${configured.api}; ${forwarded} } }
     server { listen 127.0.0.1:${port.stripped} ssl; location /netlyra/ { proxy_pass http://127.0.0.1:${configured.api}/; ${upgrade} } }
     server { listen 127.0.0.1:${port.kept}; location /netlyra/ { proxy_pass http://127.0.0.1:${configured.api}; } location /netlyra/ws { proxy_pass http://127.0.0.1:${configured.ws}; ${upgrade} } }`,
    port.http,
  );
});
after(async () => {
  await browser?.close();
  await stopNginx?.();
  await plain?.stop();
  await configured?.stop();
});

/** Checks that the page at url is live, initially and after loading one of its screens directly. */
async function checkLive(t, url, socket) {
  const page = await open(browser, 'about:blank', { width: 1600, height: 900, ignoreHTTPSErrors: true });
  t.after(() => page.context().close());
  const sockets = [];
  page.on('websocket', (ws) => {
    const seen = { url: ws.url(), stats: 0 };
    sockets.push(seen);
    ws.on('framereceived', ({ payload }) => (seen.stats += String(payload).startsWith('{"event":"stats"') ? 1 : 0));
  });
  const live = async () => {
    await page.locator('header .link.open').waitFor({ timeout: patience });
    await waitFor(() => sockets.at(-1)?.stats > 2);
    assert.equal(sockets.at(-1).url, socket);
  };
  await page.goto(url);
  await live();
  await page.waitForFunction(() => /[1-9]/.test(document.querySelector('figcaption .value')?.textContent ?? ''), undefined, { timeout: patience });

  const base = new URL(url).pathname.replace(/\/?$/, '/');
  await page.locator('.newest li > a').first().waitFor({ timeout: patience });
  await page.locator('header nav a').nth(1).click();
  await page.locator('[role=row][aria-selected]').first().waitFor();
  assert.equal(new URL(page.url()).pathname, `${base}alerts`);
  const href = await page.locator('[role=row] a').first().getAttribute('href');
  assert.ok(href.startsWith(`${base}alerts/`), href);
  await page.goto(new URL(href, page.url()).href); // a path with two segments
  await page.locator('main h1').waitFor();
  await live();
  const triaged = await page.evaluate(async () => {
    const id = location.pathname.split('/').pop();
    const path = new URL(`api/v1/alerts/${id}`, document.baseURI);
    return (await fetch(path, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"state":"ack"}' })).status;
  });
  assert.equal(triaged, 200);
  assert.deepEqual(page.messages.filter((c) => !c.includes('willReadFrequently')), []);
}

async function waitFor(cond) {
  for (const until = Date.now() + patience; !cond(); await new Promise((ok) => setTimeout(ok, 50))) assert.ok(Date.now() < until, 'timeout');
}

test('one port over HTTP, without configuration', { skip }, (t) => checkLive(t, `http://127.0.0.1:${port.http}/`, `ws://127.0.0.1:${port.http}/ws`));
test('one port over HTTPS, without configuration', { skip }, (t) => checkLive(t, `https://127.0.0.1:${port.https}/`, `wss://127.0.0.1:${port.https}/ws`));
test('below a path that nginx strips, over HTTPS, without configuration', { skip }, (t) => checkLive(t, `https://localhost:${port.path}/netlyra/`, `wss://localhost:${port.path}/netlyra/ws`));
test('below a path that nginx keeps, over HTTPS, by its public name', { skip }, (t) => checkLive(t, `https://noc.example:${port.configured}/netlyra`, `wss://noc.example:${port.configured}/netlyra/ws`));
test('below a path that nginx strips, with PUBLIC_URL', { skip }, (t) => checkLive(t, `https://127.0.0.1:${port.stripped}/netlyra/`, `wss://127.0.0.1:${port.stripped}/netlyra/ws`));
test('below a path that nginx keeps, over HTTP, with the WebSocket on its own port', { skip }, (t) => checkLive(t, `http://127.0.0.1:${port.kept}/netlyra/`, `ws://127.0.0.1:${port.kept}/netlyra/ws`));

// The host name is valid, so only the server's origin checks apply.
test('a page of another origin can neither read nor connect', { skip }, async (t) => {
  const page = await open(browser, `http://127.0.0.1:${port.http}/api/v1/health`, {}); // navigation is allowed
  t.after(() => page.context().close());
  const refused = await page.evaluate(async ([api, ws]) => {
    const blocked = (url) => new Promise((ok) => {
      const script = document.createElement('script');
      script.onerror = () => ok(true);
      script.onload = () => ok(false);
      script.src = url;
      document.documentElement.append(script);
    });
    const closed = (url) => new Promise((ok) => {
      const socket = new WebSocket(url);
      socket.onerror = () => ok(true);
      socket.onopen = () => ok(false);
    });
    return [await blocked(`http://localhost:${api}/api/v1/alerts`), await closed(`ws://noc.example:${ws}/ws`)];
  }, [plain.api, plain.ws]);
  assert.deepEqual(refused, [true, true]);
});
