import type { Page } from '@playwright/test';
import { creator } from './demo';
import { cards, checkOut, expect, expectGoods, pay, putIntoCart, test } from './shopper';

const total = (page: Page) => page.locator('.sums .total');

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('who buys names the price, is told what is too little, and changes it in the cart', async ({ page }) => {
      await page.goto('/products/winter-signals');
      await expect(page.getByRole('radio', { name: /^Listen/ })).toBeChecked();
      const price = page.getByLabel('Your price in USD');
      await expect(price).toHaveValue('5.00');
      await page.getByRole('radio', { name: /^Use in your work/ }).check();
      await expect(price).toBeHidden();
      await page.getByRole('radio', { name: /^Listen/ }).check();
      await price.fill('1');
      await page.getByRole('button', { name: /Add to cart/ }).click();
      await expect(page).toHaveURL(/\/products\/winter-signals\?/);
      await expect(price).toHaveValue('1');
      await expect(price).toHaveAccessibleDescription(/below the minimum price/);
      await price.fill('7,50');
      await page.getByRole('button', { name: /Add to cart/ }).click();
      await expect(total(page)).toContainText('$7.50');
      const again = page.getByLabel('Your price in USD for Winter Signals, Listen');
      await again.fill('9');
      await page.getByRole('button', { name: 'Set your price for Winter Signals, Listen' }).click();
      await expect(total(page)).toContainText('$9.00');
      await again.fill('2');
      await page.getByRole('button', { name: 'Set your price for Winter Signals, Listen' }).click();
      await expect(again).toHaveAccessibleDescription(/below the minimum price/);
      await expect(total(page)).toContainText('$9.00');
      await again.fill('9');
      await checkOut(page);
      await pay(page, cards.pays);
      if (javaScriptEnabled) await expectGoods(page);
      await expect(page.getByText('$9.00').first()).toBeVisible();
    });
  });
}

test('a bundle is bought for one price, and everything in it is there', async ({ page }) => {
  await page.goto('/products/a-quiet-evening');
  await expect(page.getByRole('region').or(page.getByRole('main'))).toContainText('$27.89 separately. You save $5.89.');
  await page.getByRole('link', { name: 'Letters to a Slow Reader' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Letters to a Slow Reader' })).toBeVisible();
  await putIntoCart(page, 'a-quiet-evening');
  await expect(page.getByRole('region', { name: 'In the cart' })).toContainText('With Letters to a Slow Reader, Winter Signals, Draw with Four Lines');
  await checkOut(page);
  await pay(page, cards.pays);
  await expectGoods(page);
  for (const file of ['a-quiet-evening.txt', 'letters-to-a-slow-reader.epub', 'winter-signals.ogg', 'draw-with-four-lines.pdf']) {
    await expect(page.getByRole('button', { name: `Download ${file}` })).toBeVisible();
  }
  const started = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download winter-signals.ogg' }).click();
  expect((await started).suggestedFilename()).toBe('winter-signals.ogg');
});

test('a creator makes a bundle with a price that people name', async ({ page, browser }) => {
  const { email, password } = creator();
  await page.goto('/dashboard/products/new');
  await page.locator('#email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const title = `Everything ${Date.now()}`;
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Price in USD', { exact: true }).fill('10');
  await expect(page.getByLabel('Suggested price in USD')).toBeHidden();
  await page.getByLabel(/^Let buyers pay more/).check();
  await page.getByLabel('Suggested price in USD').fill('3');
  await page.getByText('Bundle with other products').click();
  await page.getByRole('combobox', { name: 'Comes with' }).fill('linen-textures/personal');
  await page.getByRole('button', { name: 'Include' }).click();
  const list = page.getByRole('list', { name: /^What comes with/ });
  await expect(list.getByRole('listitem')).toHaveText([/Linen Textures, .*Remove/]);
  await page.getByRole('combobox', { name: 'Comes with' }).fill('rain-on-tin');
  await page.getByLabel('Status').selectOption('published');
  await page.getByRole('button', { name: 'Save', exact: true }).first().click();
  await expect(page.getByLabel('Suggested price in USD')).toHaveAccessibleDescription(/below the minimum price/);
  await page.getByLabel('Suggested price in USD').fill('15');
  await page.getByRole('button', { name: 'Save', exact: true }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  await expect(list.getByRole('listitem')).toHaveText([/Linen Textures/, /Rain on Tin/]);

  const shopper = await (await browser.newContext()).newPage();
  await shopper.goto(`/products/${title.toLowerCase().replaceAll(' ', '-')}`);
  await expect(shopper.getByLabel('Your price in USD')).toHaveValue('15.00');
  await expect(shopper.getByRole('main')).toContainText('With Linen Textures, Rain on Tin');

  await page.goto('/dashboard/products/linen-textures');
  await page.getByRole('button', { name: /^Delete/ }).click();
  await expect(page.locator('.notice')).toContainText(/comes with another product/);
});
