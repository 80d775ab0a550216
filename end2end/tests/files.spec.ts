import { test as anyTest, type Page } from '@playwright/test';
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, openSync, closeSync, ftruncateSync, rmSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { creator } from './demo';
import { look } from './look';
import { picture } from './picture';
import { expect, test } from './shopper';

// One gigabyte takes a minute and more on a small machine; FILES_MB=1024 sends that.
const megabytes = Number(process.env.FILES_MB ?? 96);
const folder = join(process.env.DEMO_DATA ?? '/tmp/weightless-end2end', 'to-send');

async function open(page: Page, slug: string) {
  const { email, password } = creator();
  await page.goto(`/dashboard/products/${slug}/files`);
  await page.getByLabel('Email').first().fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Files' })).toBeVisible();
}

/** A file of holes with a few marks in it, so that it costs no disk and its parts differ. */
function sparse(name: string, size: number) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const file = openSync(path, 'w');
  ftruncateSync(file, size);
  for (let at = 0; at < size; at += 8 << 20) writeSync(file, `part at ${at}`, at + 5);
  closeSync(file);
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  return path;
}

async function sha256(path: string) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

// The browser reports the cut line, which other tests would be stopped by.
anyTest('a large file goes on after the connection was cut and after a reload, and arrives as it was', async ({ page, context }) => {
  anyTest.setTimeout(600_000);
  const name = `film-${megabytes}.mp4`;
  const path = sparse(name, megabytes * (1 << 20));
  await open(page, 'tidy-names');
  const goods = page.getByRole('region', { name: /^What customers get/ });
  await goods.getByText('Add a file to this version').click();
  // A wait before each part, as a real line has, so that it can be cut in the middle.
  let nParts = 0;
  await page.route('**/dashboard/uploads/*/parts/*', async (route) => {
    nParts += 1;
    if (nParts < 12) await new Promise((done) => setTimeout(done, 150));
    await route.continue().catch(() => undefined);
  });
  await goods.getByLabel('Files to sell').setInputFiles(path);
  const row = goods.getByRole('list', { name: 'Uploads' }).getByRole('listitem');
  await expect(row).toContainText(/ of .* left/);
  await context.setOffline(true);
  await expect(row).toContainText('The connection is lost');
  const before = nParts;
  await context.setOffline(false);
  await expect.poll(() => nParts, { timeout: 30_000 }).toBeGreaterThan(before + 1);
  await row.getByRole('button', { name: /^Pause/ }).click();
  await expect(row).toContainText(/Paused at \d+/);
  // The page is left and opened again: what arrived is kept, and the same file is recognized.
  page.on('dialog', (dialog) => dialog.accept());
  await page.reload();
  await expect(page.getByRole('region', { name: 'Not finished' })).toContainText(name);
  await goods.getByText('Add a file to this version').click();
  const sentBefore = nParts;
  await goods.getByLabel('Files to sell').setInputFiles(path);
  await expect(page.getByText('The file is uploaded.')).toBeVisible({ timeout: 500_000 });
  expect(nParts - sentBefore, 'parts that were there are not sent again').toBeLessThan(Math.ceil(megabytes / 8));
  await expect(goods).toContainText(name);
  await expect(goods).toContainText(await sha256(path));
  await expect(page.getByRole('region', { name: 'Not finished' })).toHaveCount(0);
});

