/** The free part of the map as a picture: for paper, because a browser prints no canvas of WebGL. */

import { element } from '../dom.js';

/**
 * The part of a canvas that a box of the page covers, in the canvas's own pixels: left, top, width, height.
 *
 * @param {Box} free In pixels of the page.
 * @param {Size} size Of the map, in pixels of the page.
 * @param {Size} canvas In its own pixels.
 */
export function sourceOf([left, top, right, bottom], size, canvas) {
  const [x, y] = [canvas.width / size.width, canvas.height / size.height];
  return [left * x, top * y, Math.max(1, (right - left) * x), Math.max(1, (bottom - top) * y)].map(Math.round);
}

/**
 * Draw the map once more, and take its free part. Both happen in one turn: afterwards the canvas has no picture any more.
 *
 * @param {any} deck
 * @param {HTMLCanvasElement} canvas
 * @param {Box} free
 * @param {Size} size
 */
export function takePicture(deck, canvas, free, size) {
  deck.redraw('picture');
  const [x, y, width, height] = sourceOf(free, size, canvas);
  const copy = element('canvas');
  [copy.width, copy.height] = [width, height];
  copy.getContext('2d')?.drawImage(canvas, x, y, width, height, 0, 0, width, height);
  return copy;
}
