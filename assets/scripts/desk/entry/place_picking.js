/**
 * How a map and the form of a new case speak with each other, without knowing of each other: by events on the document.
 *
 * - `desk-place-wanted`, detail `{on: boolean, place: Picked | null}`: the form is open (or not any more), and this place is chosen. A map
 *   that hears it with `on` answers a click by a place, and shows the one that is chosen.
 * - `desk-place-picked`, detail `Picked`: somebody clicked there. Coordinates are degrees in WGS 84; `address` is what stands there, if known.
 *
 * @typedef {{lon: number, lat: number, address?: string}} Picked
 */

const WANTED = 'desk-place-wanted';
const PICKED = 'desk-place-picked';

/** Whether a place is wanted now, and which one is chosen. @type {{on: boolean, place: Picked | null}} */
let wanted = { on: false, place: null };

export const placeWanted = () => wanted;

/** The form says whether it wants a place. @param {boolean} on @param {Picked | null} place */
export function wantPlace(on, place) {
  wanted = { on, place };
  document.dispatchEvent(new CustomEvent(WANTED, { detail: wanted }));
}

/** A map says where somebody clicked; says whether the form took it. @param {Picked} place */
export function pickPlace(place) {
  if (!wanted.on) return false;
  document.dispatchEvent(new CustomEvent(PICKED, { detail: place }));
  return true;
}

/** For a map. @param {(wanted: {on: boolean, place: Picked | null}) => void} listener @param {AbortSignal} [signal] */
export function onPlaceWanted(listener, signal) {
  document.addEventListener(WANTED, (event) => listener(/** @type {CustomEvent} */ (event).detail), { signal });
}

/** For the form. @param {(place: Picked) => void} listener @param {AbortSignal} [signal] */
export function onPlacePicked(listener, signal) {
  document.addEventListener(PICKED, (event) => listener(/** @type {CustomEvent} */ (event).detail), { signal });
}
