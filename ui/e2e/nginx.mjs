// Starts nginx and NetLyra as child processes, each with its own directory.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const binary = process.env.NETLYRA_BIN ?? fileURLToPath(new URL('../../bin/netlyra', import.meta.url));

/** Why these tests cannot run, or false. */
export const missing = !existsSync(binary)
  ? 'bin/netlyra is not built: go tool task build'
  : (found('nginx', '-v') ?? found('openssl', 'version') ?? false);

function found(command, flag) {
  try {
    execFileSync(command, [flag], { stdio: 'ignore', env: env() });
  } catch {
    return `${command} is not installed: apt-get install ${command === 'nginx' ? 'nginx-light' : command}`;
  }
}

function env(extra) {
  return { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: tmpdir(), ...extra };
}

export async function freePort() {
  const server = createServer();
  await new Promise((ok) => server.listen(0, '127.0.0.1', ok));
  const { port } = server.address();
  await new Promise((ok) => server.close(ok));
  return port;
}

/** Starts a command and waits until `ready` resolves to true; returns the function that stops it. An early exit is an error. */
async function run(command, args, options, ready) {
  const child = spawn(command, args, options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = (output + chunk).slice(-4000)));
  const ended = new Promise((ok) => child.on('exit', ok));
  for (const until = Date.now() + 60_000; !(await ready()); await new Promise((ok) => setTimeout(ok, 100)))
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`${command} did not start:\n${output}`);
    }
  return async () => {
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(kill);
  };
}

/** Starts NetLyra with demo traffic. */
export async function startNetLyra(settings = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'netlyra-e2e-'));
  const [api, ws] = [await freePort(), await freePort()];
  const options = { cwd: dir, env: env({ API_PORT: String(api), WS_PORT: String(ws), DB_PATH: join(dir, 'n.db'), DATA_DIR: join(dir, 'data'), ...settings }) };
  const stop = await run(binary, ['up'], options, async () => (await fetch(`http://127.0.0.1:${api}/api/v1/health`).catch(() => ({}))).ok);
  return {
    api,
    ws,
    async stop() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Starts nginx with the given server blocks; its directory has cert.pem and key.pem. */
export async function startNginx(servers, port) {
  const dir = mkdtempSync(join(tmpdir(), 'nginx-e2e-'));
  const at = (name) => join(dir, name);
  const names = 'subjectAltName=DNS:noc.example,DNS:localhost,IP:127.0.0.1';
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=noc.example', '-addext', names, '-keyout', at('key.pem'), '-out', at('cert.pem')], { stdio: 'ignore', env: env() });
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${at(kind)};`).join(' ');
  writeFileSync(
    at('nginx.conf'),
    `daemon off; master_process off; pid ${at('pid')}; error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off; ${paths}
  ssl_certificate ${at('cert.pem')}; ssl_certificate_key ${at('key.pem')};
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  proxy_http_version 1.1;
  ${servers}
}`,
  );
  const responds = () => fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
  const stop = await run('nginx', ['-p', dir, '-e', 'stderr', '-c', at('nginx.conf')], { env: env() }, responds);
  return async () => {
    await stop();
    rmSync(dir, { recursive: true, force: true });
  };
}
