import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { disturb, fail, letLinksExpire, recover } from './demo';
import { cards, checkOut, expect, expectGoods, pay, putIntoCart, test } from './shopper';

test('a stranger buys a tiered product and has its files seconds later', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'Browse', exact: true }).click();
  await page.getByLabel('Search').fill('light');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByRole('link', { name: 'The Weight of Light' }).click();
  await page.getByRole('radio', { name: /PDF and EPUB/ }).check();
  await expect(page.getByRole('button', { name: /Add to cart — \$7\.90/ })).toBeVisible();
  await page.getByRole('button', { name: /Add to cart/ }).click();
  await page.waitForURL('**/cart');
  await page.reload();
  const lines = page.getByRole('region', { name: 'In the cart' });
  await expect(lines).toContainText('The Weight of Light');
  await expect(lines).toContainText('PDF and EPUB');
  await expect(lines).toContainText('$7.90');
  await checkOut(page);
  await expect(page.getByText('Test mode')).toBeVisible();
  await pay(page, cards.pays);
  await expectGoods(page);
  await expect(page.getByRole('link', { name: 'Cart' })).toHaveText('Cart');
  const started = page.waitForEvent('download');
  await page.getByRole('button', { name: /Download .*\.epub/ }).click();
  const download = await started;
  expect(download.suggestedFilename()).toBe('the-weight-of-light.epub');
  const content = await readFile(await download.path());
  expect(content.subarray(30, 58).toString()).toBe('mimetypeapplication/epub+zip');
  await page.goto('/cart');
  await expect(page.getByText('Your cart is empty')).toBeVisible();
});

test('a declined card moves no money, and the next one pays', async ({ page }) => {
  await putIntoCart(page, 'letters-to-a-slow-reader');
  await checkOut(page);
  await pay(page, cards.declined);
  await expect(page.getByRole('alert')).toHaveText('Your card was declined.');
  await pay(page, cards.pays);
  await expectGoods(page);
});

test('3-D Secure is asked for and passed', async ({ page }) => {
  await putIntoCart(page, 'the-plain-table-manual');
  await checkOut(page);
  await pay(page, cards.asks);
  await page.getByRole('button', { name: 'Complete' }).click();
  await expectGoods(page);
});

test('the order turns into downloads by itself when the event is late', async ({ page, request }) => {
  await putIntoCart(page, 'rain-on-tin', 'Studio');
  await checkOut(page);
  await disturb(request, { drop: 100 });
  await fail(request, { route: 'GET /v1/checkout/sessions', kind: 'error', status: 500, times: 2 });
  await pay(page, cards.pays);
  await expect(page.getByRole('heading', { name: 'Payment is being confirmed' })).toBeVisible();
  await expectGoods(page);
  await recover(request);
});

test('a free product needs no payment and takes the same path', async ({ page }) => {
  await putIntoCart(page, 'pocket-zine-tides');
  await checkOut(page, 'zine@example.com');
  await expectGoods(page);
  await expect(page.getByRole('button', { name: /Download/ })).toBeVisible();
});

test('three things, one of them twice, are one order', async ({ page }) => {
  await putIntoCart(page, 'tidy-names');
  await putIntoCart(page, 'hairline-icons', 'Commercial');
  await putIntoCart(page, 'paper-harbor');
  await page.getByRole('listitem').filter({ hasText: 'Paper Harbor' }).getByText('Buy several').click();
  await page.getByRole('spinbutton', { name: 'Quantity of Paper Harbor, Listen' }).fill('2');
  await page.getByRole('button', { name: 'Update the quantity of Paper Harbor, Listen' }).click();
  await expect(page.locator('.sums .total')).toContainText('$24.97');
  await checkOut(page);
  await pay(page, cards.pays);
  await expectGoods(page);
  await expect(page.getByText(/^[0-9A-F]{8}(-[0-9A-F]{8}){3}$/)).toBeVisible();
  await page.getByRole('button', { name: 'Copy the license key of Tidy Names' }).click();
  await expect(page.getByRole('button', { name: 'Copied the license key of Tidy Names' })).toBeVisible();
});

