import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  // All components use runes, so Svelte's legacy code is not bundled. Short class names for
  // scoped styles reduce the size, as they occur on every element.
  compilerOptions: { runes: true, discloseVersion: false, cssHash: ({ hash, css }) => `s${hash(css).slice(0, 4)}` },
};
