import type { Page } from '@playwright/test';
import { creator } from '../tests/demo';
import { cards, checkOut, expectGoods, pay, putIntoCart } from '../tests/shopper';

/** A page of the shop, or a state of it: how one comes there. */
export interface Stop {
  name: string;
  come: (page: Page) => Promise<unknown>;
  /** Which widths have it; all where nothing is said. */
  widths?: number[];
}

const at = (name: string, path: string): Stop => ({ name, come: (page) => page.goto(path) });

/** The page whose link this is. */
const first = (name: string, list: string, href: RegExp): Stop => ({
  name,
  come: async (page) => {
    await page.goto(list);
    const links = await page.locator('main a[href]').evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? ''));
    const link = links.find((one) => href.test(one));
    if (!link) throw new Error(`${list} has no link like ${href}`);
    await page.goto(link);
  },
});

/** What the shop's frame has at the foot of most pages. */
export const shopper: Stop[] = [
  at('home', '/'),
  at('list', '/products'),
  at('list-category', '/products?category=books'),
  at('list-tag', '/products?tag=ambient'),
  at('list-search', '/products?q=light'),
  at('list-nothing', '/products?q=zzqqxx'),
  at('product-tiers', '/products/the-weight-of-light'),
  at('product-own-price', '/products/winter-signals'),
  at('product-bundle', '/products/a-quiet-evening'),
  at('product-free', '/products/pocket-zine-tides'),
  at('product-refused', '/products/winter-signals?variant=listen&price=1&notice=price_too_low#price-listen'),
  first('sample', '/products/the-weight-of-light', /\/sample\//),
  at('cart-empty', '/cart'),
  { name: 'cart', come: async (page) => { await putIntoCart(page, 'winter-signals', 'Listen'); await putIntoCart(page, 'the-weight-of-light'); } },
  {
    name: 'cart-code-refused',
    come: async (page) => {
      await page.goto('/cart');
      await page.getByText('Promotion code').click();
      await page.getByRole('textbox', { name: 'Promotion code' }).fill('NOT-THIS');
      await page.getByRole('button', { name: 'Apply' }).click();
    },
  },
  { name: 'payment', come: async (page) => { await page.goto('/cart'); await checkOut(page, 'pictures@example.com'); } },
  { name: 'order', come: async (page) => { await pay(page, cards.pays); await expectGoods(page); } },
  { name: 'order-license', come: async (page) => { await putIntoCart(page, 'tidy-names'); await checkOut(page, 'pictures@example.com'); await pay(page, cards.pays); await expectGoods(page); } },
  { name: 'order-free', come: async (page) => { await putIntoCart(page, 'pocket-zine-tides'); await checkOut(page, `pictures-${Date.now()}@example.com`); await expectGoods(page); } },
  at('find-order', '/find-order'),
  at('orders-find', '/orders/find'),
  at('policy', '/policies/terms'),
  at('policy-refunds', '/policies/refunds'),
  at('mailbox', '/mailbox'),
  first('mailbox-mail', '/mailbox', /^\/mailbox\/./),
  at('not-found', '/nothing-here'),
  at('product-not-found', '/products/none'),
  at('order-not-found', '/orders/none'),
  at('download-unknown', '/downloads/none'),
  at('sign-in', '/sign-in'),
  at('sign-in-link-unknown', '/sign-in/none'),
  at('setup', '/setup'),
];

/** Signs in as the sample creator. */
export async function signIn(page: Page) {
  const { email, password } = creator();
  await page.goto('/sign-in?next=/dashboard');
  await page.getByLabel('Email').first().fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL('**/dashboard');
}

/** The dashboard, signed in. */
export const creators: Stop[] = [
  at('dashboard', '/dashboard'),
  { name: 'dashboard-menu', widths: [320, 390], come: async (page) => { await page.goto('/dashboard'); await page.getByRole('button', { name: 'Menu' }).click(); } },
  { name: 'dashboard-palette', come: async (page) => { await page.goto('/dashboard'); await page.keyboard.press('Control+k'); await page.getByRole('combobox', { name: 'Search the shop' }).fill('light'); await page.getByRole('option').first().waitFor(); } },
  { name: 'dashboard-keys', come: async (page) => { await page.goto('/dashboard'); await page.keyboard.press('?'); await page.getByRole('dialog').first().waitFor(); } },
  at('orders', '/dashboard/orders'),
  at('orders-nothing', '/dashboard/orders?q=nobody'),
  first('order-file', '/dashboard/orders', /^\/dashboard\/orders\/[^?]/),
  {
    name: 'order-refund',
    come: async (page) => {
      await page.goto('/dashboard/orders?status=paid');
      await page.getByRole('row').filter({ hasText: '@' }).filter({ hasNotText: '$0.00' }).first().getByRole('link').first().click();
      await page.getByText(/^Refund up to/).click();
      await page.getByRole('button', { name: 'Review refund' }).click();
      await page.getByRole('button', { name: /^Refund \$/ }).waitFor();
    },
  },
  at('products', '/dashboard/products'),
  at('product-new', '/dashboard/products/new'),
  at('product-edit', '/dashboard/products/the-weight-of-light'),
  at('product-files', '/dashboard/products/the-weight-of-light/files'),
  at('product-see', '/dashboard/products/the-weight-of-light/see'),
  at('product-terms', '/dashboard/products/terms'),
  at('categories', '/dashboard/categories'),
  at('customers', '/dashboard/customers'),
  first('customer', '/dashboard/customers', /^\/dashboard\/customers\/[^?]/),
  at('licenses', '/dashboard/licenses'),
  first('license', '/dashboard/licenses', /^\/dashboard\/licenses\/[^?]/),
  at('promotions', '/dashboard/promotions'),
  at('promotion-new', '/dashboard/promotions/new'),
  first('promotion', '/dashboard/promotions', /^\/dashboard\/promotions\/(?!new)[^?]/),
  at('analytics', '/dashboard/analytics'),
  at('analytics-countries', '/dashboard/analytics?by=country'),
  at('health', '/dashboard/health'),
  at('search', '/dashboard/search?q=light'),
  at('settings', '/dashboard/settings'),
  at('connections', '/dashboard/settings/connections'),
  at('members', '/dashboard/settings/members'),
  at('keys', '/dashboard/settings/keys'),
  at('audit', '/dashboard/settings/audit'),
  at('account', '/dashboard/settings/account'),
  at('confirm', '/confirm?next=/dashboard'),
  at('dashboard-not-found', '/dashboard/nothing-here'),
  at('sign-out', '/sign-out'),
];
