import type { Page } from '@playwright/test';
import { creator } from './demo';
import { cards, checkOut, expect, expectGoods, pay, putIntoCart, test } from './shopper';

async function signIn(page: Page, path = '/dashboard') {
  const { email, password } = creator();
  await page.goto(path);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('a creator signs in, sees the shop, and signs out for good', async ({ page, context }) => {
  const { email, password } = creator();
  await page.goto('/dashboard');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(`${password}x`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('main')).toContainText('password is wrong');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await page.getByRole('link', { name: 'Products', exact: true }).click();
  await expect(page.getByRole('main')).toContainText('The Weight of Light');
  const kept = await context.cookies();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await context.addCookies(kept);
  await page.goto('/dashboard');
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
});

test('a refund from the dashboard closes what was bought, and an invalid amount is reported beside its field', async ({ page, browser }) => {
  const email = `refund-${Date.now()}@example.com`;
  await putIntoCart(page, 'tidy-names');
  await checkOut(page, email);
  await pay(page, cards.pays);
  await expectGoods(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /^Download/ }).first().click()]);
  expect((await page.request.get(download.url())).status()).toBe(200);

  const office = await (await browser.newContext()).newPage();
  await signIn(office, `/dashboard/orders?q=${encodeURIComponent(email)}`);
  await expect(office.getByLabel('Search')).toHaveValue(email);
  await office.getByRole('region', { name: 'Orders' }).locator('.row-link').click();
  await expect(office.getByRole('heading', { level: 1, name: /^Order/ })).toBeVisible();
  await expect(office.getByRole('list').last()).toContainText('File downloaded');
  await office.getByText(/^Refund up to/).click();
  await office.getByLabel(/^Amount/).fill('a lot');
  await office.getByLabel('Reason').selectOption('Requested by the customer');
  await office.getByRole('button', { name: 'Review refund' }).click();
  await expect(office.getByLabel(/^Amount/)).toHaveAccessibleDescription(/Write the amount as a number/);
  await expect(office.getByLabel(/^Amount/)).toBeFocused();
  await expect(office.getByLabel(/^Amount/)).toHaveValue('a lot');
  await expect(office.getByLabel('Reason')).toHaveValue('requested_by_customer');
  await office.getByLabel(/^Amount/).fill('');
  await office.getByRole('button', { name: 'Review refund' }).click();
  await expect(office.getByRole('main')).toContainText(`to ${email}?`);
  await office.getByRole('button', { name: /^Refund / }).click();
  await expect(office.getByRole('main')).toContainText('The refund is on its way');
  await expect(office.getByRole('main')).toContainText('Refunded');
  await expect(office.getByText(/^Refund up to/)).toHaveCount(0);
  await office.context().close();

  expect((await page.request.get(download.url())).status()).toBe(403);
  await page.reload();
  await expect(page.getByRole('button', { name: /^Download/ })).toHaveCount(0);
});
