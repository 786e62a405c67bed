/** The button that takes the charts of a panel out, as pictures. */

import { box } from '../desk/cells.js';
import { say } from '../desk/facts.js';

/** Pixels of a picture for one of the page. */
const SHARPNESS = 3;

/** @typedef {{tools: HTMLElement, body: HTMLElement, root: HTMLElement}} Host */

/** Offer the charts of a panel as pictures, drawn by plotly itself. @param {Host} panel */
export function offerPictures(panel) {
  const made = box('button', 'plain', 'PNG');
  made.type = 'button';
  made.dataset.form = 'png';
  made.setAttribute('aria-label', say('save_picture'));
  made.addEventListener('click', () => void saveCharts(panel));
  panel.tools.replaceChildren(made);
}

/** @param {Host} panel */
async function saveCharts(panel) {
  const charts = [...panel.body.querySelectorAll('.js-plotly-plot')];
  for (const [n, chart] of charts.entries()) {
    const { clientWidth: width, clientHeight: height } = chart;
    const filename = `gridwell-${panel.root.id}${charts.length > 1 ? `-${n + 1}` : ''}`;
    await /** @type {any} */ (globalThis).Plotly.downloadImage(chart, { format: 'png', width, height, scale: SHARPNESS, filename });
  }
}
