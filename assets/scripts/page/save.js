/** What a reader takes along: the figures as a table, the map as a picture with the meaning of its colours. */

import { closest, element } from '../dom.js';
import { noteFailure } from '../failures.js';
import { map } from '../map/grid_map.js';
import { clearTrouble, reportTrouble } from './notices.js';
import { figuresTable } from './tables.js';

const TROUBLE = 'save';
const MARGIN = 16;
const LINE = 22;

/**
 * Hand a file to the browser, which asks where it goes.
 *
 * @param {Blob} content
 * @param {string} name
 */
function download(content, name) {
  const link = element('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.target = '_self';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {string} selector */
const textOf = (selector) => document.querySelector(selector)?.textContent?.trim() ?? '';

/**
 * Figures of the area and the days on screen, with their filters.
 *
 * @param {HTMLElement} button
 */
async function saveFigures(button) {
  const { code = '', query = '', words = '{}' } = button.dataset;
  try {
    const answer = await fetch(`/api/areas/${encodeURIComponent(code)}?${query}`);
    if (!answer.ok) throw new Error(`answer ${answer.status}`);
    clearTrouble(TROUBLE);
    const lang = document.documentElement.lang.slice(0, 2);
    download(
      new Blob([figuresTable(await answer.json(), JSON.parse(words), lang)], { type: 'text/csv;charset=utf-8' }),
      fileName('csv', button),
    );
  } catch (error) {
    noteFailure(error);
    reportTrouble(TROUBLE, 'silent');
  }
}

/** @param {HTMLElement} button */
function saveMap(button) {
  const picture = map.picture();
  if (picture) withLegend(picture).toBlob((content) => content && download(content, fileName('png', button)));
}

/**
 * @param {string} ending
 * @param {HTMLElement} button
 */
const fileName = (ending, button) =>
  `gridwell-${(button.dataset.code ?? '').replace(/[^\w-]/g, '_')}-${button.dataset.days ?? ''}.${ending}`;

/**
 * A picture with a strip below it: area, measure, days, and the colours with their breaks.
 *
 * @param {HTMLCanvasElement} picture
 */
function withLegend(picture) {
  const scale = Math.min(devicePixelRatio, 2);
  const page = getComputedStyle(document.documentElement);
  const strip = (3 * LINE + 2 * MARGIN) * scale;
  const made = element('canvas');
  [made.width, made.height] = [picture.width, picture.height + strip];
  const pen = /** @type {CanvasRenderingContext2D} */ (made.getContext('2d'));
  pen.fillStyle = page.getPropertyValue('--surface');
  pen.fillRect(0, 0, made.width, made.height);
  pen.drawImage(picture, 0, 0);
  pen.translate(0, picture.height);
  pen.scale(scale, scale);
  pen.fillStyle = page.getPropertyValue('--text');
  pen.textBaseline = 'middle';
  const font = page.getPropertyValue('--sans');
  pen.font = `700 15px ${font}`;
  pen.fillText(`${textOf('#panel h1')} · ${textOf('.layers .pick-text b')}`, MARGIN, MARGIN + LINE / 2);
  pen.font = `13px ${font}`;
  pen.fillText(`${textOf('.layers .pick-text .sub')} · ${textOf('.layers .layer .note')}`, MARGIN, MARGIN + 1.5 * LINE);
  drawRamp(pen, MARGIN + 2 * LINE);
  return made;
}

/**
 * The colours of the areas, with the values between them.
 *
 * @param {CanvasRenderingContext2D} pen
 * @param {number} top
 */
function drawRamp(pen, top) {
  const cells = [...document.querySelectorAll('.layers .ramp[data-breaks] i')];
  const breaks = [...document.querySelectorAll('.layers .ramp[data-breaks] + .ramp-ticks span')];
  const text = pen.fillStyle;
  let x = MARGIN;
  cells.forEach((one, i) => {
    pen.fillStyle = getComputedStyle(one).backgroundColor;
    pen.fillRect(x, top + 4, 28, 14);
    x += 34;
    pen.fillStyle = text;
    const label = breaks[i]?.textContent ?? '';
    pen.fillText(label, x, top + 11);
    x += pen.measureText(label).width + 8;
  });
}

/**
 * The act of a button, if it saves anything.
 *
 * @param {MouseEvent} event
 */
export function saved(event) {
  const button = closest(event, '[data-save]');
  if (button?.dataset.save === 'figures') saveFigures(button);
  if (button?.dataset.save === 'map') saveMap(button);
}
