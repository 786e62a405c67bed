/** Where names stand: inside their own area, beside other names, and off circles and pins where there is room. */

import { circleRadius } from './clusters.js';
import { around, Boxes, contains, overlap, within } from './geometry.js';
import { pinBox, pinSize, URGENT } from './placement.js';
import { textWidth } from './text.js';
import { isBeforeCamera, toGround, toScreen } from './world.js';

/** Names of this rank and above may go far from their place, become smaller, and cover circles that can join another one. */
export const IMPORTANT = 10;
const MARGIN_PX = 14;
/** What it costs a name to cover a pin that is not urgent; an urgent one, or a circle, costs 1. */
const OTHER_PIN_COST = 0.4;
const SMALLEST_PX = 12;
const LINE_HEIGHT = 1.22;
/** Distance between two places that are tried, in units of the text's size, and how many are tried at most. */
const STEP = 0.7;
const MOST_TRIED = { important: 260, other: 25 };
/** So far, in pixels, may a circle under a name be from the one that it joins. */
export const JOIN_PX = 90;
/** Where the rim of a name is tried, as shares of its width and height. */
const RIM = [-1, -0.5, 0, 0.5, 1].flatMap((x) => [[x, -1], [x, 1]]).concat([[-1, 0], [1, 0]]);

/**
 * @typedef {object} Obstacles
 * @property {Boxes<object>} taken What no name may cover: other names and the page's buttons.
 * @property {Boxes<CaseRow>} pins
 * @property {Boxes<Circle & {x: number, y: number}>} circles
 */

/**
 * The letters of a name around a point.
 *
 * @param {Pick<Label, 'text' | 'size'>} label
 * @param {Point} at
 * @returns {Box}
 */
export function letterBox({ text, size }, at) {
  const lines = text.split('\n');
  return around(at, (Math.max(...lines.map(textWidth)) * size) / 2, (size * LINE_HEIGHT * lines.length) / 2);
}

/**
 * What a name takes: its letters and a little around them.
 *
 * @param {Pick<Label, 'text' | 'size'>} label
 * @param {number} x
 * @param {number} y
 * @returns {Box}
 */
export function labelBox(label, x, y) {
  const [left, top, right, bottom] = letterBox(label, [x, y]);
  return [left - 4, top - 2, right + 4, bottom + 2];
}

/**
 * Names to show, each at the place on the ground where it stands. Important ones and large areas come first. A name stands inside its own area,
 * or it is not shown: elsewhere it would name another one.
 *
 * @param {Label[]} labels
 * @param {CaseRow[]} pins
 * @param {Circle[]} circles
 * @param {PlacingView} view
 */
export function placeLabels(labels, pins, circles, view) {
  const obstacles = obstaclesOf(pins, circles, view);
  /** @type {Label[]} */
  const placed = [];
  for (const label of [...labels].sort((a, b) => b.rank - a.rank || b.weight - a.weight)) {
    const found = roomFor(label, obstacles, view);
    if (!found) continue;
    obstacles.taken.add(found.box, label);
    placed.push({ ...label, size: found.size, at: toGround(view.viewport, found.at) });
  }
  return { placed, taken: obstacles.taken };
}

/**
 * @param {CaseRow[]} pins
 * @param {Circle[]} circles
 * @param {PlacingView} view
 * @returns {Obstacles}
 */
function obstaclesOf(pins, circles, view) {
  /** @type {Obstacles} */
  const found = { taken: new Boxes(), pins: new Boxes(), circles: new Boxes() };
  (view.covered || []).forEach((box) => found.taken.add(box, {}));
  for (const pin of pins) {
    const [x, y, z] = toScreen(view.viewport, pin);
    if (isBeforeCamera(z)) found.pins.add(pinBox([x, y], pinSize(pin.state, view.pin)), pin);
  }
  for (const circle of circles) {
    const [x, y, z] = toScreen(view.viewport, circle);
    const r = circleRadius(circle, view) + 4;
    if (isBeforeCamera(z)) found.circles.add(around([x, y], r, r), { ...circle, x, y });
  }
  return found;
}

/**
 * The place of a name: nearest to its own place without covering anything, if need be in smaller letters; else, for important ones, where it
 * covers least.
 *
 * @param {Label} label
 * @param {Obstacles} obstacles
 * @param {PlacingView} view
 */
