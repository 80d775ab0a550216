import { expect, test } from '@playwright/test';

test('a shelf keeps the place of covers that are not there, in their own colors', async ({ page }) => {
  await page.route('**/media/**', () => { /* never answered: a slow line */ });
  await page.goto('/products', { waitUntil: 'domcontentloaded' });
  const cover = page.locator('.card', { hasText: 'The Weight of Light' }).locator('.card-cover');
  const plane = cover.locator('.plane');
  await expect(plane).toBeVisible();
  const [there, kept] = [await cover.locator('img').boundingBox(), await plane.boundingBox()];
  expect(kept).toEqual(there);
  expect(kept!.height / kept!.width).toBeCloseTo(4 / 3, 1);
  const color = (of: string) => page.locator(of).first().evaluate((element) => getComputedStyle(element).backgroundColor);
  expect(await color('.plane')).not.toBe(await color('html'));
});

test('a sheet is shown in its page, and opened by itself on a phone', async ({ page }) => {
  const open = async () => {
    await page.goto('/products/draw-with-four-lines');
    await page.getByRole('link', { name: 'Read: The first pages' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('The first pages');
  };
  await open();
  await expect(page.locator('iframe[title="The first pages"]')).toBeVisible();
  await expect(page.getByText('Open it to read it')).toBeHidden();
  const link = page.getByRole('link', { name: 'Open the PDF' });
  const sheet = await page.request.get((await link.getAttribute('href'))!);
  expect(sheet.headers()['content-type']).toBe('application/pdf');
  await page.setViewportSize({ width: 390, height: 844 });
  await open();
  await expect(page.locator('iframe')).toBeHidden();
  await expect(page.getByText('Open it to read it')).toBeVisible();
  await expect(link).toBeVisible();
});
