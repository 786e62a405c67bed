/** Days on the time slider, counted from its first. `end` is the day after the last one. */

export const DAY_MS = 86400000;

/**
 * @typedef {object} Span
 * @property {number} start
 * @property {number} end
 */

/**
 * A day as an address writes it.
 *
 * @param {number} first Midnight (UTC) of the first day, in milliseconds since 1970.
 * @param {number} day
 */
export const isoDay = (first, day) => new Date(first + day * DAY_MS).toISOString().slice(0, 10);

/**
 * The day at a place on the slider.
 *
 * @param {number} x
 * @param {{left: number, width: number}} box
 * @param {number} days
 */
export const dayAt = (x, box, days) => Math.max(0, Math.min(days - 1, Math.floor(((x - box.left) / box.width) * days)));

/**
 * Whether a span covers all days.
 *
 * @param {Span} span
 * @param {number} days
 */
export const coversAll = ({ start, end }, days) => start <= 0 && end >= days;

/**
 * A span moved by some days, with its length kept and nothing beyond the ends.
 *
 * @param {Span} span
 * @param {number} by
 * @param {number} days
 * @returns {Span}
 */
export function moved({ start, end }, by, days) {
  const length = end - start;
  const to = Math.max(0, Math.min(days - length, start + by));
  return { start: to, end: to + length };
}

/**
 * A span whose end moved by some days; one day at least stays.
 *
 * @param {Span} span
 * @param {number} by
 * @param {number} days
 * @returns {Span}
 */
export const stretched = ({ start, end }, by, days) => ({ start, end: Math.max(start + 1, Math.min(days, end + by)) });

/**
 * The span under a drag.
 *
 * @param {{kind: string, day: number} & Span} drag Where it began, and what it took hold of.
 * @param {number} day Where it is now.
 * @param {number} days
 * @returns {Span}
 */
export function dragged(drag, day, days) {
  if (drag.kind === 'left') return { start: Math.min(day, drag.end - 1), end: drag.end };
  if (drag.kind === 'right') return { start: drag.start, end: Math.max(day + 1, drag.start + 1) };
  if (drag.kind === 'move') return moved(drag, day - drag.day, days);
  return { start: Math.min(day, drag.day), end: Math.max(day, drag.day) + 1 };
}
