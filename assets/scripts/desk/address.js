/** Where the desk is: its state, read from the address and written back to it. */

import { readState, writeState } from './state.js';

/** @type {DeskState} */
let present = readState(globalThis.location?.search ?? '');
/** @type {Set<(now: DeskState, before: DeskState) => void>} */
const listeners = new Set();

/** The state now. */
export const state = () => present;

/** The address of a state. @param {DeskState} wanted */
export const addressOf = (wanted) => location.pathname + writeState(wanted, location.search);

/**
 * Hear of every other state.
 *
 * @param {(now: DeskState, before: DeskState) => void} listener
 */
export const onState = (listener) => void listeners.add(listener);

/**
 * Go to another state.
 *
 * @param {Partial<DeskState>} changes
 * @param {{replace?: boolean}} [how] Without a step back in the browser's history.
 */
export function go(changes, { replace = false } = {}) {
  // Another case is one of the list's city, unless its own is named.
  const city = 'case' in changes ? { city: null } : {};
  const wanted = { ...present, ...city, ...changes };
  const address = addressOf(wanted);
  if (address === location.pathname + location.search) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', address);
  arrive(wanted);
}

/** @param {DeskState} wanted */
function arrive(wanted) {
  const before = present;
  present = wanted;
  listeners.forEach((listener) => listener(wanted, before));
}

/**
 * Follow the browser's own Back and Forward.
 *
 * @param {AbortSignal} signal
 */
export function followHistory(signal) {
  addEventListener('popstate', () => arrive(readState(location.search)), { signal });
}
