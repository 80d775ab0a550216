import { creator } from './demo';
import { look } from './look';
import { cards, checkOut, expect, expectGoods, pay, putIntoCart, test } from './shopper';

test('no page of a purchase has an accessibility violation or scrolls sideways', async ({ page }) => {
  for (const url of ['/', '/products', '/products?q=nothing-like-it', '/products/the-weight-of-light', '/cart', '/products/none', '/mailbox', '/downloads/none', '/find-order', '/sign-in']) {
    await page.goto(url);
    await look(page);
  }
  await putIntoCart(page, 'tidy-names');
  await look(page);
  await checkOut(page);
  await look(page);
  await pay(page, cards.pays);
  await expectGoods(page);
  await look(page);
  const { email, password } = creator();
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await look(page);
  await page.getByRole('link', { name: 'Orders', exact: true }).click();
  await look(page);
  await page.getByRole('region', { name: 'Orders' }).locator('.row-link').first().click();
  await expect(page.getByRole('heading', { level: 1, name: /^Order/ })).toBeVisible();
  const refund = page.getByText(/^Refund up to/);
  if (await refund.count()) {
    await refund.click();
    await look(page);
    await page.getByRole('button', { name: 'Review refund' }).click();
    await expect(page.getByRole('button', { name: /^Refund / })).toBeVisible();
  }
  await look(page);
  await page.setViewportSize({ width: 390, height: 800 });
  await page.getByRole('button', { name: 'Menu' }).click();
  await expect(page.getByRole('link', { name: 'Analytics' })).toBeVisible();
  await look(page, [390]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('link', { name: 'Analytics' })).toBeHidden();
  await page.goto('/dashboard/orders?q=nobody');
  await look(page);
});
