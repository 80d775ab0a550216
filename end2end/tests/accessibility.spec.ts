import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { creator } from './demo';
import { cards, checkOut, expect, expectGoods, pay, putIntoCart, test } from './shopper';

async function expectNoViolation(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [390, 1280]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 900 } });

      test('no page of a purchase has an accessibility violation or scrolls sideways', async ({ page }) => {
        const look = async () => {
          await expectNoViolation(page);
          expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        };
        for (const url of ['/', '/products', '/products?q=nothing-like-it', '/products/the-weight-of-light', '/cart', '/products/none', '/mailbox', '/downloads/none', '/sign-in']) {
          await page.goto(url);
          await look();
        }
        await putIntoCart(page, 'tidy-names');
        await look();
        await checkOut(page);
        await look();
        await pay(page, cards.pays);
        await expectGoods(page);
        await look();
        const { email, password } = creator();
        await page.goto('/sign-in');
        await page.getByLabel('E-mail').fill(email);
        await page.getByLabel('Password').fill(password);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
        await look();
        await page.getByRole('link', { name: 'Orders', exact: true }).click();
        await look();
        await page.getByRole('region', { name: 'Orders' }).getByRole('link').first().click();
        await expect(page.getByRole('heading', { level: 1, name: /^Order/ })).toBeVisible();
        const refund = page.getByText(/^Refund up to/);
        if (await refund.count()) await refund.click();
        await look();
        await page.goto('/dashboard/orders?q=nobody');
        await look();
      });
    });
  }
}
