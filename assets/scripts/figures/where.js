/** Where the page of figures is: its state, read from the address and written back to it; and what it knows of the city. */

import { area } from '../desk/city.js';
import { facts } from '../desk/facts.js';
import { deskAddress } from './behind.js';
import { askFigures, periodOf, readFigures, writeFigures } from './state.js';

/** @returns {IndicatorKnown[]} */
export const indicators = () => facts().indicators ?? [];

/** @param {string} code */
export const indicatorOf = (code) => /** @type {IndicatorKnown} */ (indicators().find((one) => one.code === code));

const read = () => readFigures(location.search, indicators().filter(({ over_time }) => over_time).map(({ code }) => code));

/** @type {FiguresState | null} */
let present = null;
/** @type {Set<() => void>} */
const listeners = new Set();
/** The day that the city's figures are of. */
let today = '';

/** The state now. */
export const state = () => present ??= read();

/** @param {string} day */
export const setToday = (day) => (today = day);

export const day = () => today;

/** First and last day of the period that is shown. */
export const period = () => periodOf(state(), today);

/** @param {() => void} listener */
export const onMove = (listener) => void listeners.add(listener);

/** The address of the present state with changes. @param {Partial<FiguresState>} changes */
export const addressWith = (changes) => location.pathname + writeFigures({ ...state(), ...changes }, location.search);

/**
 * Go to another state.
 *
 * @param {Partial<FiguresState>} changes
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
    present = read();
    listeners.forEach((listener) => listener());
  }, { signal });
}

/** What indicators are asked with. @param {Record<string, string | string[]>} [more] */
export function query(more = {}) {
  /** @param {string} department */
  const unitsOf = (department) => area().allUnits.filter((one) => one.department === department).map(({ code }) => code);
  const made = askFigures(state(), { today, start: facts().start, unitsOf });
  for (const [name, value] of Object.entries(more)) [value].flat().forEach((one) => made.append(name, one));
  return made;
}

/** The desk's address for a list of the machine door, in the page's language. @param {string} list */
export function deskLink(list) {
  const lang = new URLSearchParams(location.search).get('lang');
  return deskAddress(list) + (lang ? `&lang=${encodeURIComponent(lang)}` : '');
}