test('a cover is drawn in several sizes, and what is no picture is told so', async ({ page }) => {
  mkdirSync(folder, { recursive: true });
  const send = async (name: string, content: Buffer | string) => {
    writeFileSync(join(folder, name), content);
    await page.getByRole('region', { name: 'Cover' }).getByLabel(/^(A|Another) cover$/).setInputFiles(join(folder, name));
  };
  await open(page, 'tidy-names');
  const uploads = page.getByRole('region', { name: 'Cover' }).getByRole('list', { name: 'Uploads' });
  await send('evil.png', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
  await expect(uploads.getByRole('listitem').last()).toContainText('This is not a JPEG, PNG or WebP picture');
  await send('flood.png', picture(20_000, 20_000));
  await expect(uploads.getByRole('listitem').last()).toContainText('20000 × 20000 pixels');
  await page.reload();
  await send('cover.png', picture(1500, 900));
  await expect(page.getByText('The file is uploaded.')).toBeVisible({ timeout: 30_000 });
  const words = page.getByRole('region', { name: 'Cover' }).getByLabel('Alt text');
  await expect(words).toHaveAccessibleDescription(/for people who can't see it/);
  await words.fill('Stripes');
  await page.getByRole('region', { name: 'Cover' }).getByRole('button', { name: /^Save/ }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await page.goto('/products/tidy-names');
  const cover = page.getByRole('img', { name: 'Stripes' }).first();
  await expect(cover).toHaveAttribute('srcset', /320w.*640w.*1280w.*1500w/);
  await expect(cover).toHaveAttribute('width', '1500');
  await expect.poll(() => cover.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
});

test('several pictures are chosen at once and put into another order by dragging', async ({ page }) => {
  mkdirSync(folder, { recursive: true });
  const paths = [[400, 300], [500, 300]].map(([width, height]) => {
    const path = join(folder, `${width}.png`);
    writeFileSync(path, picture(width, height));
    return path;
  });
  await open(page, 'ledger-sheets');
  const gallery = page.getByRole('region', { name: 'Gallery' });
  await expect(gallery.locator('.zone').last()).toHaveClass(/is-awake/);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), gallery.getByLabel('Pictures', { exact: true }).click()]);
  expect(chooser.isMultiple()).toBe(true);
  await chooser.setFiles(paths);
  await expect(page.getByText('The file is uploaded.')).toBeVisible({ timeout: 30_000 });
  const pictures = gallery.locator('[data-picture]');
  const order = () => pictures.evaluateAll((all) => all.map((picture) => picture.getAttribute('data-picture')));
  const before = await order();
  expect(before.length).toBeGreaterThan(1);
  const wanted = [before[before.length - 1], ...before.slice(0, -1)];
  const saved = page.waitForResponse((response) => response.url().includes('/_fn/order_pictures'));
  await pictures.last().locator('img').dragTo(pictures.first().locator('img'), { targetPosition: { x: 4, y: 10 } });
  await saved;
  await page.goto('/dashboard/products/ledger-sheets/files');
  expect(await order()).toEqual(wanted);
});

test('files dropped anywhere on the page are files to sell, and the tabs lead there and back', async ({ page }) => {
  await open(page, 'hairline-icons');
  const tabs = page.getByRole('navigation', { name: 'Product', exact: true });
  await expect(tabs.getByRole('link', { name: /^Files/ })).toHaveAttribute('aria-current', 'page');
  await tabs.getByRole('link', { name: 'Details' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Hairline Icons' })).toBeVisible();
  await tabs.getByRole('link', { name: /^Files/ }).click();
  await expect(page.locator('.zone.is-awake').first()).toBeAttached();
  const dataTransfer = await page.evaluateHandle(() => {
    const files = new DataTransfer();
    for (const name of ['dropped-1.pdf', 'dropped-2.pdf']) files.items.add(new File([`%PDF-1.7 ${name}`], name, { type: 'application/pdf' }));
    return files;
  });
  const heading = page.getByRole('heading', { level: 1 });
  await heading.dispatchEvent('dragover', { dataTransfer });
  await expect(page.getByText('Drop files here').first()).toBeVisible();
  await heading.dispatchEvent('drop', { dataTransfer });
  await expect(page.getByText('The file is uploaded.')).toBeVisible({ timeout: 30_000 });
  const goods = page.getByRole('region', { name: /^What customers get/ });
  await expect(goods).toContainText('dropped-1.pdf');
  await expect(goods).toContainText('dropped-2.pdf');
});

test('a release is prepared, filled and published, without a script too', async ({ browser }) => {
  mkdirSync(folder, { recursive: true });
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await open(page, 'pocket-zine-tides');
  await page.getByText('Prepare a new release', { exact: true }).click();
  const form = page.locator('form', { has: page.getByRole('button', { name: 'Prepare release' }) });
  await form.getByLabel('Version').fill('1.0');
  await form.getByLabel('What is new').fill('A page more.');
  await page.getByRole('button', { name: 'Prepare release' }).click();
  await expect(form.getByLabel('Version')).toHaveAccessibleDescription(/There is a release 1.0 already/);
  await expect(form.getByLabel('What is new')).toHaveValue('A page more.');
  await form.getByLabel('Version').fill('1.1');
  await page.getByRole('button', { name: 'Prepare release' }).click();
  const draft = page.getByRole('region', { name: 'In preparation: 1.1' });
  await draft.locator('summary', { hasText: 'Replace' }).first().click();
  writeFileSync(join(folder, 'tides-2.pdf'), '%PDF-1.7 the second');
  await draft.getByLabel('The new file').first().setInputFiles(join(folder, 'tides-2.pdf'));
  await draft.getByRole('button', { name: 'Upload' }).first().click();
  await expect(draft).toContainText('tides-2.pdf');
  await draft.getByRole('button', { name: 'Publish 1.1' }).click();
  await expect(page.getByRole('heading', { name: 'What customers get: 1.1' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Earlier releases' })).toContainText('1.0');
  await page.goto('/products/pocket-zine-tides');
  await expect(page.getByRole('main')).toContainText('A page more.');
});

test('the page of files has no accessibility violation', async ({ page }) => {
  await open(page, 'dune-wallpapers');
  await page.locator('summary').evaluateAll((all) => all.forEach((summary) => ((summary.parentElement as HTMLDetailsElement).open = true)));
  await look(page);
});
