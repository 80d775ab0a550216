import { creator } from './demo';
import { expect, test } from './shopper';

test('a creator signs in, sees the shop, and signs out for good', async ({ page, context }) => {
  const { email, password } = creator();
  await page.goto('/dashboard');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(`${password}x`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('main')).toContainText("don't fit together");
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Products' })).toContainText('The Weight of Light');
  const kept = await context.cookies();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await context.addCookies(kept);
  await page.goto('/dashboard');
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
});
