/**
 * How a figure was counted, beside its small number: on hover, on focus, and on the first touch. What it says stands at the end of the
 * report, too. The links in it are reached by the Tab key, Escape closes it.
 */

import { box } from '../desk/cells.js';
import { say } from '../desk/facts.js';
import { element } from '../dom.js';
import { onStop } from '../lifecycle.js';

const OPENS_MS = 120, CLOSES_MS = 250, GAP = 8, ID = 'report-why';

/** @type {HTMLElement | null} */
let shown = null;
/** The number that it belongs to. @type {HTMLElement | null} */
let owner = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {Event} event @returns {HTMLElement | null} */
const numberOf = ({ target }) => (target instanceof Element ? target.closest('[data-figure]') : null);
/** @param {EventTarget | null} target */
const isInside = (target) => target instanceof Node && (shown?.contains(target) || owner?.contains(target) || false);

/** @param {AbortSignal} signal */
export function beginWhy(signal) {
  const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ act) => document.addEventListener(name, act, { signal });
  let touched = false;
  on('pointerdown', ({ pointerType, target }) => {
    touched = pointerType === 'touch';
    if (!isInside(target)) close();
  });
  on('pointerover', (event) => {
    const number = numberOf(event);
    if (event.pointerType === 'touch') return;
    if (isInside(event.target)) return clearTimeout(timer);
    if (number) later(() => open(number), OPENS_MS);
    else if (shown && !owner?.matches(':focus')) later(close, CLOSES_MS);
  });
  on('focusin', (event) => {
    const number = numberOf(event);
    if (number && event.target instanceof Element && event.target.matches(':focus-visible')) open(number);
    else if (!isInside(event.target)) close();
  });
  on('keydown', (event) => {
    if (event.key !== 'Escape' || !shown) return;
    if (shown.contains(document.activeElement)) owner?.focus();
    close();
  });
  on('click', (event) => {
    const number = numberOf(event);
    if (!number || !touched || owner === number && shown) return;
    event.preventDefault();
    open(number);
  });
  onStop(signal, close);
}

/** @param {() => void} act @param {number} ms */
function later(act, ms) {
  clearTimeout(timer);
  timer = setTimeout(act, ms);
}

function close() {
  clearTimeout(timer);
  owner?.removeAttribute('aria-describedby');
  shown?.remove();
  shown = owner = null;
}

/** @param {HTMLElement} number */
function open(number) {
  clearTimeout(timer);
  if (owner === number && shown) return;
  close();
  const told = document.getElementById(`figure-${number.dataset.figure}`)?.querySelector('div');
  if (!told || !number.isConnected) return;
  const all = element('a', '', say('where_counted'));
  all.href = `#figure-${number.dataset.figure}`;
  all.addEventListener('click', () => setTimeout(close));
  // Right behind the number, so that the Tab key goes from one to the other.
  shown = box('span', 'report-why', ...[...told.cloneNode(true).childNodes], box('p', '', all));
  shown.id = ID;
  shown.setAttribute('role', 'group');
  shown.setAttribute('aria-label', number.getAttribute('aria-label') ?? '');
  number.after(shown);
  number.setAttribute('aria-describedby', ID);
  owner = number;
  put(shown, number.getBoundingClientRect());
}

/** Below the number, or above it where there is no room; never beyond the window. @param {HTMLElement} made @param {DOMRect} at */
function put(made, at) {
  const scale = Number(getComputedStyle(document.querySelector('main') ?? document.body).zoom) || 1;
  const around = (made.offsetParent ?? document.body).getBoundingClientRect();
  const own = made.getBoundingClientRect();
  const left = Math.min(Math.max(GAP, at.left - GAP), innerWidth - own.width - GAP);
  const below = at.bottom + own.height + GAP < innerHeight;
  const top = below ? at.bottom + GAP / 2 : at.top - own.height - GAP / 2;
  made.style.left = `${(left - around.left) / scale}px`;
  made.style.top = `${(top - around.top) / scale}px`;
}
