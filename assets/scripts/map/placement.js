/** Where names and pins stand: projected to the screen, the cheapest place wins; a pin without room is folded into its neighbour. */

import { circleRadius } from './clusters.js';
import { around, Boxes, contains, within } from './geometry.js';
import { textWidth } from './text.js';

/**
 * Where a name may stand, from its own place, in pixels; the nearest first.
 *
 * @type {Point[]}
 */
const OFFSETS = [
  [0, 0],
  [0, 26],
  [0, -26],
  [40, 0],
  [-40, 0],
  [40, 24],
  [-40, 24],
  [0, 44],
  [0, -44],
  [70, 0],
  [-70, 0],
  [0, 66],
  [0, -66],
  [100, 0],
  [-100, 0],
];
const NEAR = OFFSETS.slice(0, 7);
/** Names of this rank and above may go far from their place. */
const IMPORTANT = 10;
const NAME_HEIGHT_M = 30;
const NAME_MARGIN_PX = 14;
/** What it costs a name to lie on another one, and on something urgent; a name at this cost stays away. */
const COST = { taken: 20, urgent: 3, most: 20 };
const SMALL_SCALE = 0.7;
/** @type {Record<string, number>} */
const PIN_SCALE = { overdue: 1.16, amber: 1.04 };
const OTHER_PIN_SCALE = 0.8;
const URGENT = new Set(['overdue', 'amber']);
/** So near must a pin be, in pixels, for another one to be folded into it from under a name. */
const FOLD_PX = 90;

/**
 * Size of a pin: what is urgent is larger.
 *
 * @param {string} state
 * @param {number} size
 */
export const pinSize = (state, size) => (PIN_SCALE[state] || OTHER_PIN_SCALE) * size;

/**
 * A point's place on the screen, or null when it is behind the camera or outside the free part of the map.
 *
 * @param {PlacingView} view
 * @param {Point} at
 * @param {number} height
 * @param {number} margin
 * @returns {Point | null}
 */
function seen({ viewport, free }, at, height, margin) {
  const [x, y, z] = viewport.project([at[0], at[1], height]);
  if (!isBeforeCamera(z)) return null;
  const isFree = x > free[0] + margin && x < free[2] - margin && y > free[1] + margin && y < free[3] - margin;
  return isFree ? [x, y] : null;
}

/**
 * Whether a projected depth is in front of the camera.
 *
 * @param {number} z
 */
export const isBeforeCamera = (z) => z > -1 && z < 1;

/**
 * @param {Pick<Label, 'text' | 'size'>} label
 * @param {number} x
 * @param {number} y
 * @returns {Box}
 */
export function labelBox(label, x, y) {
  const lines = label.text.split('\n');
  const width = Math.max(...lines.map(textWidth)) * label.size + 8;
  const height = label.size * 1.22 * lines.length + 4;
  return around([x, y], width / 2, height / 2);
}

/**
 * Names to show, each with its offset. Important ones come first; those that would lie on another one, under a panel or a button stay away.
 *
 * @param {Label[]} labels
 * @param {CaseRow[]} pins
 * @param {Circle[]} circles
 * @param {PlacingView} view
 */
export function placeLabels(labels, pins, circles, view) {
  /** @type {Boxes<object>} */
  const taken = new Boxes();
  (view.covered || []).forEach((box) => taken.add(box, {}));
  const urgent = obstacles(pins, circles, view, taken);
  /** @type {Label[]} */
  const placed = [];
  for (const label of [...labels].sort((a, b) => b.rank - a.rank || b.weight - a.weight)) {
    const at = seen(view, label.at, view.flat ? 0 : NAME_HEIGHT_M, NAME_MARGIN_PX);
    const best = at && cheapest(label, at, taken, urgent, view);
    if (!best || best.cost >= COST.most) continue;
    taken.add(best.box, label);
    placed.push({ ...label, offset: best.offset, inverted: label.inverted && fits(label, view.viewport) });
  }
  return { placed, taken };
}

/**
 * Whether a name stays inside its area: white letters that reach over its border could not be read.
 *
 * @param {Label} label
 * @param {Viewport} viewport
 */
function fits({ text, size, reach }, viewport) {
  const [west, east] = reach.map((at) => viewport.project([at[0], at[1], 0])[0]);
  return Math.max(...text.split('\n').map(textWidth)) * size < Math.abs(east - west) * 0.8;
}

/**
 * What names should rather not cover: urgent pins, and the rims of circles. Their numbers they never cover: those are taken.
 *
 * @param {CaseRow[]} pins
 * @param {Circle[]} circles
 * @param {PlacingView} view
 * @param {Boxes<object>} taken
 */
