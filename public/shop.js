// What pages of the shop do beyond their links and forms. Every page works without.
(() => {
  const isTyping = (target) => target instanceof Element && target.closest('input, textarea, select, [contenteditable]');
  const isShown = (element) => element.getClientRects().length > 0;

  // `/` leads to the search: the field that is shown, or the page that has one.
  addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const field = [...document.querySelectorAll('[role="search"] [type="search"]')].find(isShown);
    const link = document.querySelector('.to-search');
    if (!field && !link) return;
    event.preventDefault();
    if (field) field.select(); else link.click();
  });
  if (location.hash === '#q') document.getElementById('q')?.focus();

  // The list follows its choices at once, and its address says nothing of what was left empty.
  for (const form of document.querySelectorAll('[role="search"]')) {
    // A closed select changes with each arrow key: then Enter chooses.
    let isTyped = false;
    let isChanged = false;
    form.addEventListener('pointerdown', () => { isTyped = false; });
    form.addEventListener('keydown', ({ key, target }) => {
      if (!(target instanceof HTMLSelectElement)) return;
      isTyped = key !== 'Enter';
      if (key === 'Enter' && isChanged) form.requestSubmit();
    });
    form.addEventListener('change', ({ target }) => {
      if (!(target instanceof HTMLSelectElement)) return;
      isChanged = isTyped;
      if (!isTyped) form.requestSubmit();
    });
    form.addEventListener('formdata', ({ formData }) => { for (const [name, value] of [...formData]) if (value === '') formData.delete(name); });
  }
  // The category that is open stands where it is seen.
  for (const row of document.querySelectorAll('.rail ul')) {
    const open = row.querySelector(':scope > li > [aria-current], :scope > .is-open > a');
    if (open && row.scrollWidth > row.clientWidth) row.scrollLeft = open.offsetLeft - (row.clientWidth - open.offsetWidth) / 2;
  }

  // The button names the price that is typed; what is no price, or too low, leaves it as it was.
  for (const price of document.querySelectorAll('[data-price-of]')) {
    const field = document.getElementById(price.dataset.priceOf);
    if (!field) continue;
    const before = price.textContent;
    const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: price.dataset.currency });
    // What may be read in two ways, such as 1,000, is left to the shop.
    const { maximumFractionDigits: decimals } = money.resolvedOptions();
    const readable = decimals === 0 ? /^\d+$/ : new RegExp(`^\\d+([.,]\\d{1,${Math.min(decimals, 2)}})?$`);
    const name = () => {
      const typed = field.value.trim();
      const amount = readable.test(typed) ? Number(typed.replace(',', '.')) : NaN;
      price.textContent = !(amount >= Number(price.dataset.least)) ? before : amount === 0 ? 'Get it free' : `Add to cart — ${money.format(amount)}`;
    };
    field.addEventListener('input', name);
    name();
  }
})();
