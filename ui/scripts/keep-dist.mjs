// Vite empties dist, but the directory must exist for the Go package that embeds it.
import { writeFileSync } from 'node:fs';

writeFileSync(new URL('../dist/.gitkeep', import.meta.url), '');
