/** How large things are drawn: one unit for the whole picture, from the screen and from how far away its readers stand. */

/** Columns and rows of each layout in units. */
const LAYOUTS = { standard: { columns: 192, rows: 108 }, band: { columns: 384, rows: 108 }, tall: { columns: 108, rows: 192 } };
/** The smallest sizes of the style sheet in units: of Chinese, and of digits and Latin letters. */
export const SMALLEST = { chinese: 2.4, latin: 2.1 };
/** Minutes of arc that the smallest text takes at least at the farthest reader; more strokes need more. */
export const LEAST_ARC = { chinese: 25, latin: 21 };
/** Height of the picture and distance of the farthest reader in metres, unless the address says so: a wall, or a screen that stands upright. */
export const USUAL = { standard: { wallM: 2.7, viewM: 8 }, band: { wallM: 2.7, viewM: 8 }, tall: { wallM: 1.9, viewM: 3.2 } };
/** Below so many columns no panels stand at the right, and below so many rows no map is drawn between the columns. */
const FEWEST_COLUMNS = { standard: 140, band: 220, tall: 90 };

/** @typedef {'standard' | 'band' | 'tall'} Layout */
/** @typedef {{layout: Layout, unit: number, columns: number, rows: number, bare: boolean}} Screen */

/**
 * The layout of a picture.
 *
 * @param {Size} size
 * @param {string | null} [wanted] Of the address.
 * @returns {Layout}
 */
export function chooseLayout({ width, height }, wanted = null) {
  if (wanted && wanted in LAYOUTS) return /** @type {Layout} */ (wanted);
  const ratio = width / Math.max(1, height);
  return ratio < 1 ? 'tall' : ratio > 2.4 ? 'band' : 'standard';
}

/** Millimetres that an angle takes at a distance. @param {number} minutes @param {number} metres */
export const heightAt = (minutes, metres) => Math.tan((minutes / 60) * (Math.PI / 180)) * metres * 1000;

/**
 * The unit in pixels. It is at least so large that the smallest text can be read by the farthest reader: then fewer things have room.
 *
 * @param {Size} size
 * @param {{layout?: string | null, wallM?: number | null, viewM?: number | null}} [given]
 * @returns {Screen}
 */
export function fitScreen(size, given = {}) {
  const layout = chooseLayout(size, given.layout);
  const wallM = given.wallM ?? USUAL[layout].wallM;
  const viewM = given.viewM ?? USUAL[layout].viewM;
  const { columns, rows } = LAYOUTS[layout];
  const fitting = layout === 'band' ? size.height / rows : Math.min(size.width / columns, size.height / rows);
  const mmPerPixel = (wallM * 1000) / size.height;
  const least = Math.max(
    ...(/** @type {const} */ (['chinese', 'latin'])).map((kind) => heightAt(LEAST_ARC[kind], viewM) / SMALLEST[kind] / mmPerPixel),
  );
  const unit = Math.max(fitting, least);
  const across = size.width / unit;
  return { layout, unit, columns: across, rows: size.height / unit, bare: across < FEWEST_COLUMNS[layout] };
}

/**
 * Which of several things have room, the important ones first.
 *
 * @param {{height: number, rank: number}[]} things In their order.
 * @param {number} room
 */
export function choose(things, room) {
  const kept = new Set();
  let left = room;
  for (const one of [...things].sort((a, b) => a.rank - b.rank)) {
    if (one.height > left) break;
    left -= one.height;
    kept.add(one);
  }
  return things.map((one) => kept.has(one));
}

/** A number of the address, inside limits; null where it says none. @param {string | null} text @param {number} least @param {number} most */
export function numberOf(text, least, most) {
  const value = Number(text ?? NaN);
  return Number.isFinite(value) && text?.trim() ? Math.min(most, Math.max(least, value)) : null;
}

/** What the address says of the screen. @param {string} search */
export function readScreen(search) {
  const query = new URLSearchParams(search);
  return {
    layout: query.get('layout'),
    wallM: numberOf(query.get('wall_m'), 0.2, 30),
    viewM: numberOf(query.get('view_m'), 0.5, 100),
  };
}

/** What panels cover of the map, in units: left, right, top, bottom. @param {Screen} screen */
export function covered({ layout, rows, bare }) {
  if (layout === 'tall') return { left: 2, right: 2, top: 72, bottom: rows - 118 };
  return { left: layout === 'band' ? 92 : 44, right: bare ? 6 : layout === 'band' ? 106 : 50, top: 12, bottom: 12 };
}
