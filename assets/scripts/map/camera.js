/** The camera: a long lens, the picked area in the free part of the map, and no motion for those who asked for none. */

import { reducedMotion } from '../dom.js';
import { nearestTurn } from './world.js';

const FOVY = 28;
const FLIGHT_MS = 700;
const TURN_MS = 600;
const SMALL_PX = 700;
/** A fitted camera comes no nearer than this. */
const FIT_MOST_ZOOM = 17.2;

/**
 * What panels cover, in pixels. The page may say otherwise on the map's element: --map-left, --map-right, --map-top, --map-bottom; and
 * with --map-small below which width it is a phone's.
 *
 * @param {HTMLElement} root
 * @param {Size} size Of the whole picture, of which the element may show a part.
 * @returns {Padding}
 */
export function padding(root, { width, height }) {
  const style = getComputedStyle(root);
  const small = width < (parseFloat(style.getPropertyValue('--map-small')) || SMALL_PX);
  const usual = small ? [0, 0, 124, 490] : [304, 384, 48, 88];
  const sides = ['left', 'right', 'top', 'bottom'].map((side, i) => {
    const said = parseFloat(style.getPropertyValue('--map-' + side));
    return Number.isFinite(said) ? said : usual[i];
  });
  return { ...limitedPadding(sides, { width, height }), small };
}

/**
 * A part of the map stays free, whatever the panels say: a third across, a quarter down (a phone's sheet and legend are tall).
 *
 * @param {number[]} sides Left, right, top, bottom.
 * @param {Size} size
 */
export function limitedPadding([left, right, top, bottom], { width, height }) {
  const across = Math.min(1, (width * 0.67) / Math.max(1, left + right));
  const down = Math.min(1, (height * 0.76) / Math.max(1, top + bottom));
  return { left: left * across, right: right * across, top: top * down, bottom: bottom * down };
}

/**
 * deck.gl's view, with the free part of the map in its middle.
 *
 * @param {Padding} padding
 * @param {Limits} limits
 * @param {{x: number, width: number} | null} [frame] Where the whole picture lies, where the canvas shows a part of it: pixels.
 */
export function makeView({ left, right, top, bottom }, limits, frame = null) {
  const inertia = reducedMotion() ? false : 250;
  return new deck.MapView({
    id: 'm',
    ...frame,
    // Only where the 180th meridian is near does the world show twice.
    repeat: true,
    fovy: FOVY,
    padding: { left, right, top, bottom },
    farZMultiplier: 1.3,
    controller: { keyboard: true, touchRotate: true, touchZoom: true, doubleClickZoom: true, inertia, ...limits },
  });
}

/**
 * The part of the map that no panel covers, a little smaller.
 *
 * @param {Padding} padding
 * @param {Size} size
 * @returns {Box}
 */
export const freeBox = (
  padding,
  { width, height },
) => [padding.left + 8, padding.top + 8, width - padding.right - 8, height - padding.bottom - 8];

/**
 * The camera that shows a box (degrees) as large as the free part of the map allows. Its corners may reach a little over the edge:
 * areas seldom fill the corners of their box.
 *
 * @param {any} view
 * @param {Pick<Spec['camera'], 'box' | 'pitch' | 'bearing' | 'limits'>} wanted
 * @param {Size} size
 * @param {Padding} padding
 * @returns {Camera}
 */
export function fit(view, { box: [west, south, end, north], pitch, bearing, limits }, size, padding) {
  const half = pitch ? 0.46 : 0.49;
  // A box across the 180th meridian ends west of where it begins, as in RFC 7946.
  const east = end < west ? end + 360 : end;
  const [x, y, dx, dy] = [(west + east) / 2, (south + north) / 2, (east - west) * half, (north - south) * half];
  const corners = [[x - dx, y - dy], [x + dx, y - dy], [x + dx, y + dy], [x - dx, y + dy]];
  const free = freeBox(padding, size);
  let camera = { longitude: x, latitude: y, zoom: limits.minZoom, pitch, bearing };
  let [low, high] = [limits.minZoom, FIT_MOST_ZOOM];
  for (let i = 0; i < 14; i++) {
    const zoom = (low + high) / 2;
    const seen = spread(view.makeViewport({ ...size, viewState: { ...camera, zoom } }), corners);
    const fits = seen && seen[2] - seen[0] <= free[2] - free[0] && seen[3] - seen[1] <= free[3] - free[1];
    if (fits) low = zoom;
    else high = zoom;
  }
  camera = { ...camera, zoom: low };
  for (let i = 0; i < 3; i++) camera = recentred(view.makeViewport({ ...size, viewState: camera }), corners, free, camera);
  return { ...camera, longitude: nearestTurn(camera.longitude, 0) };
}

/**
 * The box on the screen around points; null when one is behind the camera.
 *
 * @param {Viewport} viewport
 * @param {number[][]} corners
 * @returns {Box | null}
 */
function spread(viewport, corners) {
  const points = corners.map((corner) => viewport.project([...corner, 0]));
  if (points.some((p) => !(p[2] > -1 && p[2] < 1))) return null;
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/**
 * The camera moved so that points stand in the middle of the free part.
 *
 * @param {Viewport} viewport
 * @param {number[][]} corners
 * @param {Box} free
 * @param {Camera} camera
 * @returns {Camera}
 */
function recentred(viewport, corners, free, camera) {
  const seen = spread(viewport, corners);
  if (!seen) return camera;
  const [cx, cy] = viewport.project([camera.longitude, camera.latitude, 0]);
  const shift = [(seen[0] + seen[2] - free[0] - free[2]) / 2, (seen[1] + seen[3] - free[1] - free[3]) / 2];
  const [longitude, latitude] = viewport.unproject([cx + shift[0], cy + shift[1]]);
  return { ...camera, longitude, latitude };
}

/**
 * A camera on its way, or at its place at once for those who asked for less motion.
 *
 * @param {Camera} to
 * @param {number} [ms]
 * @returns {Flight}
 */
export function flying(to, ms = FLIGHT_MS) {
  if (reducedMotion()) return arrived(to);
  const transitionInterpolator = new deck.LinearInterpolator(['longitude', 'latitude', 'zoom', 'pitch', 'bearing']);
  return { ...to, transitionDuration: ms, transitionInterpolator, transitionEasing: (t) => 1 - Math.pow(1 - t, 3) };
}

/**
 * A camera at its place.
 *
 * @param {Camera} to
 * @returns {Flight}
 */
export const arrived = (to) => ({ ...to, transitionDuration: 0 });

/**
 * The same place seen from above, or at an angle.
 *
 * @param {Camera} now
 * @param {{pitch: number, bearing: number}} tilt
 */
export const tilted = (now, { pitch, bearing }) => flying({ ...now, pitch, bearing }, TURN_MS);

/**
 * The camera without anything else that deck.gl keeps beside it.
 *
 * @param {Camera} camera
 * @returns {Camera}
 */
export const plainCamera = ({ longitude, latitude, zoom, pitch, bearing }) => ({ longitude, latitude, zoom, pitch, bearing });
