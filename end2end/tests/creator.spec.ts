import { expect as expectAny, test } from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { picture } from './picture';
import { cards, checkOut, expectGoods, pay } from './shopper';

const expect = expectAny.configure({ timeout: 15_000 });
const program = process.env.WEIGHTLESS ?? '../target/debug/weightless';
const port = Number(process.env.DEMO_PORT ?? 3900) + 7;
const stripePort = Number(process.env.STRIPE_PORT ?? 12911) + 7;
const base = `http://127.0.0.1:${port}`;

let folder: string;
const running: ChildProcess[] = [];

/** A shop that nobody owns yet, with a Stripe emulator; tells the code that the program prints. */
async function start() {
  folder = mkdtempSync(join(tmpdir(), 'weightless-creator-'));
  running.push(spawn(program, ['stripe-emulator', '--listen', `127.0.0.1:${stripePort}`, '--webhook-url', `${base}/webhooks/stripe`, '--webhook-secret', 'whsec_creator'], { stdio: 'ignore' }));
  const env = {
    PATH: process.env.PATH,
    RUST_LOG: 'warn',
    SHOP_LISTEN: `127.0.0.1:${port}`,
    SHOP_BASE_URL: base,
    SHOP_DATABASE_URL: `sqlite://${folder}/shop.db`,
    SHOP_FILES_URL: `file://${folder}/files`,
    SHOP_MAIL_URL: `dir://${folder}/mail`,
    SHOP_MAIL_FROM: 'Shop <shop@example.com>',
    SHOP_SECRET_KEY: 'a secret key of thirty-two bytes and more',
    STRIPE_SECRET_KEY: 'sk_test_creator',
    STRIPE_WEBHOOK_SECRET: 'whsec_creator',
    STRIPE_API_BASE: `http://127.0.0.1:${stripePort}`,
  };
  const shop = spawn(program, ['serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(shop);
  return new Promise<string>((tell, fail) => {
    let output = '';
    shop.stdout?.on('data', (data) => {
      output += data;
      const code = /enter the code (\w+)/.exec(output)?.[1];
      if (code) tell(code);
    });
    shop.on('exit', () => fail(new Error(`the shop ended: ${output}`)));
  });
}

test.afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('a new shop is claimed, filled and published, sells to a guest and gives the money back', async ({ page, browser }) => {
  test.setTimeout(240_000);
  const code = await start();
  const beginning = Date.now();

  // The first owner.
  await expect(async () => expectAny((await page.goto(`${base}/dashboard`))?.status()).toBe(200)).toPass({ timeout: 20_000 });
  await expect(page.getByRole('heading', { level: 1, name: 'Set up your shop' })).toBeVisible();
  await page.getByLabel('Setup code').fill('a guess');
  await page.getByLabel('Name of the shop').fill('Sea Maps');
  await page.getByLabel('Your email').fill('owner@example.com');
  await page.getByLabel('A password').fill('a long enough password');
  await page.getByRole('button', { name: 'Open the shop' }).click();
  await expect(page.getByLabel('Setup code')).toHaveAccessibleDescription(/not the code/);
  await expect(page.getByLabel('Name of the shop')).toHaveValue('Sea Maps');
  await page.getByLabel('Setup code').fill(code);
  await page.getByLabel('A password').fill('a long enough password');
  await page.getByRole('button', { name: 'Open the shop' }).click();
  await expect(page.getByRole('main')).toContainText('The shop is yours');

  // A product in two tiers.
  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await expect(page).toHaveURL(`${base}/dashboard/products`);
  await page.getByRole('link', { name: 'New product' }).first().click();
  await page.getByLabel('Title', { exact: true }).fill('Old sea maps');
  await page.getByLabel('Name', { exact: true }).fill('Personal');
  await page.getByLabel('Price in USD', { exact: true }).fill('5');
  await page.getByRole('button', { name: 'Add a tier' }).click();
  const second = page.getByRole('group', { name: 'Tier 2' });
  await second.getByLabel('Name', { exact: true }).fill('Commercial');
  await second.getByLabel('Price in USD', { exact: true }).fill('20');
  await page.getByRole('button', { name: 'Save', exact: true }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Old sea maps' })).toBeVisible();

  // Its files: a cover, a sample and two goods.
  const give = async (region: string | RegExp, label: string | RegExp, name: string, content: string | Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    await page.goto(`${base}/dashboard/products/old-sea-maps/files`);
    const section = page.getByRole('region', { name: region });
    // From then on files are sent in parts.
    await expect(section.locator('.zone.is-awake').first()).toBeAttached();
    await section.getByLabel(label).first().setInputFiles(path);
    await expect(page.getByText('The file is uploaded.')).toBeVisible();
  };
  await give('Cover', /^(A|Another) cover$/, 'cover.png', picture(800, 500));
  await give('Samples', 'A sample', 'sample.pdf', '%PDF-1.7 a page to look at');
  await give(/^What customers get/, 'Files to sell', 'atlantic.pdf', '%PDF-1.7 the Atlantic');
  await give(/^What customers get/, 'Files to sell', 'pacific.pdf', '%PDF-1.7 the Pacific');
  await expect(page.getByRole('region', { name: /^What customers get/ })).toContainText('pacific.pdf');
  await page.goto(`${base}/dashboard/products/old-sea-maps`);
  await page.getByLabel('Status').selectOption('published');
  await page.getByRole('button', { name: 'Save', exact: true }).first().click();
  await expect(page.getByRole('main')).toContainText('Saved.');

  // A guest buys it.
  const guest = await (await browser.newContext({ baseURL: base })).newPage();
  await guest.goto('/products/old-sea-maps');
  await guest.getByRole('radio', { name: /^Commercial/ }).check();
  await guest.getByRole('button', { name: /Add to cart/ }).click();
  await checkOut(guest, 'guest@example.com');
  await pay(guest, cards.pays);
  await expectGoods(guest);
  const buttons = guest.getByRole('button', { name: /^Download/ });
  await expect(buttons).toHaveCount(2);
  const [download] = await Promise.all([guest.waitForEvent('download'), buttons.first().click()]);
  expect((await guest.request.get(download.url())).status()).toBe(200);

  // The creator finds the order from anywhere and gives the money back.
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search the shop' }).fill('guest@');
  await expect(page.getByRole('option', { name: /guest@example\.com.*Order/ })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: /^Order/ })).toBeVisible();
  await page.getByText(/^Refund up to/).click();
  await expect(page.getByLabel(/^Amount/)).toHaveValue('20.00');
  await page.getByRole('button', { name: 'Review refund' }).click();
  const review = page.getByRole('region', { name: 'Refund', exact: true });
  await expect(review).toContainText('Refund $20.00 to guest@example.com?');
  await expect(review).toContainText('Files and license keys of this order stop working at once');
  await page.getByRole('button', { name: 'Refund $20.00' }).click();
  await expect(page.getByRole('main')).toContainText('The refund is on its way');
  expect((await guest.request.get(download.url())).status()).toBe(403);
  await guest.reload();
  await expect(buttons).toHaveCount(0);
  await guest.context().close();
  expect(Date.now() - beginning, 'under five minutes of clicks').toBeLessThan(300_000);

  // What was done is written down.
  await page.goto(`${base}/dashboard/settings/audit`);
  const log = page.getByRole('main');
  for (const action of ['claimed', 'Old sea maps', 'atlantic.pdf']) await expect(log).toContainText(action);
});
