/**
 * The draft of a new case stays on this device, for this account, until it is filed or thrown away. Who reports it is kept only as long as
 * the tab: it survives a reload, and does not lie about on a computer that several people use.
 */

import { facts } from '../facts.js';

/**
 * @typedef {{lon?: number, lat?: number, datum?: string, area?: string, city?: string, address?: string, text?: string}} Place
 * @typedef {{
 *   key: string, place: Place | null, placeText: string, category: string, title: string, ownTitle: boolean, severity: string, channel: string,
 *   description: string, address: string, ownAddress: boolean, files: {hash: string, name: string, blurred?: boolean, at?: number}[], reporter: {name: string, phone: string},
 * }} Draft
 */

const DRAFT = 'desk-entry';
const RECENT = 'desk-recent-categories';
const MOST_RECENT = 6;

/** @param {string} what */
const nameOf = (what) => `${what} ${facts().me}`;

/** @param {Storage} store @param {string} name */
function read(store, name) {
  try {
    return JSON.parse(store.getItem(name) ?? 'null');
  } catch {
    return null;
  }
}

/** @param {Storage} store @param {string} name @param {unknown} value */
function write(store, name, value) {
  try {
    if (value === null) store.removeItem(name);
    else store.setItem(name, JSON.stringify(value));
  } catch { /* a browser that keeps nothing: the draft stays as long as the page */ }
}

/** @returns {Draft | null} */
export function readEntry() {
  const kept = read(localStorage, nameOf(DRAFT));
  if (!kept) return null;
  return { ...kept, reporter: read(sessionStorage, nameOf(DRAFT)) ?? { name: '', phone: '' } };
}

/** @param {Draft | null} draft Nothing removes it. */
export function keepEntry(draft) {
  if (!draft) {
    write(localStorage, nameOf(DRAFT), null);
    write(sessionStorage, nameOf(DRAFT), null);
    return;
  }
  const { reporter, ...rest } = draft;
  write(localStorage, nameOf(DRAFT), rest);
  write(sessionStorage, nameOf(DRAFT), reporter.name || reporter.phone ? reporter : null);
}

/** Categories that were used last. @returns {string[]} */
export const recentCategories = () => read(localStorage, nameOf(RECENT)) ?? [];

/** @param {string} code */
export function noteCategory(code) {
  write(localStorage, nameOf(RECENT), [code, ...recentCategories().filter((one) => one !== code)].slice(0, MOST_RECENT));
}
