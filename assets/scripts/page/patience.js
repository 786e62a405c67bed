/**
 * How long to wait before a server that refused or did not answer is asked again.
 *
 * A server that answers 429 says how long this reader has to wait; until then nothing is asked at all.
 */

import { part } from '../lifecycle.js';

const FIRST_MS = 2000;
const LONGEST_MS = 30000;
/** Not all who were refused together come back together: pauses differ by up to this share. */
const SPREAD = 0.25;

/** @type {Set<() => void>} */
const sleepers = new Set();
/** Nothing is asked before this moment: milliseconds since the page began, because a device's clock may be set back. */
let closedUntil = 0;

/** Wakes everybody when the network comes back. */
export const patience = part((signal) => addEventListener('online', () => void wake(), { signal }));

/**
 * Milliseconds that the server wants us to wait, or 0.
 *
 * @param {Response | null | undefined} answer
 */
export const wished = (answer) => Math.max(0, Number(answer?.headers.get('Retry-After')) * 1000 || 0);

/**
 * Milliseconds until the next try: longer after each failure, and never before the moment that the server names.
 *
 * @param {number} times How often it has failed before.
 * @param {Response | null} [answer] The answer that failed, if there was one.
 * @param {number} [chance] 0–1.
 */
export function pause(times, answer, chance = Math.random()) {
  const least = wished(answer);
  const growing = Math.min(LONGEST_MS, (least || FIRST_MS) * 2 ** times);
  return Math.max(least, growing) * (1 + chance * SPREAD);
}

/**
 * Wait.
 *
 * @param {number} ms
 * @param {AbortSignal} [signal] Ends the wait early.
 * @returns {Promise<void>}
 */
export function rest(ms, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      sleepers.delete(end);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    sleepers.add(end);
    signal?.addEventListener('abort', end);
  });
}

/** Ask at once whatever is waiting; says whether anything was. */
export function wake() {
  const waited = sleepers.size > 0;
  [...sleepers].forEach((end) => end());
  return waited;
}

/**
 * Take note of an answer: after 429 nothing is asked until the moment it names.
 *
 * @param {Response | null | undefined} answer
 */
function noteRefusal(answer) {
  if (answer?.status === 429) closedUntil = Math.max(closedUntil, performance.now() + (wished(answer) || FIRST_MS));
}

/**
 * Wait until anything may be asked. Whoever wakes the sleepers does not shorten this.
 *
 * @param {AbortSignal} [signal] Ends the wait early.
 */
export async function allowed(signal) {
  while (!signal?.aborted && performance.now() < closedUntil) {
    await rest((closedUntil - performance.now()) * (1 + Math.random() * SPREAD), signal);
  }
}

/**
 * Which notice an answer that failed asks for; no answer at all is silence.
 *
 * @param {Response | null | undefined} answer
 */
export async function nameOf(answer) {
  noteRefusal(answer);
  if (answer?.status === 401) return 'signed-out';
  if (answer?.status === 429) return 'often';
  if (answer?.status !== 403 && answer?.status !== 503) return 'silent';
  const said = answer.bodyUsed ? null : await answer.clone().json().catch(() => null);
  if (answer.status === 403) return said?.error?.code === 'not_our_form' ? 'earlier' : 'beyond';
  return ['not_ready', 'not_migrated'].includes(said?.error?.code) ? 'silent' : 'busy';
}
