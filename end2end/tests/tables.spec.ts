import type { Page } from '@playwright/test';
import { creator } from './demo';
import { look } from './look';
import { expect, test } from './shopper';

async function signIn(page: Page, path: string) {
  const { email, password } = creator();
  await page.goto(`/sign-in?next=${path}`);
  await page.locator('#email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`${path}$`));
}

/** The rows of the list, by their links. */
const titles = (page: Page) => page.locator('tbody .row-link').allInnerTexts();

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with a script' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('products are sorted by a head, chosen, archived and published again', async ({ page }) => {
      await signIn(page, '/dashboard/products');
      const head = page.getByRole('columnheader', { name: 'Product', exact: true });
      await head.getByRole('link').click();
      await expect(head).toHaveAttribute('aria-sort', 'ascending');
      await expect(page).toHaveURL(/sort=title$/);
      const ascending = await titles(page);
      expect(ascending).toEqual([...ascending].sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase())));
      await head.getByRole('link').click();
      expect(await titles(page)).toEqual([...ascending].reverse());

      const bar = page.getByRole('group', { name: 'With what is selected' });
      await expect(bar).toBeHidden();
      await page.getByRole('checkbox', { name: 'Select Linen Textures' }).check();
      await expect(bar).toBeVisible();
      if (javaScriptEnabled) {
        await expect(bar).toContainText('1 selected');
        await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
        await expect(bar).toContainText(`${ascending.length} selected`);
        await page.getByRole('checkbox', { name: 'Select all on this page' }).uncheck();
        await expect(bar).toBeHidden();
        await page.getByRole('checkbox', { name: 'Select Linen Textures' }).check();
        await look(page);
      }
      await bar.locator('summary', { hasText: 'Archive' }).click();
      await bar.getByRole('button', { name: 'Archive them' }).click();
      await expect(page.getByRole('status')).toContainText('1 product is archived');
      await expect(page).toHaveURL(/sort=-title/);
      const row = page.getByRole('row').filter({ hasText: 'Linen Textures' });
      await expect(row).toContainText('Archived');
      await page.getByRole('checkbox', { name: 'Select Linen Textures' }).check();
      await bar.getByRole('button', { name: 'Publish', exact: true }).click();
      await expect(page.getByRole('status')).toContainText('1 product is published');
      await expect(row).toContainText('Published');
    });
  });
}
