/** The strip over the foot of the list: what was done to many cases, and for how long it can be taken back. */

import { element, required } from '../../dom.js';
import { onStop, part } from '../../lifecycle.js';
import { box } from '../cells.js';
import { say } from '../facts.js';

const UNDO_MS = 60000;
/** What cannot be taken back is said for so long. */
const SAID_MS = 8000;

/** @type {{until: number, act: (() => void) | null} | null} */
let waiting = null;

const strip = () => /** @type {HTMLElement | null} */ (document.querySelector('.undo-strip'));

/** Whether there is something to take back. */
export const canUndo = () => waiting !== null && waiting.act !== null && Date.now() < waiting.until;

/** Take the last step on many cases back. */
export function undo() {
  const { act } = waiting ?? {};
  hideStrip();
  act?.();
}

/**
 * Say what was done. The latest strip takes the place of the one before.
 *
 * @param {string} text
 * @param {number} since When it was done.
 * @param {(() => void) | null} act Takes it back, if that can be done.
 */
export function showStrip(text, since, act) {
  hideStrip();
  waiting = { until: act ? since + UNDO_MS : Date.now() + SAID_MS, act };
  const button = box('button', 'undo', element('span', '', say('undo')), box('kbd', '', 'z'));
  button.type = 'button';
  button.addEventListener('click', undo);
  const line = element('i', 'undo-line');
  const made = box('div', 'undo-strip', element('b', '', text), element('span', 'undo-left', ''), ...(act ? [button, line] : []));
  made.setAttribute('role', 'status');
  required('#foot').before(made);
  tick();
}

export function hideStrip() {
  waiting = null;
  strip()?.remove();
}

function tick() {
  const shown = strip();
  if (!waiting || !shown) return;
  const left = waiting.until - Date.now();
  if (left <= 0) return hideStrip();
  if (!waiting.act) return;
  required('.undo-left', shown).textContent = say('undo_left', { time: `0:${String(Math.floor(left / 1000)).padStart(2, '0')}` });
  required('.undo-line', shown).style.width = `${(100 * left) / UNDO_MS}%`;
}

export const undoStrip = part((signal) => {
  const timer = setInterval(tick, 500);
  onStop(signal, () => clearInterval(timer));
});
