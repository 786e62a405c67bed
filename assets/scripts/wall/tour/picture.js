/**
 * A picture of what the wall shows: the map's canvas, and over it texts, bars and dots where they stand on the page. Browsers give no
 * script a picture of a page; this one is drawn again from what the page says of itself.
 */

import { element, required } from '../../dom.js';
import { map } from '../../map/grid_map.js';
import { takePicture } from '../../map/picture.js';
import { shrink } from './heartbeat.js';

const WIDTH = 960;
/** Behind texts the page is dark. */
const VEILED = '#key-figures, #panels, #ticker, .wall-head, .wall-clock, #legend, #card';

/** @returns {Promise<Blob | null>} */
export function pictureOfWall() {
  const canvas = element('canvas');
  const scale = WIDTH / innerWidth;
  [canvas.width, canvas.height] = [WIDTH, Math.max(1, Math.round(innerHeight * scale))];
  const to = canvas.getContext('2d');
  if (!to) return Promise.resolve(null);
  to.scale(scale, scale);
  to.fillStyle = getComputedStyle(document.body).backgroundColor;
  to.fillRect(0, 0, innerWidth, innerHeight);
  drawMap(to);
  const root = required('#wall');
  const own = required('#map', root);
  for (const one of root.querySelectorAll('*')) if (!own.contains(one)) drawElement(to, one);
  return shrink(canvas, WIDTH);
}

/** @param {CanvasRenderingContext2D} to */
function drawMap(to) {
  const { canvas } = map.surface;
  if (!map.deck || !canvas) return;
  const { left, top, width, height } = map.root.getBoundingClientRect();
  to.drawImage(takePicture(map.deck, canvas, [0, 0, width, height], { width, height }), left, top, width, height);
}

/** @param {CanvasRenderingContext2D} to @param {Element} one */
function drawElement(to, one) {
  const box = one.getBoundingClientRect();
  if (!box.width || !box.height) return;
  const style = getComputedStyle(one);
  if (style.visibility === 'hidden' || style.position === 'fixed') return;
  const isShape = one instanceof SVGElement;
  to.fillStyle = one.matches(VEILED) ? 'rgba(8, 15, 27, .82)' : isShape ? style.fill : style.backgroundColor;
  to.globalAlpha = Number(style.opacity);
  if (!isShape || one.localName === 'rect') to.fillRect(box.left, box.top, box.width, box.height);
  to.fillStyle = style.color;
  to.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  for (const node of isShape ? [] : one.childNodes) if (node.nodeType === Node.TEXT_NODE) drawText(to, node);
  to.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} to @param {Node} node */
function drawText(to, node) {
  const range = document.createRange();
  range.selectNodeContents(node);
  const boxes = range.getClientRects();
  const lines = (node.textContent ?? '').split('\n');
  to.textBaseline = 'middle';
  // A line that the browser broke is drawn in one: of a small picture nobody reads its end.
  [...boxes].slice(0, lines.length).forEach((box, no) => to.fillText(lines[no], box.left, (box.top + box.bottom) / 2));
}
