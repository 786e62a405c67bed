/** The map that the server draws for browsers without WebGL; here only its zoom. */

/** Share of the width and height that one step nearer leaves. */
const STEP = 0.6;

/**
 * A range that is as much wider or narrower around its middle.
 *
 * @param {number[]} range
 * @param {number} share
 */
export function scaled([from, to], share) {
  const [middle, half] = [(from + to) / 2, ((to - from) / 2) * share];
  return [middle - half, middle + half];
}

/**
 * Come nearer (1) or go farther (-1); says whether the flat map is on the page.
 *
 * @param {number} step
 */
export function zoomFlat(step) {
  const figure = /** @type {any} */ (document.querySelector('#fallback-figure .js-plotly-plot'));
  const { Plotly } = /** @type {any} */ (globalThis);
  if (!figure?._fullLayout || !Plotly) return false;
  const share = STEP ** step;
  const { xaxis, yaxis } = figure._fullLayout;
  Plotly.relayout(figure, { 'xaxis.range': scaled(xaxis.range, share), 'yaxis.range': scaled(yaxis.range, share) });
  return true;
}
