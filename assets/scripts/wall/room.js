/** What has no room at a size that can be read is left out, the least important first; nothing becomes smaller, and no text is cut. */

import { required } from '../dom.js';
import { write } from './parts.js';

/** A rounded pixel is no lack of room. */
const SLACK_PX = 1;
/** A space at which no line ends. */
const FIRM = '\u00a0';

/** Whether a child reaches over the edge of its column. @param {Element} column @param {Element[]} children */
function isFull(column, children) {
  const frame = column.getBoundingClientRect();
  return children.map((one) => one.getBoundingClientRect()).some(({ height, top, bottom }) =>
    height > 0 && (top < frame.top - SLACK_PX || bottom > frame.bottom + SLACK_PX)
  );
}

/** Whether a text has no room; letters may reach over the height of their own line. @param {Element} one */
const isCut = (one) =>
  one.scrollWidth > one.clientWidth + SLACK_PX || one.scrollHeight > one.clientHeight + parseFloat(getComputedStyle(one).lineHeight) / 2;

/**
 * Hide things one after another until the rest fits.
 *
 * @template T
 * @param {T[]} things
 * @param {(one: T) => number} rank A larger one goes first.
 * @param {() => boolean} lacksRoom
 * @param {(one: T) => void} hide
 */
export function leaveOut(things, rank, lacksRoom, hide) {
  for (const one of [...things].sort((a, b) => rank(b) - rank(a))) {
    if (!lacksRoom()) return;
    hide(one);
  }
}

/**
 * Show of a column what fits into it. Its children have their importance in `data-rank`, otherwise in their order; those with `data-off` are
 * not wanted.
 *
 * @param {HTMLElement} column
 */
export function fitColumn(column) {
  const things = /** @type {HTMLElement[]} */ ([...column.children]);
  for (const one of things) {
    one.hidden = 'off' in one.dataset;
    leaveOutWide(one);
  }
  const ranks = new Map(things.map((one, n) => [one, Number(one.dataset.rank ?? n)]));
  leaveOut(things, (one) => ranks.get(one) ?? 0, () => isFull(column, things), (one) => (one.hidden = true));
}

/** A key figure whose line below it is too wide does without; one that is too wide itself is left out. @param {HTMLElement} figure */
function leaveOutWide(figure) {
  const isWide = (/** @type {Element} */ one) => one.scrollWidth > one.clientWidth + SLACK_PX;
  const notes = /** @type {HTMLElement[]} */ ([...figure.querySelectorAll('.wall-note')]);
  for (const note of notes) note.hidden = false;
  const lacksRoom = isWide(figure);
  for (const note of notes) note.hidden = lacksRoom || isWide(note);
  if (notes.length && isWide(figure)) figure.hidden = true;
}

/** The head: without the date, then without the area's name, where title and clock have no room beside each other. */
export function fitHead() {
  const [title, date] = [required('#title'), required('#date')];
  for (const one of [title, date]) one.hidden = false;
  leaveOut([title, date], (one) => (one === date ? 1 : 0), () => !title.hidden && isCut(title), (one) => (one.hidden = true));
}

/**
 * A line of several parts, as many as fit: the last one, and the others from the first on.
 *
 * @param {HTMLElement} at
 * @param {string[]} parts
 */
export function fitLine(at, parts) {
  at.hidden = false;
  for (let kept = parts.length; kept > 0; kept -= 1) {
    write(at, [...parts.slice(0, kept - 1), parts[parts.length - 1]].map((one) => one.replaceAll(' ', FIRM)).join(`${FIRM}· `));
    if (!isCut(at)) return;
  }
  at.hidden = true;
}
