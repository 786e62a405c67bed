/** What somebody has begun to write stays on this device until it is sent: by account, city and case. */

import { facts } from './facts.js';

/**
 * @typedef {{text: string, tab: string, files: {hash: string, name: string, at: number}[]}} Draft
 * `tab`: whether it is a remark or a reply. `files`: those that were sent to the server, each with its moment, and go with the next step.
 */

/** The server keeps a file that belongs to no case for a day; one that could be gone when the step is taken is not offered again. */
const FILES_MS = 20 * 3600_000;

/** Whether the server still has a file that was sent at a moment and belongs to no case. @param {number | undefined} at @param {number} now */
export const isStillThere = (at, now) => now - (at ?? 0) < FILES_MS;

/** @param {string} city @param {string} number */
const nameOf = (city, number) => `desk-draft ${facts().me} ${city} ${number}`;

/** How drafts were called before cities were part of it. @param {string} number */
const olderName = (number) => `desk-draft ${facts().me} ${number}`;

/**
 * What was kept, as a draft; earlier versions kept nothing but the text.
 *
 * @param {string | null} kept
 * @param {number} now
 * @returns {Draft}
 */
export function parseDraft(kept, now) {
  const empty = { text: kept ?? '', tab: 'remark', files: [] };
  if (!kept?.startsWith('{')) return empty;
  try {
    const { text, tab, files } = JSON.parse(kept);
    if (typeof text !== 'string' || !Array.isArray(files)) return empty;
    const there = files.filter((/** @type {{at: number}} */ { at }) => isStillThere(at, now));
    return { text, tab: tab === 'reply' ? 'reply' : 'remark', files: there };
  } catch {
    return empty; // somebody's text that begins with a bracket
  }
}

/** What is kept of a draft; null where there is nothing. @param {Draft} draft */
export const formDraft = (draft) => draft.text || draft.files.length ? JSON.stringify(draft) : null;

/** @param {string} city @param {string} number @returns {Draft} */
export function readDraft(city, number) {
  try {
    return parseDraft(localStorage.getItem(nameOf(city, number)) ?? localStorage.getItem(olderName(number)), Date.now());
  } catch {
    return parseDraft(null, 0);
  }
}

/** @param {string} city @param {string} number @param {Draft} draft */
export function keepDraft(city, number, draft) {
  try {
    localStorage.removeItem(olderName(number));
    const kept = formDraft(draft);
    if (kept) localStorage.setItem(nameOf(city, number), kept);
    else localStorage.removeItem(nameOf(city, number));
  } catch { /* a browser that keeps nothing: the text stays as long as the page */ }
}

/** What was written for a case is sent. @param {string} city @param {string} number */
export const dropDraft = (city, number) => keepDraft(city, number, { text: '', tab: 'remark', files: [] });
