/**
 * JSON by address. An address that holds the data's version never changes its answer, which is kept while there is room; any other
 * answer counts for a minute, and is shown until a newer one is here.
 */

import { noteFailure } from '../failures.js';
import { clearTrouble, reportTrouble } from '../page/notices.js';
import { allowed, nameOf, pause, rest } from '../page/patience.js';
import { ALONE, isAlone } from '../page/presence.js';

const FRESH_MS = 60000;
const MOST = 120;
const MOST_CHARACTERS = 40e6;
/** So many one scene may need at once, whatever they weigh. */
const SHOWN = 20;
const FORGET_MS = 1000;
/** A large answer may take long; one that never comes would be waited for as long as the page lives. */
const PATIENCE_MS = 60000;

/**
 * @typedef {object} Entry
 * @property {any} value
 * @property {'still' | 'open' | 'resting'} state
 * @property {number} staleAt
 * @property {string | null} etag
 * @property {number} weight Characters of the answer.
 * @property {number} times How often in succession it has failed.
 * @property {Set<() => void>} waiting
 */

/**
 * The one not wanted for longest comes first.
 *
 * @type {Map<string, Entry>}
 */
const answers = new Map();
/**
 * The newest address that was answered, by the address without its version: a map whose figures change shows the old ones until the new
 * ones are here.
 *
 * @type {Map<string, string>}
 */
const newest = new Map();
let characters = 0;
let open = 0;

/** So many answers are on their way, or will be asked for again after a pause. */
export const pendingAnswers = () => open;

/** @returns {Entry} */
const entry = () => ({ value: null, state: 'still', staleAt: 0, etag: null, weight: 0, times: 0, waiting: new Set() });

/**
 * The answer; while it is on its way the one of the version before, or null; `arrived` is called once it is there.
 *
 * @param {string} address
 * @param {() => void} [arrived]
 */
export function fetchJson(address, arrived) {
  const kept = answers.get(address) || entry();
  answers.delete(address);
  answers.set(address, kept);
  if (kept.state === 'still' && Date.now() >= kept.staleAt) ask(address, kept);
  if (kept.state !== 'still' && arrived) kept.waiting.add(arrived);
  return kept.value ?? answers.get(newest.get(withoutVersion(address)) ?? '')?.value ?? null;
}

/** @param {string} address */
const withoutVersion = (address) => address.replace(/([?&])v=[^&]*&?/, '$1');

/**
 * @param {string} address
 * @param {Entry} kept
 */
async function ask(address, kept) {
  kept.state = 'open';
  open += 1;
  let answer = null;
  try {
    await allowed();
    const headers = { Accept: 'application/json', ...(isAlone() ? ALONE : {}) };
    answer = await fetch(address, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(answer.status + ' ' + address);
    await take(kept, answer);
  } catch (error) {
    noteFailure(error);
    kept.state = 'resting';
    return again(address, kept, answer);
  }
  newest.set(withoutVersion(address), address);
  clearTrouble(address);
  close(kept);
  trim();
}

/**
 * @param {Entry} kept
 * @param {Response} answer
 */
async function take(kept, answer) {
  const lasting = (answer.headers.get('Cache-Control') || '').includes('immutable');
  const etag = answer.headers.get('ETag');
  // An answer that has not changed is not drawn again.
  if (!etag || etag !== kept.etag) {
    const text = await answer.text();
    kept.value = JSON.parse(text);
    characters += text.length - kept.weight;
    kept.weight = text.length;
  }
  kept.etag = etag;
  kept.times = 0;
  kept.staleAt = lasting ? Infinity : Date.now() + FRESH_MS;
}

/**
 * After a pause whoever is shown then looks again; where nobody does, nothing is wrong any more.
 *
 * @param {string} address
 * @param {Entry} kept
 * @param {Response | null} answer
 */
async function again(address, kept, answer) {
  reportTrouble(address, await nameOf(answer));
  await rest(pause(kept.times, answer));
  kept.times += 1;
  close(kept);
  setTimeout(() => kept.state === 'still' && clearTrouble(address), FORGET_MS);
}

/** @param {Entry} kept */
function close(kept) {
  kept.state = 'still';
  open -= 1;
  const calls = [...kept.waiting];
  kept.waiting.clear();
  calls.forEach((call) => call());
}

function trim() {
  for (const [address, kept] of answers) {
    if (answers.size <= SHOWN || (answers.size <= MOST && characters <= MOST_CHARACTERS)) return;
    if (kept.state !== 'still') continue;
    answers.delete(address);
    if (newest.get(withoutVersion(address)) === address) newest.delete(withoutVersion(address));
    characters -= kept.weight;
  }
}
