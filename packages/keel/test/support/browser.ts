import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Where Debian, Ubuntu and GitHub's machines have a browser. */
const PLACES = [
  process.env.KEEL_TEST_BROWSER ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
];

/** The program of a browser; undefined where there is none. */
export function findBrowser(): string | undefined {
  return PLACES.find((place) => place !== '' && existsSync(place));
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser(), args: FLAGS });
}

/** An open page, and what must not happen on it. */
export interface Visit {
  readonly page: Page;
  /** Errors of the page and its console, requests besides the page's own, and calls of `pwned`. */
  readonly amiss: () => Promise<unknown[]>;
}

export interface VisitOptions {
  readonly colorScheme?: 'light' | 'dark';
}

/**
 * Opens an address or a file in a real browser. Where there is none, it says loudly what was not tested, and the test
 * passes: nobody needs a browser to work on keel.
 */
export async function visit(
  address: string,
  untested: string,
  use: (visit: Visit) => Promise<void>,
  { colorScheme = 'light' }: VisitOptions = {},
): Promise<void> {
  if (findBrowser() === undefined) {
    console.warn(`NOT TESTED, as there is no chromium (KEEL_TEST_BROWSER names one): ${untested}`);
    return;
  }
  const url = address.startsWith('http:') ? address : pathToFileURL(address).href;
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme });
    const seen: unknown[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) seen.push(message.text());
    });
    page.on('pageerror', (error) => seen.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(url.replace(/#.*/, ''))) seen.push(request.url());
    });
    page.on('dialog', (dialog) => seen.push(dialog.message()));
    await page.addInitScript(`window.pwned = (what) => (window.hits ??= []).push(what);`);
    await page.goto(url);
    await use({
      page,
      amiss: async () => [...seen, ...(await page.evaluate<unknown[]>('window.hits ?? []'))],
    });
  } finally {
    await browser.close();
  }
}
