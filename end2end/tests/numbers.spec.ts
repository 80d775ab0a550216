import type { Page } from '@playwright/test';
import { creator } from './demo';
import { look } from './look';
import { cards, checkOut, expect, expectGoods, pay, putIntoCart, test } from './shopper';

// Browsers without a window are programs, and those are not counted.
const person = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

async function signIn(page: Page, path: string) {
  const { email, password } = creator();
  await page.goto(path);
  await page.locator('#email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** What a figure of the page says. */
function figure(page: Page, name: string) {
  return page.locator('dl.figures > div').filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) }).locator('dd').first();
}



test('a promotion that applies by itself is seen in a cart, and its paid order in the figures', async ({ page, browser }) => {
  const name = `Launch ${Date.now()}`;
  await signIn(page, '/dashboard/analytics?range=7d');
  await expect(page.getByRole('heading', { level: 1, name: 'Analytics' })).toBeVisible();
  const ordersBefore = Number(await figure(page, 'Orders').innerText());

  await page.getByRole('link', { name: 'Promotions', exact: true }).first().click();
  await page.getByRole('link', { name: 'New promotion' }).click();
  await page.getByRole('radio', { name: /^Automatically/ }).check();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByLabel('Discount', { exact: true }).fill('101');
  await page.getByRole('radio', { name: /^Chosen products/ }).check();
  await page.getByRole('checkbox', { name: 'Tidy Names', exact: true }).check();
  await page.getByLabel('Maximum redemptions').fill('5');
  await page.getByRole('button', { name: 'Create promotion' }).click();
  // What was refused is told beside its field, and all else is as it was typed.
  await expect(page.getByLabel('Discount', { exact: true })).toHaveAccessibleDescription(/from 1 to 100/);
  await expect(page.getByLabel('Discount', { exact: true })).toHaveValue('101');
  await expect(page.getByRole('checkbox', { name: 'Tidy Names', exact: true })).toBeChecked();
  await page.getByLabel('Discount', { exact: true }).fill('25');
  await page.getByRole('button', { name: 'Create promotion' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(page.getByRole('status')).toContainText('The promotion is created');

  const guest = await (await browser.newContext({ userAgent: person })).newPage();
  await putIntoCart(guest, 'tidy-names');
  await expect(guest.getByRole('region', { name: 'Checkout' })).toContainText(`${name}, −25`);
  await checkOut(guest, `numbers-${Date.now()}@example.com`);
  await pay(guest, cards.pays);
  await expectGoods(guest);
  await guest.context().close();

  await page.reload();
  await expect(figure(page, 'Used')).toHaveText('1 of 5');
  await expect(figure(page, 'Discounts')).not.toHaveText('$0.00');
  await page.goto('/dashboard/analytics?range=7d&by=promotion');
  expect(Number(await figure(page, 'Orders').innerText())).toBeGreaterThan(ordersBefore);
  await expect(page.getByRole('region', { name: 'Parts' })).toContainText(name);
  // Visits are written every few seconds.
  await expect(async () => {
    await page.reload();
    expect(Number(await figure(page, 'Visitors').innerText())).toBeGreaterThan(0);
  }).toPass({ timeout: 15_000 });

  await page.goto('/dashboard/promotions');
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('button', { name: 'Archive' }).click();
  await expect(page.getByRole('status')).toContainText('archived');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('status')).toContainText('back as it was');
  await page.getByRole('button', { name: 'Archive' }).click();
});

test('a code is applied in the cart and taken away again', async ({ page, browser }) => {
  const code = `CODE${Date.now()}`;
  await signIn(page, '/dashboard/promotions/new');
  await page.getByLabel('Discount', { exact: true }).fill('10');
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: 'Create promotion' }).click();
  await expect(page.getByRole('heading', { level: 1, name: code })).toBeVisible();

  for (const javaScriptEnabled of [true, false]) {
    const guest = await (await browser.newContext({ javaScriptEnabled })).newPage();
    await guest.goto('/products/tidy-names');
    await guest.getByRole('button', { name: /Add to cart/ }).click();
    await guest.getByText('Promotion code').click();
    await guest.getByRole('textbox', { name: 'Promotion code' }).fill('NOT-THIS');
    // The enter key applies it, also before an address is typed.
    await guest.keyboard.press('Enter');
    await expect(guest.getByRole('textbox', { name: 'Promotion code' })).toHaveValue('NOT-THIS');
    await expect(guest.getByRole('textbox', { name: 'Promotion code' })).toHaveAccessibleDescription(/doesn't work/);
    await guest.getByRole('textbox', { name: 'Promotion code' }).fill(code.toLowerCase());
    await guest.getByRole('button', { name: 'Apply' }).click();
    await expect(guest.getByRole('region', { name: 'Checkout' })).toContainText(`${code}, −10`);
    await guest.getByRole('button', { name: /^Remove the code/ }).click();
    await expect(guest.getByRole('region', { name: 'Checkout' })).not.toContainText('−10');
    // The enter key goes on to the payment, whatever buttons stand before that one.
    await guest.getByLabel('Email').fill('enter@example.com');
    await guest.getByLabel('Email').press('Enter');
    await guest.waitForURL((url) => url.pathname !== '/cart');
    await guest.context().close();
  }
  await page.getByRole('button', { name: 'Archive' }).click();
});

test('figures and promotions have no accessibility violation and do not scroll sideways', async ({ page }) => {
  await signIn(page, '/dashboard/analytics');
  await expect(page.getByRole('heading', { level: 1, name: 'Analytics' })).toBeVisible();
  await look(page);
  await page.getByText('As a table').click();
  await look(page);
  for (const url of [
    '/dashboard/analytics?range=12m&by=country',
    '/dashboard/analytics?range=90d&by=referrer',
    '/dashboard/analytics?from=2026-02-01&to=2026-01-01',
    '/dashboard/promotions',
    '/dashboard/promotions?q=nothing-like-it',
    '/dashboard/promotions/new',
  ]) {
    await page.goto(url);
    await look(page);
  }
  await page.getByRole('radio', { name: /^Automatically/ }).check();
  await page.getByRole('radio', { name: /^Chosen products/ }).check();
  await page.getByLabel('Discount', { exact: true }).fill('101');
  await page.getByRole('button', { name: 'Create promotion' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await look(page);
  await page.getByLabel('Discount', { exact: true }).fill('10');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(`Look ${Date.now()}`);
  await page.getByRole('checkbox', { name: 'Tidy Names', exact: true }).check();
  await page.getByRole('button', { name: 'Create promotion' }).click();
  await expect(page.getByRole('status')).toContainText('The promotion is created');
  await look(page);
  await page.getByRole('button', { name: 'Archive' }).click();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  await look(page);
});
