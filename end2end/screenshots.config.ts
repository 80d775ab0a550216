import { defineConfig } from '@playwright/test';
import base from './playwright.config';

const server = base.webServer as { command: string };

/** Every page of the demo shop, with its three months of sales, as a picture: `make screenshots`. */
export default defineConfig({
  ...base,
  testDir: './screenshots',
  timeout: 900_000,
  retries: 0,
  outputDir: '../target/screenshots-results',
  use: { ...base.use, actionTimeout: 10_000, navigationTimeout: 30_000 },
  // The sales of three months take a debug build some seconds.
  webServer: { ...base.webServer as object, command: server.command.replace(' --empty', ''), url: `${base.use?.baseURL}/readyz`, timeout: 180_000 },
});