test('leaving the payment page keeps the cart', async ({ page }) => {
  await putIntoCart(page, 'ledger-sheets');
  await checkOut(page);
  await page.getByRole('link', { name: /Back/ }).click();
  await expect(page.getByRole('status')).toContainText('Nothing was charged');
  await expect(page.getByRole('link', { name: 'Ledger Sheets' })).toBeVisible();
});

test('the mail in the mailbox opens the order', async ({ page }) => {
  await putIntoCart(page, 'field-guide-to-small-servers');
  await checkOut(page, 'post@example.com');
  await pay(page, cards.pays);
  await expectGoods(page);
  await expect(async () => {
    await page.goto('/mailbox');
    await expect(page.getByRole('listitem').filter({ hasText: 'post@example.com' })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await page.getByRole('listitem').filter({ hasText: 'post@example.com' }).getByRole('link').click();
  await page.frameLocator('iframe').getByRole('link', { name: 'Open your order' }).click();
  await expectGoods(page);
  // The key is left behind, and the page opens again without it.
  await expect(page).toHaveURL(/\/orders\/[0-9a-z]{26}$/);
  await page.reload();
  await expectGoods(page);
});

test('a download is resumed where it broke off, byte for byte', async ({ page, request }) => {
  await putIntoCart(page, 'dune-wallpapers');
  await checkOut(page);
  await pay(page, cards.pays);
  await expectGoods(page);
  const minted = page.waitForRequest(/\/downloads\//);
  await page.getByRole('button', { name: /Download/ }).click();
  const url = (await minted).url();
  const whole = await (await request.get(url)).body();
  const first = await request.get(url, { headers: { range: 'bytes=0-999' } });
  expect(first.status()).toBe(206);
  expect(first.headers()['content-range']).toBe(`bytes 0-999/${whole.length}`);
  const rest = await request.get(url, { headers: { range: 'bytes=1000-', 'if-range': first.headers().etag } });
  const joined = Buffer.concat([await first.body(), await rest.body()]);
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  expect(hash(joined)).toBe(hash(whole));
  expect(first.headers().etag).toBe(`"${hash(whole)}"`);
});

test('a link that is too old leads its owner to a new one', async ({ page }) => {
  await putIntoCart(page, 'letters-to-a-slow-reader');
  await checkOut(page);
  await pay(page, cards.pays);
  await expectGoods(page);
  const order = page.url();
  // Once it has begun: a session that opens later would let the link in again.
  const first = page.waitForEvent('download');
  await page.getByRole('button', { name: /Download .*\.epub/ }).click();
  const url = (await first).url();
  letLinksExpire();
  expect((await page.goto(url))?.status()).toBe(410);
  await expect(page.getByRole('heading', { name: 'This link has expired' })).toBeVisible();
  await expect(page.getByText('Open your order and press Download there')).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: 'Find your order' })).toBeVisible();
  await page.goto(order);
  const started = page.waitForEvent('download');
  await page.getByRole('button', { name: /Download .*\.epub/ }).click();
  expect((await started).suggestedFilename()).toBe('letters-to-a-slow-reader.epub');
});

test('a refusal stands beside its field, and what was typed stays', async ({ page }) => {
  await putIntoCart(page, 'winter-signals');
  const email = page.getByLabel('Email');
  await email.fill('listener@example.com');
  await page.getByText('Promotion code').click();
  await page.getByRole('textbox', { name: 'Promotion code' }).fill('NO-SUCH-CODE');
  await page.getByRole('button', { name: 'Continue to payment' }).click();
  await expect(page.getByRole('textbox', { name: 'Promotion code' })).toHaveAccessibleDescription(/code/);
  await expect(page.getByRole('textbox', { name: 'Promotion code' })).toBeFocused();
  await expect(page.locator('#promotion_code-error')).not.toBeEmpty();
  await expect(email).toHaveValue('listener@example.com');
  await page.getByRole('textbox', { name: 'Promotion code' }).fill('');
  await email.fill('listener@nowhere');
  await page.getByRole('button', { name: 'Continue to payment' }).click();
  await expect(page.locator('#email-error')).not.toBeEmpty();
  await expect(email).toHaveValue('listener@nowhere');
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'in the cart, with JavaScript' : 'in the cart, without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('an address stays through everything, and the enter key applies a code before anybody pays', async ({ page }) => {
      await putIntoCart(page, 'tidy-names');
      await putIntoCart(page, 'winter-signals');
      const email = page.getByLabel('Email');
      await email.fill('stays@example.com');
      await page.getByRole('spinbutton', { name: /^Quantity of Tidy Names/ }).fill('2');
      await page.getByRole('button', { name: /^Update the quantity of Tidy Names/ }).click();
      await expect(page.getByRole('spinbutton', { name: /^Quantity of Tidy Names/ })).toHaveValue('2');
      await expect(email).toHaveValue('stays@example.com');
      await email.fill('still@example.com');
      await page.getByRole('button', { name: /^Remove Winter Signals/ }).click();
      await expect(page.getByRole('link', { name: 'Winter Signals' })).toBeHidden();
      await expect(email).toHaveValue('still@example.com');
      await page.getByText('Promotion code').click();
      await page.getByRole('textbox', { name: 'Promotion code' }).fill('NO-SUCH-CODE');
      await page.getByRole('textbox', { name: 'Promotion code' }).press('Enter');
      await expect(page.getByRole('textbox', { name: 'Promotion code' })).toHaveAccessibleDescription(/doesn't work/);
      await expect(email).toHaveValue('still@example.com');
      await page.getByRole('textbox', { name: 'Promotion code' }).fill('');
      // What was typed elsewhere is shown before it is paid.
      await page.getByRole('spinbutton', { name: /^Quantity of Tidy Names/ }).fill('3');
      await email.press('Enter');
      await expect(page.locator('.line')).toContainText('each');
      await expect(page.getByRole('spinbutton', { name: /^Quantity of Tidy Names/ })).toHaveValue('3');
      await page.getByRole('button', { name: 'Continue to payment' }).click();
      await page.getByRole('link', { name: /Back/ }).click();
      await expect(page.getByLabel('Email')).toHaveValue('still@example.com');
    });
  });
}

