/** A browser cuts a text that is too long for its field without a word. Here the page says so. */

import { say } from './facts.js';

/**
 * How many characters of a pasted text have no room.
 *
 * @param {{value: string, selectionStart: number | null, selectionEnd: number | null, maxLength: number}} field
 * @param {string} pasted
 */
export function lostOf({ value, selectionStart, selectionEnd, maxLength }, pasted) {
  if (maxLength < 0) return 0;
  const replaced = (selectionEnd ?? 0) - (selectionStart ?? 0);
  return Math.max(0, value.length - replaced + pasted.length - maxLength);
}

/**
 * Say at a field when the end of what was pasted is lost.
 *
 * @param {HTMLInputElement | HTMLTextAreaElement} field
 * @param {(sentence: string) => void} tell
 */
export function sayCut(field, tell) {
  field.addEventListener('paste', (event) => {
    const n = lostOf(field, /** @type {ClipboardEvent} */ (event).clipboardData?.getData('text') ?? '');
    // What was said is taken back when a field changes, which it does after this event.
    if (n) setTimeout(() => tell(say('text_cut', { n: n.toLocaleString('en-US'), most: field.maxLength.toLocaleString('en-US') })));
  });
}
