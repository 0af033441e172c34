// Mocks a NetLyra server: the REST API and the built page on one port, the WebSocket on
// another. Start it with `npm run mock`, or with startMock() from tests.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { features, machines, makeAlert, makeConnection, makeScores, makeStats, nextSteps, random } from './mock-data.mjs';
import { makeHealth, makeLedger } from './mock-pipeline.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

export async function startMock(options = {}) {
  const mock = new Mock(options);
  await mock.listen();
  return mock;
}

class Mock {
  constructor({ port = 0, wsPort = 0, alerts = 240, idle = false, cold = false, seed = 7, quiet = false, ...world } = {}) {
    this.ports = { port, wsPort };
    this.rnd = random(seed);
    this.world = { packets: 2.1e7, bytes: 1.4e10, alerts: new Map(), connections: new Map(), began: new Date().toISOString(), idle, cold, ...world };
    if (idle) this.world.packets = this.world.bytes = 0;
    this.quiet = quiet; // emits alerts only when told to
    this.requests = [];
    this.sockets = new Set();
    const now = Date.now();
    for (let i = 0; i < alerts; i++) this.addAlert(new Date(now - (alerts - i) * 47_000));
    if (!idle) for (let i = 0; i < 400; i++) this.addConnection(new Date(now - (400 - i) * 900));
  }

  addAlert(at = new Date(), changes = {}) {
    const alert = { ...makeAlert(this.rnd, this.world.alerts.size + 1, at), state: 'new', ...changes };
    this.world.alerts.set(alert.id, { ...alert, triage: [] });
    return alert;
  }

  addConnection(at) {
    const c = makeConnection(this.rnd, this.world.connections.size + 1, at);
    this.world.connections.set(c.id, c);
    return c;
  }

  async listen() {
    this.http = createServer((req, res) => this.answer(req, res).catch((e) => send(res, 500, { title: String(e) })));
    await new Promise((ok) => this.http.listen(this.ports.port, '127.0.0.1', ok));
    this.url = `http://127.0.0.1:${this.http.address().port}`;
    await this.openSocket();
    this.timers = [setInterval(() => this.emitStats(), 100), setInterval(() => this.emitNewAlert(), 2500)];
  }

  async openSocket(port = this.wsPort ?? this.ports.wsPort) {
    this.wss = new WebSocketServer({ port, host: '127.0.0.1', path: '/ws' });
    await new Promise((ok) => this.wss.on('listening', ok));
    this.wsPort = this.wss.address().port;
    this.wss.on('connection', (ws) => {
      ws.events = new Set(['stats', 'alert']);
      this.sockets.add(ws);
      ws.on('close', () => this.sockets.delete(ws));
      ws.on('message', (text) => {
        ws.events = new Set(JSON.parse(text).subscribe);
      });
    });
  }

  /** Closes the socket abruptly, like a crash of the server. */
  async closeSocket() {
    for (const ws of this.sockets) ws.terminate();
    await new Promise((ok) => this.wss.close(ok));
  }

  emit(event, data, everyone = false) {
    const text = JSON.stringify({ event, ts: new Date().toISOString(), data });
    for (const ws of this.sockets) if (everyone || ws.events.has(event)) ws.send(text);
  }

  emitAlert(alert) {
    const { state, note, triage, ...wire } = alert;
    this.emit('alert', wire);
  }

  emitStats() {
    const t = Date.now() / 1000;
    this.world.attack = t % 41 > 33;
    this.emit('stats', makeStats(this.rnd, t, this.world));
    if (this.world.idle) return;
    this.emit('scores', makeScores(this.rnd, 120, this.world));
    const open = [...this.world.connections.values()].filter((c) => c.phase === 'active');
    for (const c of open.slice(0, 12)) {
      c.orig_bytes += Math.floor(this.rnd() * 4000);
      c.resp_bytes += Math.floor(this.rnd() * 40000);
      c.duration += 0.1;
      c.last_ts = new Date().toISOString();
      this.emit('connection', c);
    }
  }

  emitNewAlert() {
    if (this.quiet || this.world.idle) return;
    const alert = this.addAlert();
    this.emitAlert(alert);
    this.emit('connection', this.addConnection(new Date()));
  }

  /** Sends `perSecond` messages to every page for `seconds`: growing alerts, scores, connections. */
  async sendLoad(perSecond, seconds) {
    const alerts = [...this.world.alerts.values()];
    const connections = [...this.world.connections.values()];
    const start = performance.now();
    let sent = 0;
    while (performance.now() - start < seconds * 1000) {
      const due = Math.floor(((performance.now() - start) / 1000) * perSecond);
      for (; sent < due; sent++) {
        if (sent % 10 === 0) {
          const alert = alerts[sent % alerts.length];
          alert.count++;
          const { state, triage, ...wire } = alert;
          this.emit('alert', wire, true);
        } else if (sent % 10 < 6) this.emit('scores', makeScores(this.rnd, 2, this.world), true);
        else this.emit('connection', connections[sent % connections.length], true);
      }
      await new Promise((ok) => setTimeout(ok, 5));
    }
    return sent;
  }

