import { expect, type Locator, type Page } from '@playwright/test';

/** Goes on with the Tab key until this has the focus, as who has no mouse does. */
export async function tabTo(page: Page, wanted: Locator) {
  for (let n = 0; n < 200; n++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(wanted, 'the Tab key never came to it').toBeFocused();
}
