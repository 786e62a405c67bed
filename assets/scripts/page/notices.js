/** What is wrong, by what was asked for, and the sentence on screen that tells it. */

/** The first that applies is shown. */
const NOTICES = ['signed-out', 'earlier', 'beyond', 'undrawn', 'silent', 'often', 'busy'];
/** Stands for a notice of rights that somebody has closed. */
const READ = 'read';

/** @type {Map<string, string>} */
const troubles = new Map();

/**
 * Say that something is wrong with what was asked for.
 *
 * @param {string} key What was asked for: an address, or an output of Dash.
 * @param {string} name Of the notice.
 */
export function reportTrouble(key, name) {
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
