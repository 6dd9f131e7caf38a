// Opens the web workbench in a headless browser: Chromium of the system, or the one that PAGEWALK_BROWSER names.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const candidates = [
  process.env.PAGEWALK_BROWSER,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Path of a browser, or undefined: then say so and skip. */
export const browserPath = candidates.find((file) => file && existsSync(file));

/** A browser without a window. */
export function launchBrowser() {
  if (!browserPath) throw new Error('no Chromium found: install it, or name one in PAGEWALK_BROWSER');
  return chromium.launch({
    executablePath: browserPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
