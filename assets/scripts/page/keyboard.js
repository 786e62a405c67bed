/** Keyboard, menus, and the few buttons that are not links. */

import { zoomFlat } from '../map/flat_map.js';
import { map } from '../map/grid_map.js';
import { closest, required } from '../dom.js';
import { part } from '../lifecycle.js';
import { opacities } from './address.js';
import { change, follow } from './navigation.js';
import { dismissNotice } from './notices.js';
import { wake } from './patience.js';
import { saved } from './save.js';

/** Listens to keys, clicks on buttons, date fields and opacity sliders. */
export const keyboard = part((signal) => {
  document.addEventListener('keydown', pressed, { signal });
  document.addEventListener('click', clicked, { signal });
  document.addEventListener('submit', daysChosen, { signal });
  document.addEventListener('input', opacityDragged, { signal });
  document.addEventListener('change', opacityChosen, { signal });
});

/** @type {Record<string, () => unknown>} */
const acts = {
  in: () => zoomFlat(1) || map.zoom(1),
  out: () => zoomFlat(-1) || map.zoom(-1),
  north: () => map.north(),
  draw: () => map.retry(),
  layers: () => document.body.classList.toggle('layers-open'),
  shade: () => document.body.classList.remove('layers-open'),
  dim: () => press('.tools .dims a:not([aria-current])'),
  again: () => wake() || location.reload(),
  reload: () => location.reload(),
  dismiss: dismissNotice,
};

/**
 * The visible elements that a selector fits.
 *
 * @param {string} selector
 * @param {ParentNode} [root]
 */
function visible(selector, root = document) {
  const found = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
  return found.filter((one) => one.getClientRects().length);
}

/** @param {string} selector */
function press(selector) {
  const found = document.querySelector(selector);
  if (found instanceof HTMLElement) found.click();
}

/** @returns {HTMLInputElement | null} */
const field = () => document.querySelector('#search');

/** @param {EventTarget | null} target */
const isTyping = (target) => target instanceof Element && target.matches('input, textarea, select, [contenteditable]');

/** @param {Element | null} [except] */
function closeMenus(except = null) {
  const open = [...document.querySelectorAll('details.menu[open]')].filter((menu) => menu !== except && !menu.contains(except));
  open.forEach((menu) => menu.removeAttribute('open'));
  return open;
}

/**
 * Follow the link that stands for a key; says whether there is one.
 *
 * @param {string} name
 */
function followKey(name) {
  const link = document.querySelector(`a[data-key="${name}"]`);
  if (link instanceof HTMLAnchorElement) follow(link);
  return Boolean(link);
}

/** Escape closes what is open, or leads to the area above. */
function escape() {
  const open = closeMenus();
  if (open.length) return required('summary', open[0]).focus();
  if (document.body.classList.contains('layers-open')) return document.body.classList.remove('layers-open');
  const active = document.activeElement;
  if (active instanceof HTMLElement && active.closest('.search')) {
    clear(field());
    return active.blur();
  }
  followKey('up');
}

/**
 * Empty a field. React keeps its own copy of a field's value; the native setter tells it.
 *
 * @param {HTMLInputElement | null} input
 */
function clear(input) {
  if (!input?.value) return;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, '');
  input.dispatchEvent(new Event('input', { bubbles: true }));
}

/**
 * The place in a list after a step; at its ends it goes round. Place -1 is before the first.
 *
 * @param {number} now
 * @param {boolean} back
 * @param {number} length
 */
export const stepped = (now, back, length) => (now + (back ? -1 : 1) + length) % length;

/**
 * Move the focus through a list.
 *
 * @param {(HTMLElement | null)[]} list
 * @param {boolean} back
 */
function step(list, back) {
  const now = list.indexOf(/** @type {HTMLElement | null} */ (document.activeElement));
  list[stepped(now, back, list.length)]?.focus();
  return true;
}

/**
 * What an arrow key does here; says whether it did anything.
 *
 * @param {KeyboardEvent} event
 */
function arrow(event) {
  const back = event.key === 'ArrowUp' || event.key === 'ArrowLeft';
  const upDown = event.key === 'ArrowUp' || event.key === 'ArrowDown';
  const inside = closest(event, 'details.menu[open], .search, .ranking, .count-bars, .day-bars');
  if (inside?.matches('details.menu') && upDown) return step(visible('.menu-list a, .menu-list button', inside), back);
  if (inside?.matches('.search') && upDown) return step([field(), ...visible('.results a')], back);
  if (inside?.matches('.ranking, .count-bars') && upDown) return step(visible('a, summary', inside), back);
  if (inside?.matches('.day-bars') && !upDown) return step(visible('a', inside), back);
  if (event.target !== document.body) return false;
  if (!upDown) return followKey(back ? 'previous' : 'next');
  if (event.key !== 'ArrowDown') return false;
  visible('.ranking a')[0]?.focus();
  return true;
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (dealtWith(event)) event.preventDefault();
}

/**
 * Do what a key stands for; says whether it was ours.
 *
 * @param {KeyboardEvent} event
 */
function dealtWith(event) {
  const toggle = closest(event, 'a[role="switch"]');
  if (event.key === 'Escape') return escape(), true;
  if (event.key === ' ' && toggle instanceof HTMLAnchorElement) return follow(toggle), true;
  if (event.key === 'Enter' && event.target === field()) return visible('.results a')[0]?.click(), true;
  if (event.key.startsWith('Arrow') && (!isTyping(event.target) || event.target === field())) return arrow(event);
  if (isTyping(event.target)) return false;
  if (event.key === '/') return field()?.focus(), true;
  return event.key === 'Backspace' && followKey('up');
}

/** @param {MouseEvent} event */
function clicked(event) {
  if (event.target instanceof Element) closeMenus(closest(event, 'details.menu') || event.target);
  if (closest(event, '.results a')) {
    clear(field());
    field()?.blur();
  }
  saved(event);
  const act = closest(event, '[data-act]')?.dataset.act;
  if (act && Object.hasOwn(acts, act)) acts[act]();
}

/**
 * Free days: two date fields instead of a ready-made period.
 *
 * @param {SubmitEvent} event
 */
function daysChosen(event) {
  const form = closest(event, '.own-days');
  if (!form) return;
  event.preventDefault();
  const [from, to] = ['from', 'to'].map((name) => /** @type {HTMLInputElement} */ (required(`input[name="${name}"]`, form)).value);
  const wrong = !from || !to || from > to;
  required('.form-error', form).hidden = !wrong;
  if (wrong) return;
  closeMenus();
  change({ from, to, wfrom: null, wto: null });
}

/**
 * Opacity is shown while it is dragged, and asked for on release.
 *
 * @param {Event} event
 */
function opacityDragged(event) {
  const label = closest(event, '.opacity');
  if (label) required('output', label).textContent = `${/** @type {HTMLInputElement} */ (event.target).value}%`;
}

/** @param {Event} event */
function opacityChosen(event) {
  const layer = closest(event, '.opacity')?.dataset.layer;
  if (layer) change({ opacity: opacities(location.search, layer, /** @type {HTMLInputElement} */ (event.target).value) });
}
