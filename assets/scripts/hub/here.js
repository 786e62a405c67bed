/** Where the data hub is: its state, read from the address and written back to it. */

import { readHub, writeHub } from './state.js';

/** @type {HubState | null} */
let present = null;
/** @type {Set<() => void>} */
const listeners = new Set();

/** The state now. */
export const state = () => present ??= readHub(location.search);

/** @param {() => void} listener */
export const onMove = (listener) => void listeners.add(listener);

/** The address of the present state with changes. @param {Partial<HubState>} changes */
export const addressWith = (changes) => location.pathname + writeHub({ ...state(), ...changes }, location.search);

/**
 * Go to another state.
 *
 * @param {Partial<HubState>} changes
 * @param {{replace?: boolean}} [how]
 */
export function go(changes, { replace = false } = {}) {
  const address = addressWith(changes);
  present = { ...state(), ...changes };
  if (address !== location.pathname + location.search) history[replace ? 'replaceState' : 'pushState'](null, '', address);
  listeners.forEach((listener) => listener());
}

/** Follow the browser's own Back and Forward. @param {AbortSignal} signal */
export function followHistory(signal) {
  addEventListener('popstate', () => {
    present = readHub(location.search);
    listeners.forEach((listener) => listener());
  }, { signal });
}
