/** What somebody has begun to write stays on this device until it is sent: by account, city and case. */

import { facts } from './facts.js';

/** @param {string} city @param {string} number */
const nameOf = (city, number) => `desk-draft ${facts().me} ${city} ${number}`;

/** How drafts were called before cities were part of it. @param {string} number */
const olderName = (number) => `desk-draft ${facts().me} ${number}`;

/** @param {string} city @param {string} number */
export function readDraft(city, number) {
  try {
    return localStorage.getItem(nameOf(city, number)) ?? localStorage.getItem(olderName(number)) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} city @param {string} number @param {string} text */
export function keepDraft(city, number, text) {
  try {
    localStorage.removeItem(olderName(number));
    if (text) localStorage.setItem(nameOf(city, number), text);
    else localStorage.removeItem(nameOf(city, number));
  } catch { /* a browser that keeps nothing: the text stays as long as the page */ }
}
