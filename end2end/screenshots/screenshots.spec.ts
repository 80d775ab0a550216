import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { creators, shopper, signIn } from './pages';

const folder = process.env.SCREENSHOTS ?? '../target/screenshots';
/** The addresses that the shop's own routes know. */
const routes = [...readFileSync(join('..', 'app', 'src', 'routes.rs'), 'utf8').matchAll(/path!\("([^"]+)"\)/g)].map((match) => match[1]);

for (const width of [320, 390, 1280]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`every page at ${width} px in the ${colorScheme}`, async ({ browser }) => {
      const context = await browser.newContext({ viewport: { width, height: width < 1000 ? 844 : 900 }, colorScheme, reducedMotion: 'reduce', hasTouch: width < 1000 });
      const page = await context.newPage();
      const faults: string[] = [];
      const seen = new Set<string>();
      page.on('console', (message) => {
        // A page that is not there is told as an error, and axe tries to look into the frame of a mail, where no script may run.
        const isExpected = /the server responded with a status of 4\d\d|frame is sandboxed/.test(message.text());
        if (['error', 'warning'].includes(message.type()) && !isExpected) faults.push(`${page.url()}: ${message.text()}`);
      });
      page.on('request', (request) => { if (request.isNavigationRequest()) seen.add(new URL(request.url()).pathname); });
      const look = async (name: string) => {
        await page.waitForLoadState('networkidle');
        // Pictures further down are asked for when they come near.
        await page.evaluate(async () => {
          for (const picture of document.images) picture.loading = 'eager';
          await Promise.all([...document.images].map((picture) => picture.decode().catch(() => undefined)));
        });
        await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] }).analyze();
        for (const violation of violations) faults.push(`${name}, ${violation.id}: ${violation.nodes.map((node) => node.html).join(' ')}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wide > 0) faults.push(`${name} scrolls ${wide} px sideways`);
      };
      const visit = async (stops: typeof shopper) => {
        for (const { name, come, widths } of stops) {
          if (widths && !widths.includes(width)) continue;
          try {
            await come(page);
            await look(name);
          } catch (error) {
            faults.push(`${name}: ${String(error).split('\n').slice(0, 3).join(' ')}`);
          }
        }
      };
      await visit(shopper);
      await signIn(page);
      await visit(creators);
      for (const route of routes) {
        const shape = new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`);
        if (![...seen].some((path) => shape.test(path))) faults.push(`no picture of ${route}`);
      }
      await context.close();
      expect(faults.join('\n')).toEqual('');
    });
  }
}