test('what comes with a bundle is not bought twice unawares', async ({ page }) => {
  await putIntoCart(page, 'a-quiet-evening');
  await putIntoCart(page, 'letters-to-a-slow-reader');
  await expect(page.getByRole('region', { name: 'In the cart' })).toContainText('Already part of A Quiet Evening.');
});

test('who lost the mail is sent links to what was bought, and a stranger is told the same', async ({ page }) => {
  await putIntoCart(page, 'ledger-sheets');
  await checkOut(page, 'forgot@example.com');
  await pay(page, cards.pays);
  await expectGoods(page);
  await page.goto('/orders/nothing');
  await page.getByRole('link', { name: 'Find your order' }).first().click();
  const told = page.getByRole('status').filter({ hasText: 'If there are orders with this address' });
  for (const address of ['nobody@example.com', 'forgot@example.com']) {
    await page.getByLabel('Email').fill(address);
    await page.getByRole('button', { name: 'Email me my orders' }).click();
    await expect(told).toBeVisible();
  }
  const mail = page.getByRole('listitem').filter({ hasText: 'forgot@example.com' }).first();
  await expect(async () => {
    await page.goto('/mailbox');
    await mail.getByRole('link').click({ timeout: 1_000 });
    await page.frameLocator('iframe').getByText('Here is your order').waitFor({ timeout: 1_000 });
  }).toPass();
  await page.frameLocator('iframe').getByRole('link', { name: /^Order/ }).click();
  await expectGoods(page);
});

test('what is left of the downloads of a file follows each download, and the last one has a next step', async ({ page }) => {
  await putIntoCart(page, 'dune-wallpapers');
  await checkOut(page);
  await pay(page, cards.pays);
  await expectGoods(page);
  const row = page.locator('.download').first();
  await expect(row).not.toContainText('left');
  for (let n = 0; n < 5; n++) {
    const started = page.waitForEvent('download');
    await row.getByRole('button', { name: /Download/ }).click();
    await (await started).path();
  }
  await expect(row).toContainText('all downloads used', { timeout: 15_000 });
  await expect(row.getByRole('button')).toBeHidden();
  await expect(row).toContainText(/[Aa]sk for more/);
});
