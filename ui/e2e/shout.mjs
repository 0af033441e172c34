// A mock server in a process of its own, so that making the load does not slow the judge:
// node e2e/shout.mjs PER_SECOND SECONDS. Prints its URL, waits for a line, shouts, reports.
import { startMock } from './mock-server.mjs';

const [perSecond, seconds] = process.argv.slice(2).map(Number);
const mock = await startMock({ quiet: true });
console.log(JSON.stringify({ url: mock.url }));
process.stdin.once('data', async () => {
  const start = performance.now();
  const sent = await mock.shout(perSecond, seconds);
  console.log(JSON.stringify({ sent, took: (performance.now() - start) / 1000 }));
});
process.stdin.on('end', () => process.exit(0));
