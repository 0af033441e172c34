// A mock server in a separate process, so that generating load does not slow the measurement:
// node e2e/load-server.mjs PER_SECOND SECONDS. Prints its URL, waits for a line, sends messages, prints their number.
import { startMock } from './mock-server.mjs';

const [perSecond, seconds] = process.argv.slice(2).map(Number);
const mock = await startMock({ quiet: true });
console.log(JSON.stringify({ url: mock.url }));
process.stdin.once('data', async () => {
  const start = performance.now();
  const sent = await mock.sendLoad(perSecond, seconds);
  console.log(JSON.stringify({ sent, took: (performance.now() - start) / 1000 }));
});
process.stdin.on('end', () => process.exit(0));
