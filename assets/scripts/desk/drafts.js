/** What somebody has begun to write stays on this device until it is sent: by account and case. */

import { facts } from './facts.js';

/** @param {string} number */
const nameOf = (number) => `desk-draft ${facts().me} ${number}`;

/** @param {string} number */
export function readDraft(number) {
  try {
    return localStorage.getItem(nameOf(number)) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} number @param {string} text */
export function keepDraft(number, text) {
  try {
    if (text) localStorage.setItem(nameOf(number), text);
    else localStorage.removeItem(nameOf(number));
  } catch { /* a browser that keeps nothing: the text stays as long as the page */ }
}
