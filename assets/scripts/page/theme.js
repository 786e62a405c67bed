/** Light or dark: as the address says, else as the reader chose before, else as the system is. */

import { part } from '../lifecycle.js';
import { changed } from './address.js';
import { remembered } from './cookies.js';

const SYSTEM = '(prefers-color-scheme: dark)';

/** The theme that the address asks for. */
const wanted = () => new URLSearchParams(location.search).get('theme') || 'auto';

/** Follows the system's own choice. */
export const theme = part((signal) => {
  const chosen = remembered('theme') || 'auto';
  if (wanted() === 'auto' && chosen !== 'auto') {
    history.replaceState(null, '', location.pathname + changed(location.search, { theme: chosen }));
  }
  paintTheme();
  matchMedia(SYSTEM).addEventListener('change', paintTheme, { signal });
});

/** Give the page the colours of its address. */
export function paintTheme() {
  const { dataset } = document.documentElement;
  const dark = wanted() === 'dark' || (wanted() === 'auto' && matchMedia(SYSTEM).matches);
  const now = dark ? 'dark' : 'light';
  if (dataset.mantineColorScheme === now) return;
  dataset.mantineColorScheme = now;
  dispatchEvent(new CustomEvent('gridwell:theme', { detail: now }));
}
