/** The world is round: a place has one longitude for each turn, and a map shows the one nearest to its middle. */

/**
 * The longitude of the same place that lies nearest to another one.
 *
 * @param {number} lon Degrees.
 * @param {number} middle Degrees.
 */
export const nearestTurn = (lon, middle) => lon + 360 * Math.round((middle - lon) / 360);

/**
 * A place on the screen: x, y and depth.
 *
 * @param {Viewport} viewport
 * @param {{lon: number, lat: number}} place
 */
export const toScreen = (viewport, { lon, lat }) => viewport.project([nearestTurn(lon, viewport.longitude ?? lon), lat, 0]);

/**
 * The place on the ground that lies under a pixel, with its longitude between -180 and 180.
 *
 * @param {Viewport} viewport
 * @param {Point} pixel
 * @returns {Point}
 */
export function toGround(viewport, pixel) {
  const [lon, lat] = viewport.unproject(pixel);
  return [nearestTurn(lon, 0), lat];
}

/**
 * Whether a projected depth is in front of the camera.
 *
 * @param {number} z
 */
export const isBeforeCamera = (z) => z > -1 && z < 1;
