/** Follows links without loading the page again, and keeps the address true. */

import { closest, setProps } from '../dom.js';
import { part } from '../lifecycle.js';
import { changed, homeOf, merged, withCamera } from './address.js';
import { remember } from './cookies.js';

/** The address that the links on screen were made for. */
let rendered = new URLSearchParams();
/** Grows when an address asks the camera to move. */
let flight = 0;
/** @type {Set<(what: 'left' | 'shown', shown?: any) => void>} */
const listeners = new Set();

/** Listens to clicks on links and to the browser's own Back. */
export const navigation = part((signal) => {
  document.addEventListener('click', clicked, { signal });
  addEventListener('popstate', left, { signal });
});

/** How often an address has asked the camera to move. */
export const flights = () => flight;

/** Whether there is room for panels beside the map. */
export const isWide = () => innerWidth > 820;

/**
 * Hear when an address is left (`left`) and when an answer is on screen (`shown`).
 *
 * @param {(what: 'left' | 'shown', shown?: any) => void} listener
 * @param {AbortSignal} signal
 */
export function onPage(listener, signal) {
  listeners.add(listener);
  signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
}

/**
 * Say that an answer is on screen.
 *
 * @param {any} shown What the server says of it.
 */
export function announce(shown) {
  rendered = new URLSearchParams(shown.search);
  requestAnimationFrame(() => listeners.forEach((listener) => listener('shown', shown)));
}

/**
 * Go to an address. Dash's Location listens to popstate, which is also how the browser's own Back arrives.
 *
 * @param {string} search
 * @param {{replace?: boolean}} [options]
 */
export function go(search, { replace = false } = {}) {
  if (search === location.search) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', location.pathname + search);
  dispatchEvent(new PopStateEvent('popstate', { state: 'own' }));
}

/**
 * Go where a link leads.
 *
 * @param {string} search The link's own address.
 */
export function goTo(search) {
  const way = merged(location.search, rendered, search);
  if (way.flies) flight += 1;
  go(way.search);
}

/**
 * Change some parameters of the present address; null takes one away.
 *
 * @param {Record<string, string | null>} changes
 * @param {{replace?: boolean}} [options]
 */
export function change(changes, options) {
  go(changed(location.search, changes), options);
}

/**
 * Keep the camera in the address, without going anywhere.
 *
 * @param {CameraFacts} camera
 */
export function keepCamera(camera) {
  history.replaceState(null, '', location.pathname + withCamera(location.search, camera));
}

/** @param {HTMLAnchorElement} link */
export function follow(link) {
  const { search } = new URL(link.href);
  const wanted = new URLSearchParams(search);
  const lang = wanted.get('lang');
  if (lang && lang !== rendered.get('lang')) remember('lang', lang);
  if (link.classList.contains('theme')) remember('theme', wanted.get('theme') || 'auto');
  if (link.classList.contains('logo')) return goHome();
  if (link.dataset.again) askAgain();
  goTo(search);
  link.closest('details.menu')?.removeAttribute('open');
}

/** Ask for the same address once more; Dash's Location tells only of another one. */
export function askAgain() {
  dispatchEvent(new PopStateEvent('popstate'));
  setProps('url', { search: location.search });
}

function goHome() {
  flight += 1;
  go(homeOf(location.search));
}

/** @param {MouseEvent} event */
function clicked(event) {
  const link = closest(event, 'a[href]');
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return;
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.origin !== location.origin || link.pathname !== location.pathname) return;
  event.preventDefault();
  follow(link);
}

/** @param {PopStateEvent} event */
function left(event) {
  if (event.state !== 'own') flight += 1;
  listeners.forEach((listener) => listener('left'));
  document.documentElement.dataset.waiting = '';
}
