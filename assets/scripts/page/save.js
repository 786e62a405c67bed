/** What a reader takes along: the figures as a file of tables, the map on a sheet with all that a map needs. */

import { closest, required } from '../dom.js';
import { download, nameOf } from '../download.js';
import { noteFailure } from '../failures.js';
import { map } from '../map/grid_map.js';
import { composeSheet } from './map_sheet.js';
import { clearTrouble, reportTrouble } from './notices.js';

const TROUBLE = 'save';
const QUALITY = 0.92;

/** @param {string} selector */
const textOf = (selector) => document.querySelector(selector)?.textContent?.trim() ?? '';

const language = () => document.documentElement.lang.slice(0, 2);

/**
 * Figures of the area and the days on screen, with their filters.
 *
 * @param {HTMLElement} button
 */
async function saveFigures(button) {
  const { code = '', query = '', format = 'csv' } = button.dataset;
  const answer = await fetch(`/api/areas/${encodeURIComponent(code)}?${query}&format=${format}&lang=${language()}`);
  if (!answer.ok) throw new Error(`answer ${answer.status}`);
  download(await answer.blob(), nameOf(answer.headers.get('Content-Disposition'), fileName(format, button)));
}

/**
 * The map on a sheet. The server is told before it leaves; it also makes the PDF.
 *
 * @param {HTMLElement} button
 */
async function saveMap(button) {
  const { code = '', format = 'png', paper = 'a4' } = button.dataset;
  const picture = map.picture();
  if (!picture) return;
  const facts = sheetFacts(button);
  const font = getComputedStyle(document.documentElement).getPropertyValue('--sans') || 'sans-serif';
  const { sheet, texts } = composeSheet(picture, facts, paper, font);
  const type = format === 'pdf' ? 'image/jpeg' : 'image/png';
  /** @type {Blob | null} */
  const content = await new Promise((done) => sheet.toBlob(done, type, QUALITY));
  if (!content) throw new Error('the browser makes no picture');
  const query = new URLSearchParams({
    format,
    paper,
    area: code,
    title: `${facts.title} · ${facts.measure}`.slice(0, 200),
    lang: language(),
  });
  // Behind the picture stands what is written on it, so that the PDF can be searched.
  const words = new Blob([JSON.stringify(texts)]);
  if (format === 'pdf') query.set('words', String(words.size));
  const body = format === 'pdf' ? new Blob([content, words]) : undefined;
  const headers = { 'X-Gridwell-CSRF': required('meta[name="csrf"]').getAttribute('content') ?? '' };
  const answer = await fetch(`/map/sheet?${query}`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`answer ${answer.status}`);
  download(format === 'pdf' ? await answer.blob() : content, fileName(format, button));
}

/**
 * What the sheet says, from the page as it is shown.
 *
 * @param {HTMLElement} button
 * @returns {import('./map_sheet.js').SheetFacts}
 */
function sheetFacts(button) {
  const words = JSON.parse(button.dataset.words ?? '{}');
  return {
    title: textOf('#panel h1'),
    measure: textOf('.layers .pick-text b'),
    days: textOf('.layers .pick-text .sub'),
    note: textOf('.layers .layer .note'),
    legend: legendFacts(),
    layers: [...document.querySelectorAll('.layers .layer-head:not(.off) .layer-name')].map((one) => one.textContent ?? ''),
    lines: words.lines ?? [],
    north: words.north ?? 'N',
    centre: words.centre ?? '',
    ...map.scale(),
  };
}

/** The classes of the coloured areas: each colour with the break after it, or with its words where it is told in words. */
function legendFacts() {
  const cells = [...document.querySelectorAll('.layers .ramp[data-breaks] i')];
  const breaks = [...document.querySelectorAll('.layers .ramp[data-breaks] + .ramp-ticks span')];
  const lines = [...document.querySelectorAll('.layers .categories.lines > div')];
  return [
    ...cells.map((one, i) => ({ color: colorOf(one), label: breaks[i]?.textContent ?? '', joined: true })),
    ...lines.map((one) => ({ color: colorOf(one.firstElementChild ?? one), label: one.textContent ?? '' })),
  ];
}

/** @param {Element} one */
const colorOf = (one) => getComputedStyle(one).backgroundColor;

/**
 * @param {string} ending
 * @param {HTMLElement} button
 */
const fileName = (ending, button) =>
  `gridwell-${(button.dataset.code ?? '').replace(/[^\w-]/g, '_')}-${button.dataset.days ?? ''}.${ending}`;

/**
 * The act of a button, if it saves anything.
 *
 * @param {MouseEvent} event
 */
export function saved(event) {
  const button = closest(event, '[data-save]');
  if (!button) return;
  const act = button.dataset.save === 'map' ? saveMap : saveFigures;
  act(button).then(() => clearTrouble(TROUBLE), (error) => {
    noteFailure(error);
    reportTrouble(TROUBLE, 'silent');
  });
}
