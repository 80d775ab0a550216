import { devices, type Locator, type Page, test as base } from '@playwright/test';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { creator } from './demo';
import { picture } from './picture';
import { cards, checkOut, expect, expectGoods, pay, putIntoCart } from './shopper';

// How many clicks a task takes, from the page where it begins. Tab leads from field to field and costs none; the first field of a form
// costs one, unless it has the focus already.

const folder = join(process.env.DEMO_DATA ?? '/tmp/weightless-end2end', 'tasks');

/** A hand that counts. */
class Hand {
  clicks = 0;
  readonly began = Date.now();
  constructor(readonly page: Page) {}

  async click(target: Locator) {
    this.clicks += 1;
    await target.click();
  }

  /** Types into a field: by a click, unless the field has the focus or Tab leads there from the field before. */
  async type(field: Locator, text: string, reached: 'click' | 'tab' = 'click') {
    if (reached === 'click' && !(await field.evaluate((element) => element === document.activeElement))) await this.click(field);
    await field.fill(text);
  }

  async choose(files: Locator, ...paths: string[]) {
    this.clicks += 1;
    await files.setInputFiles(paths);
  }

  /** Says what it took, and that it was not more than this. */
  took(task: string, most: number) {
    console.log(`${task}: ${this.clicks} clicks, ${((Date.now() - this.began) / 1000).toFixed(1)} s`);
    expect(this.clicks, task).toBeLessThanOrEqual(most);
  }
}

const test = base.extend<{ hand: Hand }>({ hand: async ({ page }, use) => use(new Hand(page)) });

async function signIn(page: Page, path: string) {
  const { email, password } = creator();
  await page.goto(path);
  await page.getByLabel('Email').first().fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`**${path}`);
}

test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.describe('on a phone', () => {
  const { defaultBrowserType: _, ...phone } = devices['Pixel 7'];
  test.use(phone);

  test('a tiered product is bought by card and its file downloaded in seven taps', async ({ page, hand }) => {
    await page.goto('/products/the-weight-of-light');
    await hand.click(page.getByRole('radio', { name: /^PDF and EPUB/ }));
    await hand.click(page.getByRole('button', { name: /Add to cart/ }).first());
    await page.waitForURL('**/cart');
    await hand.type(page.getByLabel('Email'), 'phone@example.com');
    await hand.click(page.getByRole('button', { name: 'Continue to payment' }));
    await page.waitForURL((url) => url.pathname !== '/cart');
    await hand.type(page.getByLabel('Card number'), cards.pays);
    await hand.type(page.getByLabel('MM / YY'), '12 / 40', 'tab');
    await hand.type(page.getByLabel('CVC'), '123', 'tab');
    await hand.type(page.getByLabel('Name on card'), 'Reader', 'tab');
    await hand.click(page.getByRole('button', { name: /^Pay/ }));
    await expectGoods(page);
    await Promise.all([page.waitForEvent('download'), hand.click(page.getByRole('button', { name: /^Download .*\.epub/ }))]);
    hand.took('A tiered product on a phone, from its page to the file', 7);
  });
});

test('a free product is in the reader’s hands in three clicks', async ({ page, hand }) => {
  await page.goto('/products/pocket-zine-tides');
  await hand.click(page.getByRole('button', { name: /free/ }).first());
  await page.waitForURL('**/cart');
  await hand.type(page.getByLabel('Email'), 'free@example.com');
  await hand.click(page.getByRole('button', { name: 'Get it now' }));
  await expectGoods(page);
  hand.took('A free product, to the order', 3);
});

test('a price of one’s own takes no click more than a fixed one', async ({ page, hand }) => {
  await page.goto('/products/winter-signals');
  await hand.type(page.getByLabel('Your price in USD'), '7');
  await hand.click(page.getByRole('button', { name: /Add to cart/ }).first());
  await page.waitForURL('**/cart');
  await expect(page.locator('.sums .total')).toContainText('$7.00');
  hand.took('A price of one’s own, to the cart', 2);
});

for (const [card, name] of [[cards.declined, 'a declined card'], [cards.asks, '3-D Secure']] as const) {
  test(`${name} costs one click more`, async ({ page }) => {
    await putIntoCart(page, 'the-plain-table-manual');
    await checkOut(page, 'again@example.com');
    await pay(page, card);
    const hand = new Hand(page);
    if (card === cards.declined) {
      await expect(page.getByRole('alert')).toHaveText('Your card was declined.');
      await hand.type(page.getByLabel('Card number'), cards.pays, 'tab');
      await hand.type(page.getByLabel('MM / YY'), '12 / 40', 'tab');
      await hand.type(page.getByLabel('CVC'), '123', 'tab');
      await hand.type(page.getByLabel('Name on card'), 'Reader', 'tab');
      await hand.click(page.getByRole('button', { name: /^Pay/ }));
    } else {
      await hand.click(page.getByRole('button', { name: 'Complete' }));
    }
    await expectGoods(page);
    hand.took(name, 1);
  });
}