function obstacles(pins, circles, view, taken) {
  /** @type {Boxes<object>} */
  const boxes = new Boxes();
  /** @type {(row: {lon: number, lat: number}) => Point | null} */
  const at = (row) => seen(view, [row.lon, row.lat], 0, 0);
  for (const pin of pins.filter((one) => URGENT.has(one.state))) {
    const point = at(pin);
    if (point) boxes.add(pinBox(point, view.pin * 1.1), pin);
  }
  for (const circle of circles) {
    const point = at(circle);
    if (!point) continue;
    const r = circleRadius(circle, view);
    boxes.add(around(point, r, r), circle);
    taken.add(around(point, r * 0.6, r * 0.4), circle);
  }
  return boxes;
}

/**
 * The cheapest place of a name. A flat map's name brings its area's value: it may step aside, but not out of its area.
 *
 * @param {Label} label
 * @param {Point} at
 * @param {Boxes<object>} taken
 * @param {Boxes<object>} urgent
 * @param {PlacingView} view
 */
function cheapest(label, [x, y], taken, urgent, view) {
  const scale = view.small ? SMALL_SCALE : view.scale;
  let best = null;
  for (const [dx, dy] of label.rank >= IMPORTANT ? OFFSETS : NEAR) {
    /** @type {Point} */
    const offset = [dx * scale, dy * scale];
    const box = labelBox(label, x + offset[0], y + offset[1]);
    if (!within(box, view.free)) continue;
    if (view.flat && (dx || dy) && !contains(label.rings, view.viewport.unproject([x + offset[0], y + offset[1]]))) continue;
    const far = (Math.abs(offset[0]) + Math.abs(offset[1])) / 60;
    const cost = taken.hit(box).length * COST.taken + urgent.hit(box).length * COST.urgent + far;
    if (!best || cost < best.cost) best = { cost, offset, box };
  }
  return best;
}

/**
 * A pin stands on its place.
 *
 * @param {Point} point
 * @param {number} size
 * @returns {Box}
 */
export const pinBox = ([x, y], size) => [x - size * 0.42, y - size * 1.15, x + size * 0.42, y];

/**
 * Pins to draw, most urgent first as they come; each counts in `more` those folded into it.
 *
 * @param {CaseRow[]} pins
 * @param {Boxes<object>} labels What names take.
 * @param {PlacingView} view
 */
export function placePins(pins, labels, view) {
  /** @type {Boxes<PlacedCase>} */
  const taken = new Boxes();
  /** @type {PlacedCase[]} */
  const placed = [];
  for (const pin of pins) {
    const at = onScreen(view.viewport, pin, 40, 60);
    if (!at) continue;
    const box = pinBox(at, pinSize(pin.state, view.pin));
    // Under a name only what is urgent is drawn; the rest joins the nearest pin.
    const underName = !URGENT.has(pin.state) && labels.hit(box).length > 0;
    const other = taken.hit(box)[0]?.thing ?? (underName ? nearest(placed, at, FOLD_PX) : null);
    if (other) {
      other.more += 1;
      other.folded.push(pin.key);
      continue;
    }
    const kept = { ...pin, more: 0, folded: [], x: at[0], y: at[1] };
    taken.add(box, kept);
    placed.push(kept);
  }
  return placed;
}

/**
 * Facilities that have room; rare kinds come first in the answer.
 *
 * @param {Facility[]} rows
 * @param {Viewport} viewport
 * @param {number} size
 */
export function placeFacilities(rows, viewport, size) {
  /** @type {Boxes<Facility>} */
  const taken = new Boxes();
  return rows.filter((row) => {
    const at = onScreen(viewport, row, 20, 20);
    const box = at && around(at, size / 2, size / 2);
    if (!box || taken.hit(box).length) return false;
    taken.add(box, row);
    return true;
  });
}

/**
 * A place on the screen or a little beside it; null anywhere else.
 *
 * @param {Viewport} viewport
 * @param {{lon: number, lat: number}} place
 * @param {number} margin
 * @param {number} below The margin at the lower edge: what stands on its place reaches up.
 * @returns {Point | null}
 */
function onScreen(viewport, { lon, lat }, margin, below) {
  const [x, y, z] = viewport.project([lon, lat, 0]);
  const isNear = x > -margin && x < viewport.width + margin && y > -margin && y < viewport.height + below;
  return isBeforeCamera(z) && isNear ? [x, y] : null;
}

/**
 * The nearest pin within reach.
 *
 * @param {PlacedCase[]} placed
 * @param {Point} at
 * @param {number} reach
 */
function nearest(placed, [x, y], reach) {
  let best = null;
  for (const pin of placed) {
    const distance = Math.hypot(pin.x - x, pin.y - y);
    if (distance < reach && (!best || distance < best.distance)) best = { pin, distance };
  }
  return best?.pin ?? null;
}
