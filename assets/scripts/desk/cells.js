/** What stands in the cells of the table: elements made from a row, and nothing else. */

import { element } from '../dom.js';
import { area as shownArea, now } from './city.js';
import { inLanguage, known, say } from './facts.js';
import { icon, severityBars } from './icons.js';
import { noteOf } from './many/notes.js';
import { agoText, deadline } from './moments.js';
import { OPEN_STAGES } from './state.js';

/**
 * An element with others in it; what is missing is left out.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {...(Node | string | null | undefined)} inside
 */
export function box(tag, className, ...inside) {
  const made = element(tag, className);
  made.append(...inside.filter((one) => one !== null && one !== undefined));
  return made;
}

/**
 * Two lines of small text.
 *
 * @param {string} first
 * @param {string} second
 * @param {string} [className]
 */
function lines(first, second, className = '') {
  return box('div', `cell-lines ${className}`, element('div', '', first), element('div', 'dim', second));
}

/** A case's title in the reader's language. @param {DeskCase} row */
export const titleOf = (row) => inLanguage(row.title, row.title_en) || row.number;

/** @param {DeskCase} row */
export const categoryOf = (row) => inLanguage(row.category_name, row.category_name_en) || row.category;

/** @param {string} stage */
export const stageName = (stage) => known(`stage_${stage}`) ? say(`stage_${stage}`) : stage;

/** @param {string} source */
export const sourceName = (source) => known(`source_${source}`) ? say(`source_${source}`) : source;

/** @param {number} severity */
export const severityName = (severity) => say(`severity_${severity}`);

/** The unit's name, or whoever handled it as published; a case that waits to be dispatched has none. @param {DeskCase} row */
export const unitOf = (row) => (row.unit ? nameUnit(row) : isReturned(row) ? '' : row.handler) ?? '';

/** Who works on it, by the name on the page. @param {DeskCase} row */
export const assigneeOf = ({ assignee, assignee_shown: shown }) => (assignee ? shown ?? assignee : '');

/** Whether a case is at the desk again: the name of the unit that had it stays in its row. @param {DeskCase} row */
const isReturned = ({ stage, version }) => version > 0 && (stage === 'reported' || stage === 'filed');

/** @param {DeskCase} row */
function nameUnit({ unit, city }) {
  const { city: listed, units, everyUnit } = shownArea();
  if (city === listed || !city) return units.get(unit ?? '') ?? unit;
  const found = everyUnit.find((one) => one.city === city && one.code === unit);
  return found ? inLanguage(found.name, found.name_en) : unit;
}

/** @param {DeskCase} row */
export function categoryTile(row, size = 18) {
  const symbol = shownArea().categories[row.category]?.symbol ?? 'incident';
  return box('span', 'tile', icon(symbol, size));
}

/** The deadline in words with its bar: colour, symbol and word say the same. @param {DeskCase} row */
export function deadlineCell(row) {
  const { text, share } = deadline(row, now(), say);
  const state = row.state ?? 'ended';
  const word = box('b', `due-${state}`, icon(state, 14, 2), element('span', '', text));
  const moment = element('span', 'dim', row.due_at ? shownArea().clock.moment(row.due_at, now()) : '');
  const made = box('div', 'due', box('div', 'due-line', word, moment));
  if (share !== null || state === 'paused') made.append(bar(share ?? 0, state));
  return made;
}

/**
 * The share of the time that is used, with a gap at three quarters: from there on a case is due soon.
 *
 * @param {number} share
 * @param {string} state
 */
function bar(share, state) {
  const used = element('i', `bar-${state}`);
  used.style.width = `${(share * 100).toFixed(1)}%`;
  return box('div', 'time-bar', used);
}

/** The stage, and how far along the way that is. @param {DeskCase} row */
export function stageCell(row) {
  const place = OPEN_STAGES.indexOf(row.stage);
  const steps = OPEN_STAGES.map((_, n) => element('i', place < 0 || n < place ? 'done' : n === place ? 'here' : ''));
  return box('div', 'stage', element('div', '', stageName(row.stage)), place < 0 ? null : box('div', 'stage-steps', ...steps));
}

/** @param {DeskCase} row */
export function severityCell(row) {
  const name = severityName(row.severity);
  const made = box('div', `severity level-${row.severity}`, severityBars(row.severity), element('span', '', name));
  made.title = name;
  return made;
}

/** @param {DeskCase} row */
export function caseCell(row) {
  const title = element('div', 'case-title', titleOf(row));
  title.title = titleOf(row);
  // Where the stage has no column of its own, it stands here in place of the category.
  const below = box(
    'div',
    'dim',
    row.number,
    element('span', 'case-category', ` · ${categoryOf(row)}`),
    element('span', 'case-stage', ` · ${stageName(row.stage)}`),
  );
  return box('div', 'case', categoryTile(row), box('div', 'case-words', title, below));
}

/** A whole case in one cell, for a narrow screen. @param {DeskCase} row */
export function cardCell(row) {
  const place = inLanguage(row.above_name, row.above_name_en);
  const below = [stageName(row.stage), place].filter(Boolean).join(' · ');
  return box(
    'div',
    'case card-row',
    categoryTile(row, 24),
    box('div', 'case-words', element('div', 'case-title', titleOf(row)), element('div', 'dim', below), deadlineCell(row)),
  );
}

/** @param {DeskCase} row */
export const placeCell = (row) => lines(inLanguage(row.grid_name, row.grid_name_en), inLanguage(row.above_name, row.above_name_en));

/** @param {DeskCase} row */
export const unitCell = (row) => {
  const note = noteOf(row);
  const made = lines(unitOf(row) || say('none'), note ? '' : assigneeOf(row));
  if (note) made.lastElementChild?.replaceWith(note);
  return made;
};

/** The first photo of a case, small, and how many files there are. @param {DeskCase} row */
export function photoCell({ file, files }) {
  if (!file) return element('div', 'cell-text dim', say('none'));
  const image = document.createElement('img');
  image.src = `/api/attachments/${file}?size=small`;
  image.alt = '';
  image.loading = 'lazy';
  // A paper has no picture, and one that was blurred is not for everybody.
  image.addEventListener('error', () => image.replaceWith(icon('clip', 18)));
  const made = box('div', 'row-photo', image, (files ?? 1) > 1 ? element('b', '', String(files)) : null);
  made.title = say('n_files', { n: files ?? 1 });
  return made;
}

/** @param {string} text */
export const textCell = (text) => element('div', 'cell-text', text);

/** @param {string | null} moment */
export function agoCell(moment) {
  if (!moment) return element('div', 'cell-text dim', say('none'));
  const made = element('div', 'cell-text dim', agoText(Math.max(0, now() - Date.parse(moment)), say));
  made.title = shownArea().clock.moment(moment, now());
  return made;
}

/** @param {string | null} moment */
export function momentCell(moment) {
  return element('div', 'cell-text dim', moment ? shownArea().clock.moment(moment, now()) : say('none'));
}
