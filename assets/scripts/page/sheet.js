/** On a phone the figures are a sheet with three stops: low, half, full. */

import { closest, element, required } from '../dom.js';
import { part } from '../lifecycle.js';
import { onPage } from './navigation.js';

const STOPS = ['low', 'half', 'full'];
const CLICK_PX = 4;

/** @type {{y: number, from: number, moved: boolean, at: number} | null} */
let drag = null;
/** @type {string | null} */
let lastPlace = null;

/** Listens to the grip. */
export const sheet = part((signal) => {
  document.addEventListener('pointerdown', pointerDown, { signal });
  document.addEventListener('pointermove', pointerMove, { signal });
  document.addEventListener('pointerup', pointerUp, { signal });
  document.addEventListener('keydown', pressed, { signal });
  onPage((what, shown) => what === 'shown' && beginAtTop(shown), signal);
});

/**
 * Bring the sheet to a stop.
 *
 * @param {string} stop
 */
export function moveSheet(stop) {
  panel().dataset.stop = stop;
  document.documentElement.dataset.sheet = stop;
  panel().style.transform = '';
  dispatchEvent(new CustomEvent('gridwell:sheet', { detail: stop }));
}

/** The stop at which the sheet stands. */
export const sheetStop = () => panel().dataset.stop ?? 'half';

const panel = () => required('.panel.area');

/**
 * How far down the sheet stands at a stop, in pixels.
 *
 * @param {string} stop
 */
function shift(stop) {
  if (stop === 'full') return 0;
  const probe = element('div');
  probe.style.cssText = `position:absolute;visibility:hidden;height:var(--sheet-${stop})`;
  document.body.append(probe);
  const height = probe.offsetHeight;
  probe.remove();
  return panel().offsetHeight - height;
}

/** @param {PointerEvent} event */
function pointerDown(event) {
  const grip = closest(event, '.grip');
  if (!grip) return;
  drag = { y: event.clientY, from: shift(sheetStop()), moved: false, at: 0 };
  grip.setPointerCapture(event.pointerId);
  panel().classList.add('dragging');
}

/** @param {PointerEvent} event */
function pointerMove(event) {
  if (!drag) return;
  drag.moved ||= Math.abs(event.clientY - drag.y) > CLICK_PX;
  drag.at = Math.max(0, Math.min(shift('low'), drag.from + event.clientY - drag.y));
  if (drag.moved) panel().style.transform = `translateY(${drag.at}px)`;
}

function pointerUp() {
  if (!drag) return;
  const { moved, at } = drag;
  drag = null;
  panel().classList.remove('dragging');
  const now = STOPS.indexOf(sheetStop());
  if (!moved) return moveSheet(STOPS[(now + 1) % STOPS.length]);
  moveSheet(nearestStop(at, STOPS.map((stop) => /** @type {[string, number]} */ ([stop, shift(stop)]))));
}

/**
 * The stop nearest to a place.
 *
 * @param {number} at
 * @param {[string, number][]} stops
 */
export function nearestStop(at, stops) {
  return stops.reduce((a, b) => (Math.abs(b[1] - at) < Math.abs(a[1] - at) ? b : a))[0];
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (!(event.target instanceof Element) || !event.target.matches('.grip')) return;
  const by = { ArrowUp: 1, ArrowDown: -1, Enter: 1, ' ': 1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const now = STOPS.indexOf(sheetStop());
  moveSheet(STOPS[event.key.startsWith('Arrow') ? Math.max(0, Math.min(2, now + by)) : (now + 1) % STOPS.length]);
}

/**
 * A new area begins at its first line.
 *
 * @param {{place: string}} shown
 */
function beginAtTop(shown) {
  document.documentElement.dataset.sheet ||= sheetStop();
  if (lastPlace !== shown.place) required('#panel').scrollTop = 0;
  lastPlace = shown.place;
}
