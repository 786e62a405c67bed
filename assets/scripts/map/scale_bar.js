/** The scale bar. Zoom buttons and compass are the page's. */

import { element, screenScale } from '../dom.js';

const LENGTHS_M = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000];
const WIDEST_PX = 96;
const EQUATOR_M = 40075016.686;
const TILE_PX = 512;

export class ScaleBar {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.node = element('div', 'map-scale');
    this.text = element('span');
    this.node.append(this.text, element('i'));
    root.append(this.node);
  }

  remove() {
    this.node.remove();
  }

  /** @param {Camera} camera */
  follow(camera) {
    const { length, width } = scaleAt(camera, WIDEST_PX * screenScale());
    this.node.style.width = `${width}px`;
    this.text.textContent = length >= 1000 ? `${length / 1000} km` : `${length} m`;
  }
}

/**
 * @param {number} latitude In degrees.
 * @param {number} zoom
 */
export const metresPerPixel = (latitude, zoom) => (EQUATOR_M * Math.cos((latitude * Math.PI) / 180)) / (TILE_PX * Math.pow(2, zoom));

/**
 * The longest round length in metres that has room, and its width in pixels.
 *
 * @param {{latitude: number, zoom: number}} camera
 * @param {number} [widest] In pixels.
 */
export function scaleAt({ latitude, zoom }, widest = WIDEST_PX) {
  const perPixel = metresPerPixel(latitude, zoom);
  const length = LENGTHS_M.filter((metres) => metres / perPixel <= widest).pop() || LENGTHS_M[0];
  return { length, width: length / perPixel };
}
