/** The page follows what happens: it hears of changes and asks for its figures anew, in place; and it says when it hears nothing any more. */

import { setProps } from '../dom.js';
import { onStop, part } from '../lifecycle.js';
import { connect } from '../live/listening.js';
import { onPage } from './navigation.js';
import { clearTrouble, reportTrouble } from './notices.js';
import { Refreshing } from './refreshing.js';

const KEY = 'live';
/** An interruption as short as a restart of the server is not worth a notice. */
const QUIET_MS = 15000;
/** Without events the page asks by itself, as often as this. */
const POLL_MS = 60000;

const refreshing = new Refreshing(() => setProps('url', { search: location.search }), isFree);
/** @type {ReturnType<typeof setTimeout> | undefined} */
let quiet;
/** @type {ReturnType<typeof setInterval> | undefined} */
let polling;

/** Begins before the page asks for its figures, so that no change falls in between. */
export const live = part((signal) => {
  onPage((what, shown) => what === 'shown' && refreshing.take(shown.version ?? 0), signal);
  // What had to wait goes on when the reader is back, or has left the field.
  document.addEventListener('visibilitychange', () => refreshing.plan(), { signal });
  document.addEventListener('focusout', () => refreshing.plan(), { signal });
  const leave = connect(hear, signal);
  onStop(signal, () => {
    leave();
    refreshing.stop();
    settle();
  });
});

/** A page that nobody sees is not drawn anew, and neither is a form in which somebody writes, or a page that is going elsewhere. */
function isFree() {
  const { activeElement, visibilityState, documentElement } = document;
  const writing = activeElement instanceof HTMLElement && activeElement.matches('#panel :is(input, textarea, select)');
  return visibilityState === 'visible' && !writing && !('waiting' in documentElement.dataset);
}

/** @param {import('../live/stream.js').News} news */
function hear({ kind, body, since }) {
  if (kind === 'live') settle();
  else if (kind === 'lost') lose(since ?? Date.now());
  else if (kind === 'reset') refreshing.doubt();
  else if (body?.versions) refreshing.hear(body.versions);
}

function settle() {
  clearTimeout(quiet);
  clearInterval(polling);
  clearTrouble(KEY);
}

/** @param {number} since */
function lose(since) {
  settle();
  quiet = setTimeout(() => reportTrouble(KEY, 'quiet', since), QUIET_MS);
  polling = setInterval(() => refreshing.doubt(), POLL_MS);
}
