/** What the pages of reports say aloud, and in sight for a while. */

import { element, required } from '../dom.js';

const SHOWN_MS = 4000;

/** @param {string} text */
export function tell(text) {
  required('#told').textContent = text;
  document.querySelector('.report-toast')?.remove();
  const toast = element('p', 'report-toast', text);
  toast.setAttribute('aria-hidden', 'true'); // said above
  document.body.append(toast);
  setTimeout(() => toast.remove(), SHOWN_MS);
}
