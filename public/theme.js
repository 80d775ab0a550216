// Light or dark as the visitor chose, before the first paint; then the switch and the cart's number. The page works without.
(() => {
  const root = document.documentElement;
  const system = () => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  let theme = null;
  try { theme = localStorage.getItem('theme'); } catch { /* storage is off: the system decides */ }
  if (theme === 'dark' || theme === 'light') root.dataset.theme = theme;
  addEventListener('DOMContentLoaded', () => {
    const button = document.querySelector('[data-theme-switch]');
    const label = () => { const next = (root.dataset.theme || system()) === 'dark' ? 'light' : 'dark'; button.setAttribute('aria-label', `Use ${next} colors`); };
    if (button) {
      button.hidden = false;
      label();
      button.addEventListener('click', () => {
        root.dataset.theme = (root.dataset.theme || system()) === 'dark' ? 'light' : 'dark';
        try { localStorage.setItem('theme', root.dataset.theme); } catch { /* it lasts for this page then */ }
        label();
      });
    }
    const count = Number(/(?:^|; )cart_count=(\d+)/.exec(document.cookie)?.[1] || 0);
    const badge = document.querySelector('[data-cart-count]');
    if (badge && count > 0) { badge.textContent = String(count); badge.hidden = false; }
  });
})();
