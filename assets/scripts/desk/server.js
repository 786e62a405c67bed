/** Asks the machine door. Reading is tried again while the server is full or away; a step is tried again under the same key. */

import { untilAnswered } from '../page/asking.js';
import { ALONE, isAlone } from '../page/presence.js';
import { facts } from './facts.js';
import { endWait, waitFor } from './live/waiting.js';

const MOST_TRIES = 4;

/**
 * @typedef {{ok: boolean, status: number, body: any}} Answer
 */

/**
 * An address with the page's language.
 *
 * @param {string} path
 * @param {URLSearchParams} [query]
 */
function addressOf(path, query = new URLSearchParams()) {
  const whole = new URLSearchParams(query);
  whole.set('lang', facts().lang);
  return `${path}?${whole}`;
}

/**
 * @param {string} address
 * @param {RequestInit} options
 * @param {number} tries
 * @returns {Promise<Answer>}
 */
async function send(address, options, tries) {
  const signal = options.signal ?? undefined;
  const question = {};
  try {
    const answer = await untilAnswered(() => fetch(address, options), { signal, tries, refused: (notice) => waitFor(question, notice) });
    signal?.throwIfAborted();
    return answer ? await read(answer) : { ok: false, status: 0, body: null };
  } finally {
    endWait(question);
  }
}

/** @param {Response} answer @returns {Promise<Answer>} */
async function read(answer) {
  if (answer.status === 401) location.reload();
  return { ok: answer.ok, status: answer.status, body: await answer.json().catch(() => null) };
}

/**
 * Ask for something.
 *
 * @param {string} path
 * @param {URLSearchParams} [query]
 * @param {AbortSignal} [signal] Ends the wait when the answer is not wanted any more.
 * @param {number} [tries] How often it is asked for at most, while the server is full or away.
 */
export function get(path, query, signal, tries = Infinity) {
  const headers = isAlone() ? ALONE : {};
  return send(addressOf(path, query), { signal, headers }, tries);
}

/**
 * Take a step, or ask for something else that changes.
 *
 * @param {string} path
 * @param {unknown} body
 * @param {string} key The same step under the same key is taken once.
 * @param {URLSearchParams} [query]
 */
export function post(path, body, key, query) {
  const headers = { 'Content-Type': 'application/json', 'X-Gridwell-CSRF': facts().csrf, 'Idempotency-Key': key };
  return send(addressOf(path, query), { method: 'POST', headers, body: JSON.stringify(body) }, MOST_TRIES);
}

/**
 * Send a file.
 *
 * @param {Blob} file
 */
export function upload(file) {
  const headers = { 'Content-Type': 'application/octet-stream', 'X-Gridwell-CSRF': facts().csrf };
  return send(addressOf('/api/attachments'), { method: 'POST', headers, body: file }, MOST_TRIES);
}

/** A new key; not `crypto.randomUUID`, which plain http on a network of one's own does not have. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The sentence of an answer that was refused.
 *
 * @param {Answer} answer
 * @param {string} otherwise
 */
export const sentenceOf = (answer, otherwise) => answer.body?.error?.sentence ?? otherwise;
