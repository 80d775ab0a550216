import { type Page, expect, test as base } from '@playwright/test';

/** A page whose console must stay free of errors. */
export const test = base.extend<{ quiet: void }>({
  quiet: [async ({ page }, use) => {
    const errors: string[] = [];
    page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text()); });
    page.on('pageerror', (error) => errors.push(String(error)));
    await use();
    // The browser reports a refusal of ours as a failed resource.
    expect(errors.filter((text) => !/the server responded with a status of 4\d\d/.test(text))).toEqual([]);
  }, { auto: true }],
});

export { expect };

export const cards = { pays: '4242 4242 4242 4242', declined: '4000 0000 0000 0002', asks: '4000 0025 0000 3155' };

/** Puts a product into the cart; the first tier when none is named. */
export async function putIntoCart(page: Page, slug: string, tier?: string) {
  await page.goto(`/products/${slug}`);
  if (tier) await page.getByRole('radio', { name: new RegExp(`^${tier}`) }).check();
  await page.getByRole('button', { name: /Add to cart/ }).click();
  await expect(page).toHaveURL(/\/cart$/);
}

/** From the cart to the payment page, or to the order when nothing is due. */
export async function checkOut(page: Page, email = 'reader@example.com') {
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: /Continue to payment|Get it now/ }).click();
  await page.waitForURL((url) => url.pathname !== '/cart');
}

/** Fills the hosted payment page and sends it. */
export async function pay(page: Page, card: string) {
  await page.getByLabel('Card number').fill(card);
  await page.getByLabel('MM / YY').fill('12 / 40');
  await page.getByLabel('CVC').fill('123');
  await page.getByLabel('Name on card').fill('Reader');
  await page.getByRole('button', { name: /^Pay/ }).click();
}

/** The order page after payment: it turns into downloads by itself. */
export async function expectGoods(page: Page) {
  await expect(page.getByRole('heading', { level: 1, name: 'Thank you. Here is your order.' })).toBeVisible({ timeout: 20_000 });
}
