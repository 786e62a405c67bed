/** How large things are drawn: one unit for the whole picture, from the screen and from how far away its readers stand. */

/** Columns and rows of each layout in units. */
const LAYOUTS = { standard: { columns: 192, rows: 108 }, band: { columns: 384, rows: 108 }, tall: { columns: 108, rows: 192 } };
/** The smallest sizes of the style sheet in units: of Chinese, and of digits and Latin letters. */
export const SMALLEST = { chinese: 2.4, latin: 2.1 };
/** Minutes of arc that the smallest text takes at least at the farthest reader; more strokes need more. */
export const LEAST_ARC = { chinese: 25, latin: 21 };
/** Height of the picture and distance of the farthest reader in metres, unless the address says so: a wall, or a screen that stands upright. */
export const USUAL = { standard: { wallM: 2.7, viewM: 8 }, band: { wallM: 2.7, viewM: 8 }, tall: { wallM: 1.9, viewM: 3.2 } };
/** Below so many columns no panels are shown, and below so many columns or rows no legend. */
const FEWEST_COLUMNS = { panels: { standard: 150, band: 240, tall: 107 }, legend: { standard: 102, band: 102, tall: 107 } };
const FEWEST_ROWS = 84;
/** With fewer columns the second part of the legend stands below the first. */
const LEGEND_COLUMNS = 178;
/** Rows between the band of hazards and the first name on the map. */
const BELOW_BAND = 1.6;
/** Rows at the foot of the picture for the ticker alone, with the legend above it, and with one of two parts above each other. */
const FOOT = { ticker: 9.5, legend: 19.5, both: 26.5 };

/** @typedef {'standard' | 'band' | 'tall'} Layout */
/** @typedef {{layout: Layout, unit: number, columns: number, rows: number, bare: boolean, unnamed: boolean, foot: number}} Screen */

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
  return { layout, unit, ...whatFits(layout, size.width / unit, size.height / unit) };
}

/**
 * @param {Layout} layout
 * @param {number} columns
 * @param {number} rows
 */
function whatFits(layout, columns, rows) {
  const bare = columns < FEWEST_COLUMNS.panels[layout];
  const unnamed = columns < FEWEST_COLUMNS.legend[layout] || rows < FEWEST_ROWS;
  const beside = layout === 'band' && !bare;
  const foot = unnamed || beside ? FOOT.ticker : columns < LEGEND_COLUMNS ? FOOT.both : FOOT.legend;
  return { columns, rows, bare, unnamed, foot };
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

/**
 * What panels cover of the map, in units: left, right, top, bottom. The city and its names stand in what is left, and no scrim lies on that.
 *
 * @param {Screen} screen
 * @param {number} [band] Where the band of hazards ends, if there is one.
 */
export function covered({ layout, bare, foot }, band = 0) {
  const above = band && band + BELOW_BAND;
  if (layout === 'tall') return { left: 3, right: 3, top: Math.max(bare ? 22 : 79, above), bottom: bare ? 22 : 76 };
  const [left, right] = layout === 'band' && !bare ? [108, 64] : [50, bare ? 6 : 58];
  return { left, right, top: Math.max(21, above), bottom: foot + 3 };
}
