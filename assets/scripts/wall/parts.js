/** Pieces of the picture. What is on screen is changed only where it differs, so that nothing flickers. */

import { element } from '../dom.js';

const SVG = 'http://www.w3.org/2000/svg';

/** @param {number} n */
export const whole = (n) => Math.round(n).toLocaleString('en-US');

/**
 * Write a text, if it is another one.
 *
 * @param {Element} at
 * @param {string} text
 */
export function write(at, text) {
  if (at.textContent !== text) at.textContent = text;
}

/** @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/**
 * Draw the contents of an element anew, if they depend on something that changed.
 *
 * @param {Element} at
 * @param {unknown} given What the contents depend on.
 * @param {() => (Node | string)[]} make
 */
export function redraw(at, given, make) {
  const key = JSON.stringify(given);
  if (drawn.get(at) === key) return false;
  drawn.set(at, key);
  at.replaceChildren(...make());
  return true;
}

/**
 * @param {string} tag
 * @param {string} name
 * @param {...(Node | string)} inside
 */
export function box(tag, name, ...inside) {
  const made = element(/** @type {keyof HTMLElementTagNameMap} */ (tag), name);
  made.append(...inside);
  return made;
}

/**
 * A drawing in units of its own, which fills its place whatever shape that has.
 *
 * @param {number} width
 * @param {number} height
 * @param {...SVGElement} inside
 */
export function drawing(width, height, ...inside) {
  const made = shape('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  made.append(...inside);
  return made;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} given
 */
export function shape(tag, given) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(given)) {
    made.setAttribute(name, typeof value === 'number' ? String(Math.round(value * 100) / 100) : value);
  }
  return made;
}

/**
 * @param {string} name
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {number} [round]
 */
export const bar = (name, x, y, width, height, round = 0) => shape('rect', { class: name, x, y, width, height, rx: round });

/** A level line, as thick as the style sheet says in every drawing. @param {string} name @param {number} from @param {number} to @param {number} y */
export const line = (name, from, to, y) =>
  shape('line', { class: name, x1: from, x2: to, y1: y, y2: y, 'vector-effect': 'non-scaling-stroke' });
