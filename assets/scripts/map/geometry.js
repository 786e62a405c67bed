/** Plane geometry: rings of polygons, hatching, boxes on the screen. */

const EARTH_M = 6371008.8;
const RAD = Math.PI / 180;

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/**
 * Every ring of every part of an area.
 *
 * @param {Pick<Area, 'polygons'>} area
 * @returns {Ring[]}
 */
export const rings = (area) => area.polygons.flat();

/**
 * A ring as dashes about `pitch` metres apart. Each edge is cut by itself and evenly, so that two neighbours' dashes fall together.
 *
 * @param {Ring} ring
 * @param {number} pitch
 * @returns {Ring[]}
 */
export function dashes(ring, pitch) {
  /** @type {Ring[]} */
  const drawn = [];
  for (let i = 0; i + 1 < ring.length; i++) {
    const [a, b] = [ring[i], ring[i + 1]];
    const n = Math.max(1, Math.round(distance(a, b) / pitch));
    /** @type {(share: number) => Point} */
    const at = (share) => [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
    for (let k = 0; k < n; k++) drawn.push([at((k + 0.25) / n), at((k + 0.75) / n)]);
  }
  return drawn;
}

/**
 * Metres that a degree of longitude and one of latitude measure.
 *
 * @param {number} lat
 * @returns {Point}
 */
export const metresPerDegree = (lat) => [EARTH_M * RAD * Math.cos(lat * RAD), EARTH_M * RAD];

/**
 * Metres between two places that are near each other.
 *
 * @param {Point} a
 * @param {Point} b
 */
export function distance(a, b) {
  const [kx, ky] = metresPerDegree((a[1] + b[1]) / 2);
  return Math.hypot((a[0] - b[0]) * kx, (a[1] - b[1]) * ky);
}

/**
 * Parallel lines at 45° inside a polygon, `pitch` metres apart. Lines of all areas lie on one raster, so that neighbours join.
 *
 * @param {Ring[]} polygon
 * @param {number} pitch
 * @returns {Ring[]}
 */
export function hatch(polygon, pitch) {
  const [kx, ky] = metresPerDegree(polygon[0][0][1]);
  const turned = polygon.map((ring) =>
    ring.map(([lon, lat]) => /** @type {Point} */ ([(lon * kx + lat * ky) / Math.SQRT2, (lat * ky - lon * kx) / Math.SQRT2]))
  );
  const ys = turned.flat().map((p) => p[1]);
  /** @type {(x: number, y: number) => Point} */
  const back = (x, y) => [(x - y) / Math.SQRT2 / kx, (x + y) / Math.SQRT2 / ky];
  /** @type {Ring[]} */
  const lines = [];
  for (let y = Math.ceil(Math.min(...ys) / pitch) * pitch; y < Math.max(...ys); y += pitch) {
    const xs = turned.flatMap((ring) => crossings(ring, y)).sort((a, b) => a - b);
    for (let i = 0; i + 1 < xs.length; i += 2) lines.push([back(xs[i], y), back(xs[i + 1], y)]);
  }
  return lines;
}

/**
 * Where a ring crosses a horizontal line.
 *
 * @param {Ring} ring
 * @param {number} y
 */
function crossings(ring, y) {
  const xs = [];
  for (let i = 0; i + 1 < ring.length; i++) {
    const [a, b] = [ring[i], ring[i + 1]];
    if (a[1] <= y !== b[1] <= y) xs.push(a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0]));
  }
  return xs;
}

/**
 * Whether a point lies inside rings, by the even-odd rule over all of them, holes among them.
 *
 * @param {Ring[]} polygon
 * @param {number[]} point
 */
export function contains(polygon, [x, y]) {
  let inside = false;
  for (const ring of polygon) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [[ax, ay], [bx, by]] = [ring[i], ring[j]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}

/**
 * Whether two boxes overlap. Boxes that only touch do not.
 *
 * @param {Box} a
 * @param {Box} b
 */
export const overlap = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

/**
 * Whether a box lies wholly inside another one; they may share an edge.
 *
 * @param {Box} inner
 * @param {Box} outer
 */
export const within = (inner, outer) => inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3];

/**
 * A box around a point.
 *
 * @param {Point} point
 * @param {number} dx
 * @param {number} dy
 * @returns {Box}
 */
export const around = ([x, y], dx, dy) => [x - dx, y - dy, x + dx, y + dy];

/**
 * Boxes on the screen, found again by the square they lie in.
 *
 * @template T
 */
export class Boxes {
  constructor(side = 64) {
    this.side = side;
    /** @type {Map<number, {box: Box, thing: T}[]>} */
    this.squares = new Map();
  }

  /** @param {Box} box */
  *keys(box) {
    for (let x = Math.floor(box[0] / this.side); x <= box[2] / this.side; x++) {
      for (let y = Math.floor(box[1] / this.side); y <= box[3] / this.side; y++) yield x * 4099 + y;
    }
  }

  /**
   * @param {Box} box
   * @param {T} thing
   */
  add(box, thing) {
    const entry = { box, thing };
    for (const key of this.keys(box)) {
      const square = this.squares.get(key);
      if (square) square.push(entry);
      else this.squares.set(key, [entry]);
    }
  }

  /** @param {Box} box */
  hit(box) {
    const found = new Set();
    for (const key of this.keys(box)) {
      for (const entry of this.squares.get(key) || []) if (overlap(box, entry.box)) found.add(entry);
    }
    return /** @type {{box: Box, thing: T}[]} */ ([...found]);
  }
}
