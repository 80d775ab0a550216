import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Whether the open page is right for who sees it on a phone and on a desk, in the light and in the dark: no accessibility violation, nothing scrolls sideways. */
export async function look(page: Page, widths = [390, 1280]) {
  const before = page.viewportSize();
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
      // In one frame there is nothing to gather from others, which takes a page of its own.
      const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] });
      // Only colors differ in the dark.
      if (colorScheme === 'dark') axe.withRules(['color-contrast']);
      const { violations } = await axe.analyze();
      expect(violations.map((violation) => `${page.url()}, ${colorScheme}, ${width} px, ${violation.id}: ${violation.nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${page.url()}, ${width} px: scrolls sideways`).toBeLessThanOrEqual(0);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  if (before) await page.setViewportSize(before);
}
