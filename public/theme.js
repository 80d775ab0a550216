// Light or dark as the visitor chose, before the first paint; then the switch, the cart's number, and the address without what was said
// once. The page works without.
(() => {
  const root = document.documentElement;
  const system = () => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  let theme = null;
  try { theme = localStorage.getItem('theme'); } catch { /* storage is off: the system decides */ }
  if (theme === 'dark' || theme === 'light') root.dataset.theme = theme;
  // A browser that shows no PDF in a page would keep the file instead.
  if (navigator.pdfViewerEnabled === false) root.dataset.pdf = 'apart';
  addEventListener('DOMContentLoaded', () => {
    const buttons = document.querySelectorAll('[data-theme-switch]');
    const shown = () => root.dataset.theme || system();
    const label = () => { for (const button of buttons) button.setAttribute('aria-label', `Use ${shown() === 'dark' ? 'light' : 'dark'} colors`); };
    label();
    // The browser's own frame follows the choice; each of its colors is for one theme of the system otherwise.
    const frames = [...document.querySelectorAll('meta[name="theme-color"]')].map((meta) => [meta, meta.media]);
    const paint = () => { for (const [meta, media] of frames) if (root.dataset.theme) meta.media = media.includes(root.dataset.theme) ? 'all' : 'not all'; };
    paint();
    for (const button of buttons) {
      button.hidden = false;
      button.addEventListener('click', () => {
        root.dataset.theme = shown() === 'dark' ? 'light' : 'dark';
        try { localStorage.setItem('theme', root.dataset.theme); } catch { /* it lasts for this page then */ }
        label();
        paint();
      });
    }
    // A notice is news: neither a reload nor a bookmark says it again.
    const url = new URL(location.href);
    const said = ['notice', 'canceled', 'done'].filter((name) => url.searchParams.has(name));
    for (const name of said) url.searchParams.delete(name);
    if (said.length > 0) history.replaceState(history.state, '', url);
    const count = Number(/(?:^|; )cart_count=(\d+)/.exec(document.cookie)?.[1] || 0);
    const badge = document.querySelector('[data-cart-count]');
    if (badge && count > 0) { badge.textContent = String(count); badge.hidden = false; }
  });
  // A browser that is led to a section takes the focus off every field, once the page is there.
  if (location.hash) addEventListener('load', () => setTimeout(() => document.querySelector('[autofocus]')?.focus()));
  // What is left of the downloads of an order, once the link was followed: rows that changed are put in place.
  const recount = async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    for (const now of page.querySelectorAll('.download[data-file]')) {
      const was = document.querySelector(`.download[data-file="${now.dataset.file}"]`);
      if (!was || was.outerHTML === now.outerHTML) continue;
      const hadFocus = was.contains(document.activeElement);
      was.replaceWith(now);
      if (hadFocus) now.querySelector('button, a')?.focus();
    }
  };
  addEventListener('submit', (event) => {
    if (event.target.matches('.download')) for (const wait of [2000, 8000]) setTimeout(() => recount().catch(() => {}), wait);
  });
})();
