/** Dash's requests: asked again by themselves when the server is full or silent, and given up when they are not wanted any more. */

import { onStop, part } from '../lifecycle.js';
import { untilAnswered } from './asking.js';
import { clearTrouble, reportTrouble } from './notices.js';
import { nameOf } from './patience.js';
import { ALONE, isAlone } from './presence.js';

const SILENT_MS = 15000;
const REFUSED = new Set([401, 403]);
const CALLBACK = '_dash-update-component';
const LAYOUT = '_dash-layout';
/** What Dash asks once, at its start; it would not ask again. */
const START = [LAYOUT, '_dash-dependencies'];
const PICKED = 'goal.data';

/**
 * What is being asked for each output.
 *
 * @type {Map<string, AbortController>}
 */
const latest = new Map();
let plainFetch = globalThis.fetch;

/** Puts itself in front of `fetch`. Must run before Dash asks anything. */
export const dashRequests = part((signal) => {
  const given = globalThis.fetch;
  plainFetch = (request, options) => given(request, isAlone() ? marked(request, options) : options);
  // Only a page of ours can know it; without it a callback is refused.
  const meta = document.querySelector('meta[name="csrf"]');
  const token = meta instanceof HTMLMetaElement ? meta.content : '';

  globalThis.fetch = (request, options) => {
    const address = request instanceof Request ? request.url : String(request);
    const headers = { .../** @type {Record<string, string>} */ (options?.headers), 'X-Gridwell-CSRF': token };
    if (address.includes(CALLBACK)) return patientFetch(inLanguage(address, location.search), { ...options, headers });
    if (!START.some((name) => address.includes(name))) return plainFetch(request, options);
    const wanted = address.includes(LAYOUT) ? inLanguage(address, location.search) : address;
    return patientStart(wanted, { ...options }, signal);
  };
  onStop(signal, () => (globalThis.fetch = plainFetch = given));

  // Somebody who has gone elsewhere must not be taken to what they clicked on the map before.
  addEventListener('popstate', () => latest.get(PICKED)?.abort(), { signal });
});

/**
 * Options of a request that a page sends by itself: it does not keep a session in use.
 *
 * @param {RequestInfo | URL} request
 * @param {RequestInit} [options]
 */
function marked(request, options) {
  const headers = new Headers(options?.headers ?? (request instanceof Request ? request.headers : undefined));
  Object.entries(ALONE).forEach(([name, value]) => headers.set(name, value));
  return { ...options, headers };
}

/**
 * An address in the language of the page's own, also where the browser's language is another.
 *
 * @param {string} address
 * @param {string} search The query part of the page's address.
 */
export function inLanguage(address, search) {
  const lang = new URLSearchParams(search).get('lang');
  return lang ? address + (address.includes('?') ? '&' : '?') + 'lang=' + encodeURIComponent(lang) : address;
}

/**
 * Dash sees only the last answer. Whoever asks anew for the same output has changed their mind, and the older question is given up.
 *
 * @param {string} address
 * @param {RequestInit} options
 */
async function patientFetch(address, options) {
  const { output } = JSON.parse(String(options.body));
  latest.get(output)?.abort();
  const turn = new AbortController();
  latest.set(output, turn);
  const answer = await patientAnswer(address, { ...options, signal: turn.signal }, turn.signal, output);
  const failed = answer && (REFUSED.has(answer.status) || answer.status >= 500);
  if (latest.get(output) === turn) {
    latest.delete(output);
    if (!failed) clearTrouble(output);
  }
  if (!answer) return unchanged();
  if (failed) reportTrouble(output, await nameOf(answer));
  return REFUSED.has(answer.status) ? unchanged() : answer;
}

/**
 * What Dash asks at its start: without an answer there would be no page, on a wall display not on the next day either.
 *
 * @param {string} address
 * @param {RequestInit} options
 * @param {AbortSignal} signal
 */
async function patientStart(address, options, signal) {
  const answer = await patientAnswer(address, options, signal, address);
  clearTrouble(address);
  return answer ?? unchanged();
}

/** Tells Dash that the page stays as it is. */
function unchanged() {
  return new Response(null, { status: 204 });
}

/**
 * The answer, or null where it is not wanted any more.
 *
 * @param {string} address
 * @param {RequestInit} options
 * @param {AbortSignal} signal
 * @param {string} output
 */
function patientAnswer(address, options, signal, output) {
  const ask = () => {
    const silence = setTimeout(() => reportTrouble(output, 'silent'), SILENT_MS);
    return plainFetch(address, options).finally(() => clearTimeout(silence));
  };
  return untilAnswered(ask, { signal, refused: (notice) => reportTrouble(output, notice) });
}
