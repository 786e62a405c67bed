/** The bar that the pages of the desk share: light or dark, the language, and menus that close. */

import { element, required } from '../dom.js';
import { onStop } from '../lifecycle.js';
import { remember } from './cookies.js';

const THEMES = ['auto', 'light', 'dark'];
const OPEN_MENU = 'details.menu[open]';

/**
 * @param {AbortSignal} signal
 * @param {() => void} [repaint] Called when colours are others: what is not drawn by style sheets is drawn anew.
 */
export function beginBar(signal, repaint = () => {}) {
  beginTheme(signal, repaint);
  beginLanguages(signal);
  document.addEventListener('click', (event) => {
    for (const menu of document.querySelectorAll(OPEN_MENU)) {
      if (event.target instanceof Node && !menu.contains(event.target)) menu.removeAttribute('open');
    }
  }, { signal });
}

/** Escape closes the menu that is open, and its button has the focus again. @param {AbortSignal} signal */
export function closeMenusByKey(signal) {
  document.addEventListener('keydown', (event) => {
    const open = document.querySelector(OPEN_MENU);
    if (event.key !== 'Escape' || !open) return;
    open.removeAttribute('open');
    required('summary', open).focus();
  }, { signal });
}

/** @param {AbortSignal} signal @param {() => void} repaint */
function beginTheme(signal, repaint) {
  const { dataset } = document.documentElement;
  const button = required('#theme');
  button.replaceChildren(element('i', 'theme-sign'));
  button.addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(dataset.theme ?? 'auto') + 1) % THEMES.length];
    dataset.theme = next;
    remember('theme', next);
    repaint();
  }, { signal });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', repaint);
  onStop(signal, () => dark.removeEventListener('change', repaint));
}

/** The links of the languages were made for the address with which the page began. @param {AbortSignal} signal */
function beginLanguages(signal) {
  document.querySelectorAll('.languages a').forEach((link) =>
    link.addEventListener('click', (event) => {
      event.preventDefault();
      const lang = link.getAttribute('lang') ?? '';
      remember('lang', lang);
      const search = new URLSearchParams(location.search);
      search.set('lang', lang);
      location.search = search.toString();
    }, { signal })
  );
}
