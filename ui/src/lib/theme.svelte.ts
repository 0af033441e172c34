export type Theme = 'system' | 'light' | 'dark';

const key = 'netlyra-theme';
const order: readonly Theme[] = ['system', 'light', 'dark'];

/** The viewer's color theme, stored in the browser rather than in the URL. */
class ThemeChoice {
  choice = $state<Theme>(read());
  /** Increases with each change of colors, so that canvases read them again. */
  revision = $state(0);

  constructor() {
    this.#apply();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.revision++);
  }

  next(): void {
    this.choice = order[(order.indexOf(this.choice) + 1) % order.length]!;
    try {
      localStorage.setItem(key, this.choice);
    } catch {
      // Without storage the choice lasts until the page is closed.
    }
    this.#apply();
  }

  #apply(): void {
    document.documentElement.style.colorScheme = this.choice === 'system' ? 'light dark' : this.choice;
    this.revision++;
  }
}

function read(): Theme {
  try {
    const stored = localStorage.getItem(key) as Theme | null;
    return stored && order.includes(stored) ? stored : 'system';
  } catch {
    return 'system';
  }
}

export const theme = new ThemeChoice();
