import type { APIRequestContext } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the demo that is tested keeps its data; the same rule as in the configuration. */
const data = process.env.DEMO_DATA ?? '/tmp/weightless-end2end';

/** How the sample creator signs in. */
export function creator() {
  const { owner_password } = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8'));
  return { email: 'creator@example.com', password: owner_password as string };
}

/** Two days pass for every download link. */
export function letLinksExpire() {
  execFileSync('sqlite3', ['-cmd', '.timeout 5000', join(data, 'shop.db'), 'UPDATE download_links SET expires_at = created_at + 1, session_until = min(session_until, created_at + 1)']);
}

/** The control surface of the Stripe emulator. */
const stripe = `http://127.0.0.1:${process.env.STRIPE_PORT ?? 12911}/_emulator`;

/** What becomes of the next webhooks. */
export async function disturb(request: APIRequestContext, data: object) {
  await request.post(`${stripe}/webhooks`, { data });
}

/** What the next requests to Stripe suffer. */
export async function fail(request: APIRequestContext, data: object) {
  await request.post(`${stripe}/faults`, { data });
}

/** The emulator does as it should again. */
export async function recover(request: APIRequestContext) {
  await request.delete(`${stripe}/faults`);
}