function roomFor(label, obstacles, view) {
  const [x, y, z] = toScreen(view.viewport, { lon: label.at[0], lat: label.at[1] });
  if (!isBeforeCamera(z)) return null;
  const important = label.rank >= IMPORTANT;
  const room = screenBox(label.extent, view.viewport);
  const smaller = Math.min(label.size, label.smallest ?? SMALLEST_PX * view.scale);
  const sizes = important && smaller < label.size ? [label.size, (label.size + smaller) / 2, smaller] : [label.size];
  let second = null;
  for (const size of sizes) {
    const letters = letterBox({ ...label, size }, [x, y]);
    if (letters[2] - letters[0] > room[2] - room[0] || letters[3] - letters[1] > room[3] - room[1]) continue;
    for (const at of placesAround([x, y], size * STEP, important ? MOST_TRIED.important : MOST_TRIED.other)) {
      const box = labelBox({ ...label, size }, ...at);
      const cost = within(box, shrunk(view.free)) && overlap(box, room) ? costAt(box, obstacles, view) : Infinity;
      if (cost >= (second?.cost ?? (important ? Infinity : Number.MIN_VALUE)) || !stays({ ...label, size }, at, view)) continue;
      if (!cost) return { at, box, size };
      second = { at, box, size, cost };
    }
  }
  return second;
}

/**
 * The box on the screen around a box of degrees; everywhere, if a corner lies behind the camera.
 *
 * @param {Box} extent
 * @param {Viewport} viewport
 * @returns {Box}
 */
function screenBox([west, south, east, north], viewport) {
  const corners = [[west, south], [east, south], [east, north], [west, north]].map(([lon, lat]) => toScreen(viewport, { lon, lat }));
  if (east - west > 180 || corners.some(([, , z]) => !isBeforeCamera(z))) return [-Infinity, -Infinity, Infinity, Infinity];
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** @param {Box} free */
const shrunk = ([left, top, right, bottom]) => /** @type {Box} */ ([left + MARGIN_PX, top, right - MARGIN_PX, bottom]);

/**
 * Places in growing distance from a point, on a raster whose rows are closer than its columns: letters are wider than high.
 *
 * @param {Point} from
 * @param {number} step
 * @param {number} most
 * @returns {Point[]}
 */
export function placesAround([x, y], step, most) {
  return raster.slice(0, most).map(([dx, dy]) => [x + dx * step * 1.5, y + dy * step]);
}

const REACH = 12;
/** @type {Point[]} */
const raster = Array.from(
  { length: (2 * REACH + 1) ** 2 },
  (_, i) => /** @type {Point} */ ([(i % (2 * REACH + 1)) - REACH, Math.floor(i / (2 * REACH + 1)) - REACH]),
)
  .sort((a, b) => Math.hypot(a[0] * 1.5, a[1]) - Math.hypot(b[0] * 1.5, b[1]));

/**
 * What a name would cover: infinitely much where it must not stand, else pins and circles.
 *
 * @param {Box} box
 * @param {Obstacles} obstacles
 * @param {PlacingView} view
 */
function costAt(box, { taken, pins, circles }, view) {
  if (taken.hit(box).length) return Infinity;
  const covered = circles.hit(box).map(({ thing }) => thing);
  if (covered.some((circle) => !joinable(circle, covered, circles, view))) return Infinity;
  const hidden = pins.hit(box).reduce((sum, { thing }) => sum + (URGENT.has(thing.state) ? 1 : OTHER_PIN_COST), 0);
  return hidden + covered.length;
}

/**
 * Whether another circle is near enough to take in a covered one.
 *
 * @param {{x: number, y: number}} circle
 * @param {object[]} covered
 * @param {Obstacles['circles']} circles
 * @param {PlacingView} view
 */
function joinable({ x, y }, covered, circles, view) {
  const reach = JOIN_PX * view.scale;
  return circles.hit(around([x, y], reach, reach)).some(({ thing }) =>
    !covered.includes(thing) && Math.hypot(thing.x - x, thing.y - y) < reach
  );
}

/**
 * Whether the letters of a name stay inside its area.
 *
 * @param {Label} label
 * @param {Point} at
 * @param {PlacingView} view
 */
function stays(label, at, { viewport }) {
  const inside = (/** @type {Point} */ pixel) => contains(label.rings, toGround(viewport, pixel));
  if (!inside(at)) return false;
  const [left, top, right, bottom] = letterBox(label, at);
  const [dx, dy] = [(right - left) / 2, (bottom - top) / 2];
  return RIM.every(([x, y]) => inside([at[0] + x * dx, at[1] + y * dy]));
}
