import type { Page } from '@playwright/test';
import { creator } from './demo';
import { tabTo } from './keyboard';
import { look } from './look';
import { expect, test } from './shopper';

async function signIn(page: Page, path: string) {
  const { email, password } = creator();
  await page.goto(path);
  await page.locator('#email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
}

const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).first();

/** A draft with one tier, by its title. */
async function make(page: Page, title: string) {
  await page.goto('/dashboard/products/new');
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Price in USD', { exact: true }).fill('4');
  await save(page).click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
}

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a creator makes a tiered product from nothing, previews it, publishes it, and it is on the storefront', async ({ page, browser }) => {
    await signIn(page, '/dashboard/products');
    await page.getByRole('link', { name: 'New product' }).click();
    const title = `Sea maps ${Date.now()}`;
    await page.getByLabel('Title', { exact: true }).fill(title);
    await page.getByLabel('One sentence').fill('Old maps of the sea');
    await page.getByLabel('Description', { exact: true }).fill('# Inside\n\n*Forty* maps.');
    await page.getByRole('button', { name: 'Preview the description' }).click();
    await expect(page.getByRole('region', { name: 'Preview of the description' }).getByRole('heading', { name: 'Inside' })).toBeVisible();
    await expect(page.getByLabel('Title', { exact: true })).toHaveValue(title);
    await page.getByLabel('Tags').fill('sea, old maps');
    await page.getByLabel('Name', { exact: true }).fill('Personal');
    await page.getByLabel('Price in USD', { exact: true }).fill('a lot');
    await page.getByRole('button', { name: 'Add a tier' }).click();
    const second = page.getByRole('group', { name: 'Tier 2' });
    await second.getByLabel('Name', { exact: true }).fill('Commercial');
    await second.getByLabel('Price in USD', { exact: true }).fill('9,99');
    await second.getByLabel('License terms').selectOption('commercial');
    await save(page).click();
    const price = page.getByRole('group', { name: 'Tier 1' }).getByLabel('Price in USD', { exact: true });
    await expect(price).toHaveValue('a lot');
    await expect(price).toHaveAccessibleDescription(/Write the price as a number/);
    await price.fill('2.99');
    await save(page).click();
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
    await expect(page.getByRole('main')).toContainText('Draft');

    const shopper = await (await browser.newContext()).newPage();
    const slug = title.toLowerCase().replaceAll(' ', '-');
    expect((await shopper.goto(`/products/${slug}`))?.status()).toBe(404);
    await page.getByRole('link', { name: 'See as a buyer' }).click();
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
    await expect(page.getByRole('radio')).toHaveCount(2);
    await page.getByRole('link', { name: 'Back to the dashboard' }).click();
    await page.getByLabel('Status').selectOption('published');
    await save(page).click();
    await expect(page.getByRole('alert', { name: 'Nothing to deliver yet' })).toContainText('This product delivers nothing yet');
    expect((await shopper.goto(`/products/${slug}`))?.status()).toBe(404);
    await page.getByRole('button', { name: 'Publish anyway' }).click();
    await expect(page.getByRole('main')).toContainText('published as coming soon');
    await expect(page.getByRole('region', { name: 'Before it sells' }).getByRole('link', { name: 'Add files' })).toBeVisible();
    expect((await shopper.goto(`/products/${slug}`))?.status()).toBe(200);
    await expect(shopper.getByRole('main')).toContainText('$2.99');
    await expect(shopper.getByRole('main')).toContainText('Coming soon');
    await expect(shopper.getByRole('button', { name: /Add to cart/ })).toHaveCount(0);
    await shopper.goto('/products?q=sea+maps');
    await expect(shopper.getByRole('link', { name: title }).first()).toBeVisible();

    await page.getByText('Facts and address').click();
    await page.getByLabel('Slug').fill(`${slug}-2`);
    await save(page).click();
    await shopper.goto(`/products/${slug}`);
    await expect(shopper).toHaveURL(new RegExp(`/products/${slug}-2$`));
    await shopper.context().close();
  });

  test('the second editor is told, loses nothing, and may save on top', async ({ page, context }) => {
    await signIn(page, '/dashboard/products');
    const title = `Two editors ${Date.now()}`;
    await make(page, title);
    const other = await context.newPage();
    await other.goto(page.url());
    await page.getByLabel('One sentence').fill('By the first');
    await save(page).click();
    await expect(page.getByRole('main')).toContainText('Saved.');
    await other.getByLabel('One sentence').fill('By the second');
    await save(other).click();
    await expect(other.getByRole('alert')).toContainText(/creator@example\.com saved this product on/);
    await expect(other.getByRole('alert')).toContainText('By the first');
    await expect(other.getByLabel('One sentence')).toHaveValue('By the second');
    await other.getByRole('button', { name: 'Overwrite with mine' }).click();
    await expect(other.getByRole('main')).toContainText('Saved.');
    await expect(other.getByLabel('One sentence')).toHaveValue('By the second');
  });

  test('archive and delete are undone by a button', async ({ page }) => {
    await signIn(page, '/dashboard/products');
    await make(page, `Undone ${Date.now()}`);
    await page.getByRole('button', { name: 'Archive' }).click();
    await expect(page.getByRole('main')).toContainText('The product is archived');
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect(page.getByRole('main')).toContainText('Draft');
    await page.getByRole('button', { name: /^Delete/ }).click();
    await expect(page.getByRole('main')).toContainText('The product is deleted');
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: /^Undone/ })).toBeVisible();
  });
});

test('a product is made with the keyboard alone', async ({ page }) => {
  await signIn(page, '/dashboard/products/new');
  const title = page.getByLabel('Title', { exact: true });
  await tabTo(page, title);
  await page.keyboard.type(`By keys ${Date.now()}`);
  const price = page.getByLabel('Price in USD', { exact: true });
  await tabTo(page, price);
  await page.keyboard.type('0');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: /^By keys/ })).toBeVisible();
});

test('no page of the products has an accessibility violation or scrolls sideways', async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, '/dashboard/products');
  const urls = ['/dashboard/products', '/dashboard/products?q=nothing-like-it', '/dashboard/products/new', '/dashboard/products/the-weight-of-light', '/dashboard/products/the-weight-of-light/see', '/dashboard/products/terms', '/dashboard/categories'];
  for (const url of urls) {
    await page.goto(url);
    await page.evaluate(() => { for (const fold of document.querySelectorAll('details')) fold.open = true; });
    await look(page);
  }
});
