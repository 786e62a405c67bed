/** A polygon that somebody draws: from pixels to corners, and from corners to the text in the address and back. Nothing here touches the page. */

import { nearestTurn } from '../../map/world.js';

/** Of a degree: about a metre. */
const DECIMALS = 5;
/** As many corners as the server takes. */
export const MOST_CORNERS = 200;

/**
 * Corners as the address holds them: longitude and latitude in turn.
 *
 * @param {Point[]} ring
 */
export const writeRing = (ring) => ring.map(([lon, lat]) => `${round(nearestTurn(lon, 0))},${round(lat)}`).join(',');

/** @param {number} degrees */
const round = (degrees) => Number(degrees.toFixed(DECIMALS));

/**
 * The corners of an address, as one line: a longitude goes on beyond 180 degrees where a side crosses that meridian. None if the text is no
 * polygon; the server then says why.
 *
 * @param {string} text
 * @returns {Point[]}
 */
export function readRing(text) {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (numbers.length % 2 || numbers.length < 6 || !numbers.every(Number.isFinite)) return [];
  /** @type {Point[]} */
  const ring = [];
  for (let at = 0; at < numbers.length; at += 2) {
    const before = ring.at(-1)?.[0] ?? numbers[at];
    ring.push([nearestTurn(numbers[at], before), numbers[at + 1]]);
  }
  return ring;
}

/**
 * A line with fewer points, none of which is farther from the old line than a tolerance (Douglas and Peucker, 1973).
 *
 * @param {Point[]} line
 * @param {number} tolerance
 * @returns {Point[]}
 */
export function simplified(line, tolerance) {
  if (line.length < 3) return line;
  const [first, last] = [line[0], line[line.length - 1]];
  let [farthest, most] = [0, 0];
  for (let at = 1; at < line.length - 1; at += 1) {
    const distance = distanceTo(line[at], first, last);
    if (distance > most) [farthest, most] = [at, distance];
  }
  if (most <= tolerance) return [first, last];
  return [...simplified(line.slice(0, farthest + 1), tolerance).slice(0, -1), ...simplified(line.slice(farthest), tolerance)];
}

/**
 * Distance of a point from a piece of a line.
 *
 * @param {Point} point
 * @param {Point} from
 * @param {Point} to
 */
function distanceTo([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const share = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}

/**
 * A loop that was drawn in one go, with so few corners that it fits into an address.
 *
 * @param {Point[]} line In pixels.
 * @param {number} [tolerance] Pixels.
 * @returns {Point[]}
 */
export function ringOfLoop(line, tolerance = 2) {
  const ring = simplified(line, tolerance);
  return ring.length <= MOST_CORNERS / 2 ? ring : ringOfLoop(line, tolerance * 1.5);
}

/**
 * Whether two sides of a ring cross or touch; sides that follow each other meet at their corner alone.
 *
 * @param {Point[]} ring
 */
export function crossesItself(ring) {
  const sides = ring.map((from, at) => [from, ring[(at + 1) % ring.length]]);
  return sides.some((one, at) =>
    sides.some((other, place) => place > at + 1 && !(at === 0 && place === sides.length - 1) && meet(one, other))
  );
}

/** @param {Point[]} one @param {Point[]} other */
function meet([a, b], [c, d]) {
  const sides = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (sides[0] !== sides[1] && sides[2] !== sides[3]) return true;
  return (!sides[0] && between(a, c, b)) || (!sides[1] && between(a, d, b)) || (!sides[2] && between(c, a, d)) ||
    (!sides[3] && between(c, b, d));
}

/** On which side of a line a point lies: 1, -1, or 0 on it. @param {Point} a @param {Point} b @param {Point} c */
const turn = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

/** @param {Point} a @param {Point} point @param {Point} b */
const between = (a, point, b) =>
  Math.min(a[0], b[0]) <= point[0] && point[0] <= Math.max(a[0], b[0]) && Math.min(a[1], b[1]) <= point[1] &&
  point[1] <= Math.max(a[1], b[1]);
