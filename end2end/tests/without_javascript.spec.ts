import { cards, checkOut, expect, expectGoods, pay, putIntoCart, test } from './shopper';

test.use({ javaScriptEnabled: false });

test('everything from the catalog to the download works without JavaScript', async ({ page }) => {
  await page.goto('/products?category=books');
  await expect(page.getByRole('link', { name: 'Letters to a Slow Reader' })).toBeVisible();
  await putIntoCart(page, 'the-weight-of-light', 'Workshop');
  await expect(page.locator('.sums .total')).toContainText('$24.00');
  await checkOut(page, 'plain@example.com');
  await pay(page, cards.pays);
  await expect(async () => {
    await page.reload();
    await expectGoods(page);
  }).toPass();
  const started = page.waitForEvent('download');
  await page.getByRole('button', { name: /Download .*\.pdf/ }).click();
  expect((await started).suggestedFilename()).toBe('the-weight-of-light.pdf');
});
