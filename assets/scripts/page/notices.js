/** What is wrong, by what was asked for, and the sentence on screen that tells it. */

/** The first that applies is shown. */
const NOTICES = ['signed-out', 'earlier', 'beyond', 'undrawn', 'silent', 'often', 'busy', 'quiet'];
/** Stands for a notice of rights that somebody has closed. */
const READ = 'read';

/** @type {Map<string, string>} */
const troubles = new Map();
/** Since when nothing is heard of the server: milliseconds of the device's clock. */
let quietSince = 0;

/**
 * Say that something is wrong with what was asked for.
 *
 * @param {string} key What was asked for: an address, or an output of Dash.
 * @param {string} name Of the notice.
 * @param {number} [since] The moment that the notice names.
 */
export function reportTrouble(key, name, since) {
  if (since !== undefined) quietSince = since;
  if (name === 'beyond' && troubles.get(key) === READ) return;
  troubles.set(key, name);
  paintNotices();
}

/**
 * Say that what was asked for is there, or not wanted any more.
 *
 * @param {string} key
 */
export function clearTrouble(key) {
  if (troubles.delete(key)) paintNotices();
}

/** Waiting gives nobody more rights: whoever has read of them closes the notice. */
export function dismissNotice() {
  troubles.forEach((name, key) => name === 'beyond' && troubles.set(key, READ));
  paintNotices();
}

/** Show the notice that applies, also after Dash has made the notices anew in another language. */
export function paintNotices() {
  const shown = firstNotice(troubles.values());
  document.querySelectorAll('[data-notice]').forEach((one) => {
    if (one instanceof HTMLElement) one.hidden = one.dataset.notice !== shown;
  });
  if (shown !== 'quiet') return;
  const told = new Date(quietSince).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  document.querySelectorAll('[data-since]').forEach((one) => (one.textContent = told));
}

/**
 * The most important of several notices.
 *
 * @param {Iterable<string>} names
 */
export function firstNotice(names) {
  const now = new Set(names);
  return NOTICES.find((name) => now.has(name));
}
