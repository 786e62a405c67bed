/** Far away: points counted in squares of the screen, at the middle of what they hold. */

/** Side of the world at zoom 0, in pixels. */
const WORLD_PX = 512;
const SQUARES_PER_TILE = 5;
/** Of circles on a phone. */
const SMALL_SCALE = 0.75;

/**
 * @param {Pick<CaseRow, 'lon' | 'lat' | 'n' | 'overdue' | 'state'>[]} points Single cases, or rows that count several (`n`, `overdue`).
 * @param {number} zoom
 * @returns {Circle[]} Small ones first, so that large ones are drawn over them.
 */
export function cluster(points, zoom) {
  const side = WORLD_PX / Math.pow(2, Math.floor(zoom * 2) / 2) / SQUARES_PER_TILE;
  /** @type {Map<number, Circle>} */
  const cells = new Map();
  for (const point of points) {
    const [x, y] = [(point.lon + 180) * (WORLD_PX / 360), mercator(point.lat)];
    const key = Math.floor(x / side) * 1e7 + Math.floor(y / side);
    const cell = cells.get(key) || { n: 0, overdue: 0, lon: 0, lat: 0 };
    const n = point.n || 1;
    cell.overdue += point.n ? point.overdue ?? 0 : point.state === 'overdue' ? 1 : 0;
    cell.lon += (point.lon - cell.lon) * (n / (cell.n + n));
    cell.lat += (point.lat - cell.lat) * (n / (cell.n + n));
    cell.n += n;
    cells.set(key, cell);
  }
  return [...cells.values()].sort((a, b) => a.n - b.n);
}

/**
 * Web Mercator's y in pixels at zoom 0, from the equator.
 *
 * @param {number} lat
 */
export const mercator = (lat) => (WORLD_PX / 2 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));

/**
 * Radius of a circle in pixels: by the number alone, so that circles of two areas can be compared.
 *
 * @param {{n: number}} circle
 * @param {{small: boolean, scale: number}} view Whether the screen is a phone's, where names need the room; how much larger a large one is.
 */
export const circleRadius = ({ n }, { small, scale }) => Math.min(28, 11 + 2.4 * Math.log2(n)) * (small ? SMALL_SCALE : scale);
