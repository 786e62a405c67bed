/** Icons are drawn from paths, not loaded as pictures: there is nothing to wait for, and nothing to allow in a content policy. */

const ACROSS = 16;
const MOST_KEPT = 12;

/**
 * @typedef {object} Atlas
 * @property {HTMLCanvasElement} canvas
 * @property {Record<string, object>} mapping Where each icon lies on the canvas.
 */

/** @type {Map<string, Atlas>} */
const atlases = new Map();

/**
 * The atlas of a name; made anew only when it is not known.
 *
 * @param {string} key
 * @param {() => Atlas} make
 */
export function keptAtlas(key, make) {
  let known = atlases.get(key);
  if (!known) {
    if (atlases.size > MOST_KEPT) atlases.clear();
    known = make();
    atlases.set(key, known);
  }
  return known;
}

/**
 * Icons side by side on one canvas.
 *
 * @param {string[]} names
 * @param {{width: number, height: number, anchorX?: number, anchorY?: number}} icon Size of each, and where it stands on its place.
 * @param {(pen: CanvasRenderingContext2D, name: string) => void} draw Draws one at the origin.
 * @returns {Atlas}
 */
export function makeAtlas(names, icon, draw) {
  const across = Math.min(names.length, ACROSS);
  const canvas = document.createElement('canvas');
  canvas.width = icon.width * across;
  canvas.height = icon.height * Math.ceil(names.length / across);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  pen.lineCap = pen.lineJoin = 'round';
  /** @type {Record<string, object>} */
  const mapping = {};
  names.forEach((name, i) => {
    const [x, y] = [(i % across) * icon.width, Math.floor(i / across) * icon.height];
    pen.save();
    pen.translate(x, y);
    draw(pen, name);
    pen.restore();
    mapping[name] = { x, y, ...icon };
  });
  return { canvas, mapping };
}

/**
 * Draw a symbol.
 *
 * @param {CanvasRenderingContext2D} pen
 * @param {string} path In the form of an SVG path.
 * @param {{x: number, y: number, scale: number, color: string}} place
 */
export function drawSymbol(pen, path, { x, y, scale, color }) {
  pen.translate(x, y);
  pen.scale(scale, scale);
  pen.lineWidth = 2;
  pen.strokeStyle = color;
  pen.stroke(new Path2D(path));
}
