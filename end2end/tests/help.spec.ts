import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { creator } from './demo';
import { tabTo } from './keyboard';
import { look } from './look';
import { cards, checkOut, expect, expectGoods, pay, putIntoCart, test } from './shopper';

async function signIn(page: Page, path = '/dashboard') {
  const { email, password } = creator();
  await page.goto(path);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Buys something and fetches its file: the address of the download. */
async function buy(page: Page, email: string) {
  await putIntoCart(page, 'tidy-names');
  await checkOut(page, email);
  await pay(page, cards.pays);
  await expectGoods(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /^Download/ }).first().click()]);
  return download.url();
}

test('a creator finds an order, takes it out as a file, helps its customer, closes and opens it', async ({ page, browser }) => {
  const wrong = `reeder-${Date.now()}@example.com`;
  const right = wrong.replace('reeder', 'reader');
  const link = await buy(page, wrong);
  expect((await page.request.get(link)).status()).toBe(200);

  const office = await (await browser.newContext({ acceptDownloads: true })).newPage();
  await signIn(office, '/dashboard/orders');
  await office.getByLabel('Search').fill(wrong.slice(0, 12));
  await office.getByText('More filters').click();
  await office.getByLabel('Product', { exact: true }).selectOption('tidy-names');
  await office.getByLabel('Total from').fill('a little');
  await office.getByRole('button', { name: 'Apply' }).click();
  await expect(office.getByLabel('Total from')).toHaveAccessibleDescription(/Write the amount as a number/);
  await office.getByLabel('Total from').fill('0.50');
  await office.getByRole('button', { name: 'Apply' }).click();
  await expect(office.getByRole('region', { name: 'Orders' })).toContainText(wrong);
  const [file] = await Promise.all([office.waitForEvent('download'), office.getByRole('link', { name: 'Export orders' }).click()]);
  expect(file.suggestedFilename()).toMatch(/^orders-.*\.csv$/);
  expect(readFileSync(await file.path(), 'utf8')).toContain(wrong);

  await office.getByRole('region', { name: 'Orders' }).locator('.row-link').first().click();
  await office.getByLabel("A note for the shop's team").fill('Called: the address has a slip of the pen.');
  await office.getByRole('button', { name: 'Add the note' }).click();
  const notes = office.getByRole('region', { name: 'Notes' });
  await expect(notes).toContainText('slip of the pen');
  await expect(notes.getByRole('status')).toBeInViewport();
  await expect(office, 'the address forgets what was said once').toHaveURL(/\/dashboard\/orders\/\w+#notes$/);

  await office.locator('summary', { hasText: 'Revoke access' }).click();
  await office.getByRole('button', { name: 'Revoke all access' }).click();
  await expect(office.getByRole('main')).toContainText('Access revoked. Files and license keys stopped working');
  expect((await page.request.get(link)).status()).toBe(403);
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'This order is closed' })).toBeVisible();
  await office.locator('summary', { hasText: 'Restore access' }).click();
  await office.getByRole('button', { name: 'Restore all access' }).click();
  expect((await page.request.get(link)).status()).toBe(200);

  await office.getByText('Change email').click();
  await office.getByLabel('Correct email address').fill(right);
  await office.getByRole('button', { name: 'Correct and resend' }).click();
  await expect(office.getByRole('main')).toContainText('Email changed');
  expect((await page.reload())?.status(), 'the old mail opens nothing').toBe(404);
  expect((await page.request.get(link)).status()).toBe(410);
  const shopper = await office.context().newPage();
  await shopper.goto(office.url());
  await shopper.getByRole('link', { name: 'View as customer' }).click();
  await expect(shopper.getByRole('main')).toContainText(right);
  const [again] = await Promise.all([shopper.waitForEvent('download'), shopper.getByRole('button', { name: /^Download/ }).first().click()]);
  expect((await shopper.request.get(again.url())).status()).toBe(200);

  // The person behind it is found, and forgotten.
  await office.getByRole('link', { name: right }).click();
  await expect(office.getByRole('heading', { level: 1, name: right })).toBeVisible();
  const [data] = await Promise.all([office.waitForEvent('download'), office.getByRole('link', { name: 'Export data' }).click()]);
  expect(JSON.parse(readFileSync(await data.path(), 'utf8')).customer.email).toBe(right);
  await office.getByText('Erase name and address permanently').click();
  await office.getByLabel(/To confirm, type/).fill('somebody else');
  await office.getByRole('button', { name: 'Erase permanently' }).click();
  await expect(office.getByLabel(/To confirm, type/)).toHaveValue('somebody else');
  await expect(office.getByLabel(/To confirm, type/)).toHaveAccessibleDescription(/Nothing was erased/);
  await office.getByLabel(/To confirm, type/).fill(right);
  await office.getByRole('button', { name: 'Erase permanently' }).click();
  await expect(office.getByRole('heading', { level: 1, name: 'Erased customer' })).toBeVisible();
  await office.context().close();
});

test('no page that helps has an accessibility violation or scrolls sideways', async ({ page }) => {
  await buy(page, 'axe-light@example.com');
  await signIn(page, '/dashboard/orders?from=2020-01-01&min=nothing');
  await expect(page.getByRole('heading', { level: 1, name: 'Orders' })).toBeVisible();
  await look(page);
  await page.goto('/dashboard/orders?q=axe-');
  await page.getByRole('region', { name: 'Orders' }).locator('.row-link').first().click();
  await expect(page.getByRole('heading', { level: 1, name: /^Order/ })).toBeVisible();
  for (const act of await page.locator('.acts summary').all()) await act.click();
  await look(page);
  for (const path of ['/dashboard/health', '/dashboard/customers?q=nobody', '/dashboard/customers']) {
    await page.goto(path);
    await look(page);
  }
  await page.getByRole('region', { name: 'Customers' }).locator('.row-link').first().click();
  await expect(page.getByRole('heading', { level: 2, name: 'Bought' })).toBeVisible();
  for (const act of await page.locator('.acts summary').all()) await act.click();
  await look(page);
});

test('an order is found and refunded with the keyboard alone', async ({ page, browser }) => {
  const email = `keys-${Date.now()}@example.com`;
  const shopper = await (await browser.newContext()).newPage();
  await buy(shopper, email);
  await signIn(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type(email);
  await expect(page.getByRole('option').filter({ hasText: email }).first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: /^Order/ })).toBeVisible();
  await tabTo(page, page.locator('summary', { hasText: /^Refund up to/ }));
  await page.keyboard.press('Enter');
  const reason = page.getByLabel('Reason', { exact: false }).first();
  await tabTo(page, reason);
  await tabTo(page, page.getByRole('button', { name: 'Review refund' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText(`to ${email}?`)).toBeVisible();
  await tabTo(page, page.getByRole('button', { name: /^Refund / }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').first()).toContainText(/refund is on its way|refund is saved/);
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(page.getByRole('heading', { level: 1, name: 'Orders' })).toBeVisible();
  const search = page.getByLabel('Search', { exact: true });
  await tabTo(page, search);
  await page.keyboard.type(email);
  await page.keyboard.press('Enter');
  const row = page.getByRole('region', { name: 'Orders' });
  await expect(row).toContainText(email);
  await expect(row).toContainText('Refunded');
  await tabTo(page, row.getByRole('link').first());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: /^Order/ })).toBeVisible();
});
