// What the dashboard does beyond its forms and links: keys that jump, a search from anywhere, a word
// before typed text is lost. Every page works without.
(() => {
  const here = location.pathname;
  if (!here.startsWith('/dashboard') && here !== '/setup') return;
  const text = (tag, content, attributes = {}) => { const element = document.createElement(tag); element.textContent = content; for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value); return element; };
  const isTyping = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

  function guessTimeZone() {
    const select = document.querySelector('select[data-time-zone]');
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (select && select.value === 'UTC' && [...select.options].some((option) => option.value === zone)) select.value = zone;
  }

  function minding() {
    const forms = [...document.querySelectorAll('form[data-unsaved]')];
    const state = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string')).toString();
    const before = new Map(forms.map((form) => [form, state(form)]));
    let isSending = false;
    for (const form of forms) form.addEventListener('submit', () => { isSending = true; });
    addEventListener('pageshow', () => { isSending = false; });
    addEventListener('beforeunload', (event) => {
      if (!isSending && forms.some((form) => state(form) !== before.get(form))) event.preventDefault();
    });
  }

  const jumps = { d: '/dashboard', p: '/dashboard/products', o: '/dashboard/orders', c: '/dashboard/customers', m: '/dashboard/promotions', a: '/dashboard/analytics', h: '/dashboard/health', ',': '/dashboard/settings' };

  function keys() {
    let since = 0;
    const shown = document.querySelector('.dash-search kbd');
    if (shown && !/Mac|iP/.test(navigator.platform)) shown.textContent = 'Ctrl K';
    addEventListener('keydown', (event) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        search();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) return;
      if (event.key === '/') {
        event.preventDefault();
        search();
      } else if (event.key === '?') {
        help();
      } else if (event.key === 'g') {
        since = event.timeStamp;
      } else if (event.timeStamp - since < 1500 && jumps[event.key]) {
        since = 0;
        location.assign(jumps[event.key]);
      }
    });
  }

  function dialog(name) {
    const element = document.createElement('dialog');
    element.className = 'palette';
    element.setAttribute('aria-label', name);
    element.addEventListener('close', () => element.remove());
    element.addEventListener('click', (event) => { if (event.target === element) element.close(); });
    document.body.append(element);
    return element;
  }

  function help() {
    const box = dialog('Keys');
    const list = document.createElement('dl');
    for (const [key, meaning] of [['⌘K, Ctrl K or /', 'Search'], ['g then p', 'Products'], ['g then o', 'Orders'], ['g then c', 'Customers'], ['g then m', 'Promotions'], ['g then a', 'Analytics'], ['g then h', 'Health'], ['g then ,', 'Settings'], ['g then d', 'Overview'], ['Esc', 'Close']]) {
      list.append(text('dt', key), text('dd', meaning));
    }
    const close = text('button', 'Close', { class: 'button plain', type: 'button' });
    close.addEventListener('click', () => box.close());
    box.append(text('h2', 'Keys'), list, close);
    box.showModal();
  }

  // A combobox with a list below it: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
  function search() {
    if (document.querySelector('dialog[open]')) return;
    const box = dialog('Search');
    const input = text('input', '', { class: 'input', type: 'search', role: 'combobox', placeholder: 'Products, orders, customers, pages', 'aria-label': 'Search the shop', 'aria-expanded': 'true', 'aria-controls': 'found', 'aria-autocomplete': 'list', autocomplete: 'off', maxlength: '254' });
    const found = text('ul', '', { id: 'found', role: 'listbox', 'aria-label': 'Found' });
    const state = text('p', '', { class: 'help', role: 'status' });
    box.append(input, found, state);
    let chosen = 0;
    let asked = 0;
    let shownFor = null;
    const options = () => [...found.children];
    const choose = (n) => {
      const all = options();
      if (all.length === 0) return;
      chosen = (n + all.length) % all.length;
      all.forEach((option, at) => option.setAttribute('aria-selected', String(at === chosen)));
      input.setAttribute('aria-activedescendant', all[chosen].id);
      all[chosen].scrollIntoView({ block: 'nearest' });
    };
    const show = (items) => {
      found.replaceChildren(...items.map((item, n) => {
        const option = text('li', '', { id: `found-${n}`, role: 'option', 'aria-selected': 'false' });
        option.append(text('span', item.title), text('span', item.kind, { class: 'quiet' }));
        option.dataset.url = item.url;
        option.addEventListener('click', () => location.assign(item.url));
        return option;
      }));
      state.textContent = items.length === 0 ? 'Nothing fits.' : '';
      input.removeAttribute('aria-activedescendant');
      choose(0);
    };
    const ask = async () => {
      const mine = ++asked;
      const typed = input.value;
      try {
        const answer = await fetch('/_fn/find_anything', { method: 'POST', headers: { accept: 'application/json' }, body: new URLSearchParams({ q: typed }) });
        if (!answer.ok) throw new Error(String(answer.status));
        const { hits } = await answer.json();
        if (mine !== asked) return;
        shownFor = typed;
        show(hits);
      } catch {
        if (mine === asked) state.textContent = 'The shop did not answer. Type on to try again.';
      }
    };
    let wait;
    input.addEventListener('input', () => { clearTimeout(wait); wait = setTimeout(ask, 120); });
    input.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { event.preventDefault(); choose(chosen + (event.key === 'ArrowDown' ? 1 : -1)); }
      if (event.key === 'Enter') {
        event.preventDefault();
        const go = () => { const option = options()[chosen]; if (option) location.assign(option.dataset.url); };
        // Who types fast means what is about to be found, not what the list still shows.
        if (shownFor === input.value) go();
        else ask().then(() => { if (shownFor === input.value) go(); });
      }
    });
    box.showModal();
    ask();
  }

  // Files are dropped anywhere on a page that takes some: into the section where they fall, or else among those to sell.
  function dropping() {
    if (!document.querySelector('form.upload')) return;
    const hasFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes('Files');
    // A file is replaced by its own zone alone.
    const forms = (part) => [...part.querySelectorAll('.zone.is-awake form')].filter((form) => !form.elements.replaces.value);
    const formAt = (target) => {
      const [zone, section] = ['.zone.is-awake', 'section'].map((place) => target.closest && target.closest(place));
      if (zone) return zone.querySelector('form');
      return (section && forms(section)[0]) || forms(document).find((form) => form.elements.role.value === 'good');
    };
    let wait;
    const show = (form) => {
      document.documentElement.classList.toggle('has-files-over', Boolean(form));
      for (const zone of document.querySelectorAll('.zone')) zone.classList.toggle('is-target', Boolean(form) && zone.contains(form));
    };
    addEventListener('dragover', (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      const form = formAt(event.target);
      const fold = form && form.closest('details');
      if (fold) fold.open = true;
      show(form);
      // A browser says again and again that files are above, and is silent once they have left.
      clearTimeout(wait);
      wait = setTimeout(show, 300);
    });
    addEventListener('drop', (event) => {
      if (!hasFiles(event)) return;
      clearTimeout(wait);
      show();
      // The zone itself has taken them.
      if (event.target.closest && event.target.closest('.zone.is-awake')) return;
      event.preventDefault();
      const form = formAt(event.target);
      if (!form) return;
      form.elements.file.files = event.dataTransfer.files;
      form.elements.file.dispatchEvent(new Event('change', { bubbles: true }));
    });
  }

  // Copies the text of the element that a button names. Hidden where the browser has no clipboard for this page.
  function copying() {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll('button[data-copy]')) {
      const word = button.textContent;
      button.hidden = false;
      button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
        button.textContent = 'Copied';
        setTimeout(() => { button.textContent = word; }, 3000);
      });
    }
  }

  // All rows at once, and how many they are.
  function choosing() {
    for (const form of document.querySelectorAll('form.several')) {
      const boxes = [...form.querySelectorAll('tbody .choose input')];
      const all = [...form.querySelectorAll('[data-choose-all]')];
      const count = form.querySelector('[data-count-chosen]');
      const show = () => {
        const n = boxes.filter((box) => box.checked).length;
        for (const label of all) {
          const box = label.querySelector('input');
          box.checked = n === boxes.length;
          box.indeterminate = n > 0 && n < boxes.length;
        }
        count.textContent = n === 0 ? '' : `${n} selected`;
      };
      for (const label of all) {
        label.hidden = false;
        label.addEventListener('change', (event) => { for (const box of boxes) box.checked = event.target.checked; });
      }
      // Enter in a box would send the form.
      form.addEventListener('keydown', (event) => { if (event.key === 'Enter' && event.target.type === 'checkbox') event.preventDefault(); });
      form.addEventListener('change', show);
      addEventListener('pageshow', show);
    }
  }

  // The address of a list says nothing of what was left empty.
  function tidying() {
    for (const form of document.querySelectorAll('[role="search"]')) {
      form.addEventListener('formdata', ({ formData }) => { for (const [name, value] of [...formData]) if (value === '') formData.delete(name); });
    }
  }

  const start = () => {
    choosing();
    tidying();
    dropping();
    copying();
    guessTimeZone();
    minding();
    if (here.startsWith('/dashboard')) {
      keys();
      const button = document.querySelector('[data-search]');
      if (button) button.addEventListener('click', (event) => { event.preventDefault(); search(); });
    }
  };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', start);
  else start();
})();
