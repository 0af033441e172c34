// Starts the installed Chromium.
import { chromium } from 'playwright-core';

export function launch(...args) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', ...args],
  });
}

export const widths = [360, 1024, 1600];
export const themes = ['light', 'dark'];

/** Opens a page with a width and theme; errors and warnings of its console are collected in `page.messages`. */
export async function open(browser, url, { width = 1280, height = 800, theme = 'light', ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, ...options });
  const page = await context.newPage();
  page.messages = [];
  page.on('pageerror', (error) => page.messages.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') page.messages.push(message.text());
  });
  await page.goto(url);
  return page;
}
