/** Names that must be set as a whole (Arabic, Hebrew, Thai, pictures …): the browser writes each on a canvas, and the map draws it as an icon. */

import { css } from './colors.js';
import { keptAtlas } from './icon_atlas.js';
import { beginsAtTheRight } from './text.js';

/** Size of the letters on the canvas: twice as large as most are drawn, for screens with small pixels. */
const FONT_PX = 40;
const LINE_PX = 48;
const WIDEST_PX = 4096;

/**
 * @typedef {object} Look
 * @property {string} faces Font families.
 * @property {Ink} color
 * @property {Ink} halo
 * @property {number} haloPx Of a text of 40 pixels.
 */

/** @typedef {{canvas: HTMLCanvasElement, mapping: Record<string, {x: number, y: number, width: number, height: number}>}} NameAtlas */

/**
 * Names as icons, by their text.
 *
 * @returns {NameAtlas}
 * @param {string[]} texts
 * @param {Look} look
 */
export function nameAtlas(texts, look) {
  const names = [...new Set(texts)].sort();
  return /** @type {NameAtlas} */ (keptAtlas(JSON.stringify(['names', names, look]), () => {
    const canvas = document.createElement('canvas');
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const mapping = lay(names, measure(pen, names, look), look.haloPx, canvas);
    // A canvas forgets its settings when its size changes.
    setPen(pen, look);
    for (const name of names) write(pen, name, mapping[name], look);
    return { canvas, mapping };
  }));
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Look} look
 */
function setPen(pen, { faces, color, halo, haloPx }) {
  pen.font = `700 ${FONT_PX}px ${faces}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.lineJoin = 'round';
  pen.lineWidth = 2 * haloPx;
  pen.fillStyle = css(color);
  pen.strokeStyle = css(halo);
}

/**
 * Width of each name on the canvas.
 *
 * @param {CanvasRenderingContext2D} pen
 * @param {string[]} names
 * @param {Look} look
 */
function measure(pen, names, look) {
  setPen(pen, look);
  return names.map((name) => Math.min(WIDEST_PX, Math.ceil(Math.max(...name.split('\n').map((line) => pen.measureText(line).width)))));
}

/**
 * Where each name lies: one below the other.
 *
 * @param {string[]} names
 * @param {number[]} widths
 * @param {number} margin
 * @param {HTMLCanvasElement} canvas
 */
function lay(names, widths, margin, canvas) {
  /** @type {Record<string, {x: number, y: number, width: number, height: number, anchorX: number, anchorY: number}>} */
  const mapping = {};
  let y = 0;
  names.forEach((name, i) => {
    const [width, height] = [widths[i] + 2 * margin, name.split('\n').length * LINE_PX + 2 * margin];
    mapping[name] = { x: 0, y, width, height, anchorX: width / 2, anchorY: height / 2 };
    y += height;
  });
  canvas.width = Math.max(1, ...widths.map((width) => width + 2 * margin));
  canvas.height = Math.max(1, y);
  return mapping;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} name
 * @param {{y: number, width: number, height: number}} place
 * @param {Look} look
 */
function write(pen, name, { y, width }, { haloPx }) {
  pen.direction = beginsAtTheRight(name) ? 'rtl' : 'ltr';
  const lines = name.split('\n');
  const at = (/** @type {number} */ line) => y + haloPx + (line + 0.5) * LINE_PX;
  lines.forEach((line, i) => pen.strokeText(line, width / 2, at(i), WIDEST_PX));
  lines.forEach((line, i) => pen.fillText(line, width / 2, at(i), WIDEST_PX));
}

/**
 * The height of a name's icon, for letters of some size.
 *
 * @param {{height: number}} place
 * @param {number} size
 */
export const iconHeight = ({ height }, size) => (height * size) / FONT_PX;