  async answer(req, res) {
    const url = new URL(req.url, this.url);
    this.requests.push(`${req.method} ${url.pathname}${url.search}`);
    if (!url.pathname.startsWith('/api/')) return file(res, url.pathname);
    const path = url.pathname.slice('/api/v1'.length);
    const id = decodeURIComponent(path.split('/')[2] ?? '');
    if (path === '/config') return send(res, 200, { ws_port: this.wsPort, version: '0.1.0', threshold: 0.8 });
    if (path === '/stats') return send(res, 200, makeStats(this.rnd, Date.now() / 1000, this.world));
    if (path === '/ledger') return send(res, 200, makeLedger(this.world));
    if (path === '/health') return send(res, this.world.stopped ? 503 : 200, makeHealth(this.world));
    if (path === '/features') return send(res, 200, { items: features });
    if (path === '/machines') return send(res, 200, machines);
    if (path.startsWith('/connections/')) {
      const c = this.world.connections.get(id);
      return c ? send(res, 200, c) : send(res, 404, { title: 'Not found', status: 404 });
    }
    if (path === '/alerts') return send(res, 200, list([...this.world.alerts.values()], url.searchParams));
    if (path === '/connections') return send(res, 200, list([...this.world.connections.values()], url.searchParams));
    const alert = this.world.alerts.get(id);
    if (!alert) return send(res, 404, { title: 'Not found', detail: `no alert has the id ${id}`, status: 404 });
    if (req.method === 'PATCH') {
      const body = JSON.parse(await text(req));
      alert.triage.push({ at: new Date().toISOString(), from: alert.state, state: body.state ?? alert.state, note: body.note ?? alert.note ?? '', author: '' });
      Object.assign(alert, body);
    }
    return send(res, 200, { ...alert, next_steps: nextSteps, connection: this.world.connections.values().next().value });
  }

  async close() {
    for (const timer of this.timers) clearInterval(timer);
    await this.closeSocket().catch(() => {});
    this.http.closeAllConnections();
    await new Promise((ok) => this.http.close(ok));
  }
}

function list(rows, q) {
  const has = (key) => q.get(key) ?? '';
  let found = rows.filter(
    (r) =>
      (!has('severity') || has('severity').split(',').includes(r.severity)) &&
      (!has('state') || has('state').split(',').includes(r.state)) &&
      (!r.phase || has('phase') === 'any' || (has('phase') || 'new,active,idle').split(',').includes(r.phase)) &&
      (!has('ip') || r.src_ip === has('ip') || r.dst_ip === has('ip')) &&
      (!has('since') || r.last_ts >= has('since')) &&
      (!has('q') || JSON.stringify([r.summary, r.kind, r.src_ip, r.dst_ip, r.server_name, r.service]).toLowerCase().includes(has('q').toLowerCase())),
  );
  const sort = has('sort') || '-last_ts';
  const key = sort.replace('-', '');
  const grade = { low: 0, medium: 1, high: 2, critical: 3 };
  const value = (r) => (key === 'severity' ? grade[r.severity] : key === 'bytes' ? r.orig_bytes + r.resp_bytes : r[key]);
  found.sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : a.id < b.id ? -1 : 1));
  if (sort.startsWith('-')) found.reverse();
  const limit = Number(has('limit') || 50);
  const from = has('cursor') ? Number(has('cursor')) : (Number(has('page') || 1) - 1) * limit;
  const items = found.slice(from, from + limit).map(({ triage, ...row }) => row);
  return { items, total: found.length, page: 1, limit, next_cursor: from + limit < found.length ? String(from + limit) : '' };
}

function send(res, status, body) {
  res.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json' });
  res.end(JSON.stringify(body));
}

async function file(res, path) {
  const requested = join(dist, normalize(path));
  const name = extname(path) === '' ? join(dist, 'index.html') : requested;
  try {
    const body = await readFile(name);
    res.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' });
    res.end(body);
  } catch {
    res.writeHead(404).end('not built; run npm run build');
  }
}

async function text(req) {
  let all = '';
  for await (const chunk of req) all += chunk;
  return all;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ port: Number(process.env.PORT ?? 8090), wsPort: Number(process.env.WS_PORT ?? 8091), idle: process.argv.includes('--idle') });
  console.error(`mock server on ${mock.url}, WebSocket on port ${mock.wsPort}`);
}
