/** Where pins stand: a pin without room is folded into its neighbour, and circles that touch become one. */

import { circleRadius } from './clusters.js';
import { around, Boxes } from './geometry.js';
import { isBeforeCamera, nearestTurn, toScreen } from './world.js';

/** @type {Record<string, number>} */
const PIN_SCALE = { overdue: 1.16, amber: 1.04 };
const OTHER_PIN_SCALE = 0.8;
export const URGENT = new Set(['overdue', 'amber']);
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
    const box = boxOf(pin, at, view);
    // Under a name no pin can be seen: it joins the nearest one.
    const other = taken.hit(box)[0]?.thing ?? (labels.hit(box).length ? nearest(placed, at, FOLD_PX) : null);
    if (other) {
      other.more += 1;
      other.folded.push(pin.key);
      continue;
    }
    const kept = { ...pin, more: 0, folded: [], x: at[0], y: at[1] };
    taken.add(box, kept);
    placed.push(kept);
  }
  return uncover(placed, pins, taken, labels, view);
}

/** What a pin takes, with room for what is counted in it. @param {CaseRow} pin @param {Point} at @param {PlacingView} view @returns {Box} */
function boxOf(pin, at, view) {
  const size = pinSize(pin.state, view.pin);
  const [left, top, right, bottom] = pinBox(at, size);
  return [left, top, right + size * (view.room ?? 0), bottom];
}

/**
 * A pin that still covers a name gives its place to one of those counted in it, of the same state and in the open; where there is none, it is
 * counted in the nearest pin of its state. One that is alone stays: no case is lost.
 *
 * @param {PlacedCase[]} placed
 * @param {CaseRow[]} pins
 * @param {Boxes<PlacedCase>} taken
 * @param {Boxes<object>} labels
 * @param {PlacingView} view
 */
function uncover(placed, pins, taken, labels, view) {
  const covering = placed.filter((one) => labels.hit(boxOf(one, [one.x, one.y], view)).length);
  if (!covering.length) return placed;
  const rows = new Map(pins.map((pin) => [pin.key, pin]));
  const gone = new Set();
  for (const one of covering) {
    const open = one.folded.find((key) => {
      const row = rows.get(key);
      const at = row && row.state === one.state && onScreen(view.viewport, row, 40, 60);
      const box = at && boxOf(row, at, view);
      return box && !labels.hit(box).length && taken.hit(box).every(({ thing }) => thing === one);
    });
    const row = open === undefined ? undefined : rows.get(open);
    const at = row && onScreen(view.viewport, row, 40, 60);
    if (row && at) {
      const folded = [one.key, ...one.folded.filter((key) => key !== open)];
      Object.assign(one, row, { folded, x: at[0], y: at[1] });
      taken.add(boxOf(row, at, view), one);
      continue;
    }
    const other = nearest(placed.filter((two) => two !== one && two.state === one.state && !gone.has(two)), [one.x, one.y], FOLD_PX);
    if (!other) continue;
    other.more += 1 + one.more;
    other.folded.push(one.key, ...one.folded);
    gone.add(one);
  }
  return placed.filter((one) => !gone.has(one));
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
function onScreen(viewport, place, margin, below) {
  const [x, y, z] = toScreen(viewport, place);
  const isNear = x > -margin && x < viewport.width + margin && y > -margin && y < viewport.height + below;
  return isBeforeCamera(z) && isNear ? [x, y] : null;
}

/**
 * The nearest one within reach.
 *
 * @template {{x: number, y: number}} T
 * @param {T[]} placed
 * @param {Point} at
 * @param {number} reach
 * @returns {T | null}
 */
function nearest(placed, [x, y], reach) {
  /** @type {{one: T, distance: number} | null} */
  let best = null;
  for (const one of placed) {
    const distance = Math.hypot(one.x - x, one.y - y);
    if (distance < reach && (!best || distance < best.distance)) best = { one, distance };
  }
  return best?.one ?? null;
}

/**
 * Circles of which none touches another one: a smaller one joins the larger, which then stands at the middle of both.
 *
 * @param {Circle[]} circles
 * @param {PlacingView} view
 * @returns {Circle[]} Small ones first.
 */
export function apart(circles, view) {
  let left = [...circles].sort((a, b) => b.n - a.n);
  for (let before = Infinity; left.length < before;) {
    before = left.length;
    /** @type {{circle: Circle, x: number, y: number}[]} */
    const kept = [];
    for (const circle of left) {
      const [x, y] = toScreen(view.viewport, circle);
      const other = kept.find((one) => touch(one, { circle, x, y }, view));
      if (other) other.circle = joined(other.circle, circle);
      else kept.push({ circle, x, y });
    }
    left = kept.map(({ circle }) => circle).sort((a, b) => b.n - a.n);
  }
  return left.reverse();
}

/**
 * @param {{circle: Circle, x: number, y: number}} a
 * @param {{circle: Circle, x: number, y: number}} b
 * @param {PlacingView} view
 */
const touch = (a, b, view) => Math.hypot(a.x - b.x, a.y - b.y) < circleRadius(a.circle, view) + circleRadius(b.circle, view) + 3;

/**
 * Two circles as one, at the middle of what they hold.
 *
 * @param {Circle} a
 * @param {Circle} b
 * @returns {Circle}
 */
export function joined(a, b) {
  const share = b.n / (a.n + b.n);
  const middle = (/** @type {number} */ from, /** @type {number} */ to) => from + (to - from) * share;
  return {
    n: a.n + b.n,
    overdue: a.overdue + b.overdue,
    lon: nearestTurn(middle(a.lon, nearestTurn(b.lon, a.lon)), 0),
    lat: middle(a.lat, b.lat),
  };
}

/**
 * Circles of which none lies under a name: those that do are counted in the nearest other one, which stays where it is.
 *
 * @param {Circle[]} circles
 * @param {Boxes<object>} names What names take.
 * @param {PlacingView} view
 */
export function besideNames(circles, names, view) {
  const placed = circles.map((circle) => {
    const [x, y] = toScreen(view.viewport, circle);
    const r = circleRadius(circle, view);
    return { circle, x, y, covered: names.hit(around([x, y], r, r)).length > 0 };
  });
  const free = placed.filter(({ covered }) => !covered);
  for (const { circle, x, y } of placed.filter(({ covered }) => covered)) {
    const other = nearest(free, [x, y], Infinity);
    if (!other) free.push({ circle, x, y, covered: true });
    else other.circle = { ...other.circle, n: other.circle.n + circle.n, overdue: other.circle.overdue + circle.overdue };
  }
  return free.map(({ circle }) => circle).sort((a, b) => a.n - b.n);
}