test('a product with two tiers, cover, sample and two files is on sale in twelve clicks', async ({ page, hand }) => {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  await signIn(page, '/dashboard/products');
  await hand.click(page.getByRole('link', { name: 'New product' }).first());
  await hand.type(page.getByLabel('Title', { exact: true }), 'Twelve clicks');
  await hand.type(page.getByLabel('Name', { exact: true }), 'Personal', 'tab');
  await hand.type(page.getByLabel('Price in USD', { exact: true }), '5', 'tab');
  await hand.click(page.getByRole('button', { name: 'Add a tier' }));
  const second = page.getByRole('group', { name: 'Tier 2' });
  await hand.type(second.getByLabel('Name', { exact: true }), 'Commercial', 'tab');
  await hand.type(second.getByLabel('Price in USD', { exact: true }), '20', 'tab');
  await hand.click(page.getByRole('button', { name: 'Save', exact: true }).first());
  await expect(page.getByRole('heading', { level: 1, name: 'Twelve clicks' })).toBeVisible();
  await hand.click(page.getByRole('link', { name: /^Files/ }).first());
  await expect(page.locator('.zone.is-awake').first()).toBeAttached();
  const uploaded = async (region: string | RegExp, label: string | RegExp, nFiles: number, ...paths: string[]) => {
    await hand.choose(page.getByRole('region', { name: region }).getByLabel(label).first(), ...paths);
    await expect(page.getByText(nFiles === 1 ? 'The file is uploaded.' : /files are uploaded|file is uploaded/)).toBeVisible();
    await expect(page.locator('.zone.is-awake').first()).toBeAttached();
  };
  await uploaded('Cover', /^(A|Another) cover$/, 1, write('cover.png', picture(800, 500)));
  await uploaded('Samples', 'A sample', 1, write('first-pages.txt', 'The first pages.'));
  await uploaded(/^What customers get/, 'Files to sell', 2, write('north.txt', 'North.'), write('south.txt', 'South.'));
  await expect(page.getByRole('region', { name: /^What customers get/ })).toContainText('south.txt');
  await hand.click(page.getByRole('link', { name: /^Details/ }).first());
  hand.clicks += 1;
  await page.getByLabel('Status').selectOption('published');
  await hand.click(page.getByRole('button', { name: 'Save', exact: true }).first());
  await expect(page.getByRole('main')).toContainText('Saved.');
  hand.took('A product of two tiers, cover, sample and two files, on sale', 12);
  await page.goto('/products/twelve-clicks');
  await expect(page.getByRole('button', { name: /Add to cart/ }).first()).toBeVisible();
});

test('a promotion takes three clicks', async ({ page, hand }) => {
  await signIn(page, '/dashboard/promotions');
  await hand.click(page.getByRole('link', { name: 'New promotion' }));
  await hand.type(page.getByLabel('Discount', { exact: true }), '10', 'tab');
  await hand.type(page.getByLabel('Code', { exact: true }), `TASK${Date.now()}`, 'tab');
  await hand.click(page.getByRole('button', { name: 'Create promotion' }));
  await expect(page.getByRole('status')).toContainText('The promotion is created');
  hand.took('A promotion', 3);
});

test('a refund takes four clicks, one of them the question', async ({ page, hand }) => {
  await putIntoCart(page, 'the-plain-table-manual');
  await checkOut(page, 'task-refund@example.com');
  await pay(page, cards.pays);
  await expectGoods(page);
  await signIn(page, '/dashboard/orders');
  await hand.click(page.getByRole('row').filter({ hasText: 'task-refund@example.com' }).first().getByRole('link').first());
  await hand.click(page.getByText(/^Refund up to/));
  await hand.click(page.getByRole('button', { name: 'Review refund' }));
  await hand.click(page.getByRole('button', { name: /^Refund \$/ }));
  await expect(page.getByRole('main')).toContainText('The refund is on its way');
  hand.took('A refund, from the list of orders', 4);
});

test('a member is invited in two clicks', async ({ page }) => {
  await signIn(page, '/dashboard/settings/members');
  const invitation = new Hand(page);
  await invitation.type(page.getByLabel('Email').first(), `task-${Date.now()}@example.com`);
  await invitation.click(page.getByRole('button', { name: 'Send the invitation' }));
  await expect(page.getByRole('main')).toContainText('Invitation pending');
  invitation.took('An invitation', 2);
});
