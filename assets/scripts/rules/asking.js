/** What the page asks of the machine door. A change is asked for once: whoever asks decides whether to ask again. */

import { facts, say } from '../desk/facts.js';
import { get } from '../desk/server.js';

/** @typedef {import('../desk/server.js').Answer} Answer */

/**
 * What holds in a city.
 *
 * @param {string} kind
 * @param {string} city
 */
export const read = (kind, city) => get(`/api/rules/${kind}`, new URLSearchParams({ city }));

/**
 * Ask for a change, or what it would do.
 *
 * @param {string} path
 * @param {unknown} body
 * @param {Record<string, string>} [query]
 */
export function change(path, body, query = {}) {
  return send(path, JSON.stringify(body), 'application/json', query);
}

/**
 * Send a calendar.
 *
 * @param {File} file
 * @param {Record<string, string>} query
 */
export const sendCalendar = (file, query) => send('calendar', file, 'text/csv', query);

/**
 * @param {string} path
 * @param {BodyInit} body
 * @param {string} kind
 * @param {Record<string, string>} query
 * @returns {Promise<Answer>}
 */
async function send(path, body, kind, query) {
  const asked = new URLSearchParams({ ...query, lang: facts().lang });
  const headers = { 'Content-Type': kind, 'X-Gridwell-CSRF': facts().csrf };
  const answer = await fetch(`/api/rules/${path}?${asked}`, { method: 'POST', headers, body }).catch(() => null);
  if (!answer) return { ok: false, status: 0, body: null };
  if (answer.status === 401) location.reload();
  return { ok: answer.ok, status: answer.status, body: await answer.json().catch(() => null) };
}

/** Everything that is wrong, as sentences; what belongs to a field is told there. @param {Answer} answer */
export function sentences(answer) {
  const error = answer.body?.error;
  return [error?.sentence ?? say('failed'), ...(error?.lines ?? [])];
}
