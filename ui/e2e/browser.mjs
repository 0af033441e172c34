// Starts the Chromium that the machine has.
import { chromium } from 'playwright-core';

export function launch(...more) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', ...more],
  });
}

export const widths = [360, 1024, 1600];
export const themes = ['light', 'dark'];

/** A page of a width and theme; what the console complains of ends up in `page.complaints`. */
export async function open(browser, url, { width = 1280, height = 800, theme = 'light', ...more } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, ...more });
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') page.complaints.push(message.text());
  });
  await page.goto(url);
  return page;
}
