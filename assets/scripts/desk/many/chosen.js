/** The cases that are chosen for a step together: by their boxes, by the key x, as a range, or all of the list up to a limit. */

/** More cases than this are not chosen at once. */
export const MOST_CHOSEN = 2000;

/** The rows as they were when they were chosen, in the order in which they were. @type {Map<string, DeskCase>} */
const held = new Map();
/** Where a range begins: the last case whose box was set alone. @type {string | null} */
let anchor = null;
/** @type {Set<() => void>} */
const listeners = new Set();

/** @param {() => void} listener */
export const onChosen = (listener) => void listeners.add(listener);

const tell = () => listeners.forEach((listener) => listener());

/** @param {string} number */
export const isChosen = (number) => held.has(number);

export const countChosen = () => held.size;

export const chosenRows = () => [...held.values()];

/** Choose a case, or not any more. @param {DeskCase} row */
export function toggle(row) {
  if (!held.delete(row.number) && held.size < MOST_CHOSEN) held.set(row.number, row);
  anchor = row.number;
  tell();
}

/**
 * Choose everything between the last box that was set alone and this case, both included.
 *
 * @param {DeskCase} row
 * @param {{rows: DeskCase[], places: Map<string, number>}} pages
 */
export function chooseTo(row, pages) {
  const from = anchor === null ? undefined : pages.places.get(anchor);
  const to = pages.places.get(row.number);
  if (from === undefined || to === undefined) return toggle(row);
  choose(pages.rows.slice(Math.min(from, to), Math.max(from, to) + 1));
}

/** @param {DeskCase[]} rows */
export function choose(rows) {
  for (const row of rows) if (held.size < MOST_CHOSEN) held.set(row.number, row);
  tell();
}

/** @param {Iterable<string>} [numbers] Otherwise all. */
export function release(numbers) {
  if (numbers) { for (const number of numbers) held.delete(number); }
  else held.clear();
  if (!held.size) anchor = null;
  tell();
}
