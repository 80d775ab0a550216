import { defineConfig } from '@playwright/test';

// The demo, as a newcomer starts it: the shop, the Stripe emulator and the mailbox in one program.
const port = Number(process.env.DEMO_PORT ?? 3900);
const stripePort = Number(process.env.STRIPE_PORT ?? 12911);
const program = process.env.WEIGHTLESS ?? '../target/debug/weightless';
const data = process.env.DEMO_DATA ?? '/tmp/weightless-end2end';

export default defineConfig({
  testDir: './tests',
  timeout: 120_000,
  workers: 1,
  // What passes in the second try is listed as flaky by `make test`.
  retries: 1,
  reporter: [['list']],
  outputDir: './test-results',
  webServer: {
    command: `${program} demo --fresh --empty --data ${data} --listen 127.0.0.1:${port} --stripe-listen 127.0.0.1:${stripePort}`,
    url: `http://127.0.0.1:${port}/readyz`,
    timeout: 60_000,
    // Everybody signs in from one address here, and as one member.
    env: { RUST_LOG: 'warn', SHOP_RATE_LIMIT_SCALE: '50' },
    stdout: 'ignore',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
  },
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
    },
  },
});
