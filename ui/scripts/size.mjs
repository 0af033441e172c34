// Prints the gzipped size of all files of the build; fails if it exceeds the budget.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const budget = 80 * 1024;
const root = new URL('../dist/', import.meta.url);
const files = readdirSync(root, { recursive: true }).filter((f) => /\.(js|css|html|svg)$/.test(f));
let total = 0;
for (const file of files) {
  const size = gzipSync(readFileSync(new URL(file, root)), { level: 9 }).length;
  total += size;
  console.log(`${String(size).padStart(7)}  ${file}`);
}
console.log(`${String(total).padStart(7)}  bytes gzipped in total, budget ${budget}`);
process.exit(files.length > 0 && total <= budget ? 0 : 1);
