import { activateLicense, deactivateLicense, validateLicense } from '@lemonsqueezy/lemonsqueezy.js';
import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { creator } from './demo';
import { cards, checkOut, expect, expectGoods, pay, putIntoCart, test } from './shopper';

/** The client of Lemon Squeezy as its makers ship it; only the address that it knows by heart is another. */
function lemonSqueezyAt(base: string) {
  const fetch = globalThis.fetch;
  globalThis.fetch = (input, init) => fetch(String(input).replace('https://api.lemonsqueezy.com', base), init);
  return () => { globalThis.fetch = fetch; };
}

async function buyKey(page: Page, email: string) {
  await putIntoCart(page, 'tidy-names', 'One person');
  await checkOut(page, email);
  await pay(page, cards.pays);
  await expectGoods(page);
  return (await page.locator('.key code').first().textContent()) ?? '';
}

test('the client of Lemon Squeezy activates, validates and deactivates a key', async ({ page, baseURL }) => {
  const key = await buyKey(page, 'ada@example.com');
  const restore = lemonSqueezyAt(baseURL ?? '');
  try {
    const activated = await activateLicense(key, "Ada's laptop");
    expect([activated.statusCode, activated.error]).toEqual([200, null]);
    expect(activated.data?.activated).toBe(true);
    expect(activated.data?.license_key).toMatchObject({ key, status: 'active', activation_limit: 3, activation_usage: 1, expires_at: null });
    expect(activated.data?.meta.product_name).toBe('Tidy Names');
    const instance = activated.data?.instance?.id ?? '';

    const valid = await validateLicense(key, instance);
    expect([valid.statusCode, valid.data?.valid, valid.data?.instance?.name]).toEqual([200, true, "Ada's laptop"]);
    const unknown = await validateLicense('no-such-key-0000');
    expect([unknown.statusCode, unknown.data?.valid, unknown.data?.error]).toEqual([404, false, 'license_key not found.']);

    // The owner sees the device on the page of the order, and frees its seat there.
    await page.reload();
    await expect(page.getByText('1 of 3 devices in use')).toBeVisible();
    await page.getByText('Manage 1 device and this key').click();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.getByRole('button', { name: "Deactivate Ada's laptop" }).click();
    await expect(page.getByText('Deactivated. The seat is free for another device.')).toBeVisible();
    const gone = await validateLicense(key, instance);
    expect([gone.statusCode, gone.data?.valid]).toEqual([404, false]);
    const again = await deactivateLicense(key, instance);
    expect([again.statusCode, again.data?.deactivated, again.data?.license_key?.activation_usage]).toEqual([200, true, 0]);
  } finally {
    restore();
  }
});

test('an owner replaces a key, and the old one is unknown at once', async ({ page, request }) => {
  const key = await buyKey(page, 'grace@example.com');
  await page.getByText('Manage this key').click();
  await page.getByText('Replace this key').click();
  await page.getByRole('button', { name: 'Replace the key' }).click();
  await expect(page.getByText('The key is replaced.')).toBeVisible();
  const replaced = (await page.locator('.key code').first().textContent()) ?? '';
  expect(replaced).not.toBe(key);
  const asked = async (license_key: string) => (await request.post('/v1/licenses/validate', { form: { license_key } })).status();
  expect([await asked(key), await asked(replaced)]).toEqual([404, 200]);
});

test('a device without a network gets its license file from the page of the order', async ({ page }) => {
  await buyKey(page, 'lin@example.com');
  await page.getByText('Manage this key').click();
  await page.getByText('Activate a device that is offline').click();
  await page.getByLabel('Code from the software').fill('nothing');
  await page.getByRole('button', { name: 'Download the license file' }).click();
  await expect(page.getByText('This is not the code that your software shows.')).toBeVisible();

  const code = `challenge/${Buffer.from(JSON.stringify({ fingerprint: 'lab-7', name: 'Lab computer' })).toString('base64url')}`;
  await page.getByText('Manage this key').click();
  await page.getByText('Activate a device that is offline').click();
  await page.getByLabel('Code from the software').fill(code);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download the license file' }).click()]);
  expect(download.suggestedFilename()).toBe('license.lic');
  await page.reload();
  await page.getByText('Manage 1 device and this key').click();
  await expect(page.getByRole('button', { name: 'Deactivate Lab computer' })).toBeVisible();
});

test('a creator finds a license by its key, suspends it with a reason and reinstates it', async ({ page, browser, request }) => {
  const key = await buyKey(page, 'mary@example.com');
  const asked = async () => (await (await request.post('/v1/licenses/validate', { form: { license_key: key } })).json()).code;
  const office = await (await browser.newContext()).newPage();
  const { email, password } = creator();
  await office.goto('/dashboard/licenses');
  await office.getByLabel('Email').fill(email);
  await office.getByLabel('Password').fill(password);
  await office.getByRole('button', { name: 'Sign in', exact: true }).click();
  expect((await new AxeBuilder({ page: office }).analyze()).violations).toEqual([]);
  await office.getByLabel('Search').fill(key.toLowerCase().replaceAll('-', ' '));
  await office.getByRole('button', { name: 'Apply' }).click();
  await office.getByRole('link', { name: key }).click();
  await expect(office.getByRole('heading', { level: 1, name: 'Tidy Names' })).toBeVisible();
  expect((await new AxeBuilder({ page: office }).analyze()).violations).toEqual([]);

  await office.getByText('Suspend it').click();
  await office.getByRole('group').filter({ hasText: 'Suspend it' }).getByLabel('Reason').fill('Posted in a forum');
  await office.getByRole('button', { name: 'Suspend', exact: true }).click();
  await expect(office.getByText('Reason: Posted in a forum')).toBeVisible();
  expect(await asked()).toBe('SUSPENDED');
  await page.reload();
  await expect(page.getByText('This key is disabled.')).toBeVisible();
  await office.getByRole('button', { name: 'Reinstate' }).click();
  await expect(office.getByText('Reinstated. The key works again')).toBeVisible();
  expect(await asked()).toBe('VALID');

  await office.getByText('Change the device limit').click();
  await office.getByRole('textbox', { name: 'Devices' }).fill('none');
  await office.getByRole('button', { name: 'Change', exact: true }).click();
  await expect(office.getByRole('textbox', { name: 'Devices' })).toHaveAccessibleDescription(/A license is for 1 to/);
});
