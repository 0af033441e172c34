// Vite empties dist; git wants the folder to stay, because the Go package embeds it.
import { writeFileSync } from 'node:fs';

writeFileSync(new URL('../dist/.gitkeep', import.meta.url), '');
