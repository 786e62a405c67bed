/** Questions to the register of people: a button or form carries its question, the drawer gets the answer. */

import { closest, required, setProps } from '../dom.js';
import { onStop, part } from '../lifecycle.js';
import { isWide, onPage } from './navigation.js';
import { moveSheet, sheetStop } from './sheet.js';

const ASKED = 'asked-people';
const PLACE = ['area', 'building', 'incident', 'facility'];

/**
 * Where the last question was asked.
 *
 * @type {string}
 */
let here;
/** @type {Element | null} */
let opener = null;
/**
 * Where the sheet on a phone stood before the drawer took all of it.
 *
 * @type {string | null}
 */
let stopBefore = null;
/** @type {Element | null} */
let watched = null;
/** @type {MutationObserver | null} */
let observer = null;

/** Listens to questions, and watches the drawer. */
export const register = part((signal) => {
  here = place();
  document.addEventListener('click', clicked, { signal });
  document.addEventListener('submit', submitted, { signal });
  addEventListener('popstate', left, { signal });
  // Before the page's own keys: there Escape leads to the area above.
  document.addEventListener('keydown', pressed, { signal, capture: true });
  onPage((what) => what === 'shown' && watchDrawer(), signal);
  onStop(signal, () => {
    observer?.disconnect();
    watched = null;
  });
});

/** @returns {HTMLElement | null} */
const drawer = () => document.querySelector('.drawer');
const isOpen = () => Boolean(drawer()?.childElementCount);
const place = () => PLACE.map((name) => new URLSearchParams(location.search).get(name)).join('|');

/**
 * Ask. Each question is news, also the same one again: hence the moment.
 *
 * @param {Record<string, unknown>} question
 */
function ask(question) {
  setProps(ASKED, { data: { ...question, at: Date.now() } });
}

/** @param {MouseEvent} event */
function clicked(event) {
  const question = closest(event, 'button[data-people]')?.dataset.people;
  if (question) ask(JSON.parse(question));
}

/** @param {SubmitEvent} event */
function submitted(event) {
  const form = closest(event, 'form[data-people]');
  if (!(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  ask({ ...JSON.parse(form.dataset.people ?? ''), ...Object.fromEntries(new FormData(form)) });
}

/** What was read belongs to where it was asked: a step elsewhere closes the drawer, a move of the map does not. */
function left() {
  const isGone = here !== place();
  here = place();
  if (isGone && isOpen()) ask({ do: 'close' });
}

// ---- While the drawer is open the keyboard stays in it; afterwards it is where it was ----

/** Watch the drawer that is on the page; one that Dash has replaced is watched no longer. */
function watchDrawer() {
  const now = drawer();
  if (!now || now === watched) return;
  observer?.disconnect();
  observer = new MutationObserver(drawerChanged);
  observer.observe(now, { childList: true });
  watched = now;
}

function drawerChanged() {
  const panel = required('#panel');
  if (!isOpen()) return giveBack(panel);
  if (!panel.inert) opener = document.activeElement;
  panel.inert = true;
  required('.drawer h2').focus();
  if (isWide()) return;
  stopBefore ??= sheetStop();
  moveSheet('full');
}

/** @param {HTMLElement} panel */
function giveBack(panel) {
  panel.inert = false;
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  if (stopBefore) moveSheet(stopBefore);
  opener = stopBefore = null;
}

/**
 * Keep the Tab key inside the drawer.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLElement} drawer
 */
function goRound(event, drawer) {
  const all = /** @type {HTMLElement[]} */ ([...drawer.querySelectorAll('button, input, summary')]);
  const list = all.filter((one) => one.checkVisibility());
  const now = document.activeElement;
  const isLeaving = event.shiftKey ? now === list[0] || now === drawer.querySelector('h2') : now === list.at(-1);
  if (!isLeaving && drawer.contains(now)) return;
  event.preventDefault();
  list.at(event.shiftKey ? -1 : 0)?.focus();
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const open = drawer();
  if (!open || !isOpen() || document.querySelector('details.menu[open]')) return;
  if (event.key === 'Tab' && event.target instanceof Node && open.contains(event.target)) goRound(event, open);
  if (event.key !== 'Escape' || event.isComposing) return;
  event.stopPropagation();
  event.preventDefault();
  ask({ do: 'close' });
}
