/** The large figures at the left: a title, a number, and the line that says what the number is worth. */

import { required } from '../dom.js';
import { say } from '../desk/facts.js';
import { box, redraw, whole, write } from './parts.js';

/** @typedef {{name: string, title: string, value: string, unit: string, note: (Node | string)[], none?: boolean, key: unknown}} Slot */

/** @type {Map<string, HTMLElement>} */
const slots = new Map();

/**
 * @param {WallFigures} told
 * @param {string} day Of the figures, in words, where it is not the present one.
 * @param {boolean} isOver The present day has begun since: nothing is known of it yet.
 */
export function paintKeyFigures(told, day, isOver) {
  const host = required('#key-figures');
  if (!slots.size) {
    for (const name of ['today', 'open', 'on_time', 'proactive']) host.append(frame(name, 'wall-figure'));
    for (const name of ['satisfied', 'workers']) host.append(frame(name, 'wall-figure brief'));
  }
  [
    isOver ? unknownToday() : today(told, day),
    open(told),
    share('on_time', told.on_time, 'of_due'),
    share('proactive', told.proactive, 'of_reported'),
    share('satisfied', told.satisfied, 'of_called'),
    workers(told),
  ].forEach(paint);
}

/** @param {string} name @param {string} look */
function frame(name, look) {
  const made = box('div', look, box('h2', ''), box('p', 'wall-value', box('span', ''), box('small', '')), box('p', 'wall-note'));
  made.dataset.figure = name;
  slots.set(name, made);
  return made;
}

/** @param {Slot} slot */
function paint({ name, title, value, unit, note, none = false, key }) {
  const at = /** @type {HTMLElement} */ (slots.get(name));
  write(required('h2', at), title);
  const number = required('.wall-value', at);
  number.classList.toggle('none', none);
  write(required('span', number), value);
  write(required('small', number), unit);
  redraw(required('.wall-note', at), key, () => note);
}

/** @returns {Slot} */
const unknownToday = () => ({ name: 'today', title: say('today'), value: '–', unit: say('cases_unit'), note: [], key: '' });

/** @param {WallFigures} told @param {string} day @returns {Slot} */
function today({ reported: { n, usual }, hours }, day) {
  const more = usual === null ? 0 : Math.round(n - usual);
  const how = more > 0 ? 'usual_more' : more < 0 ? 'usual_fewer' : 'usual_same';
  // Hours are known, but only of a few days: nothing is usual yet.
  const note = usual === null ? (hours ? '' : say('no_hours')) : say(how, { usual: whole(usual), n: whole(Math.abs(more)) });
  const title = day ? say('on_day', { day }) : say('today');
  return { name: 'today', title, value: whole(n), unit: say('cases_unit'), note: [note], key: note };
}

/** @param {WallFigures} told @returns {Slot} */
function open({ open: { n, overdue, due_soon } }) {
  const note = [
    box('b', 'overdue', say('overdue', { n: whole(overdue) })),
    box('b', 'amber', say('due_soon', { n: whole(due_soon) })),
  ];
  return { name: 'open', title: say('open'), value: whole(n), unit: say('cases_unit'), note, key: [overdue, due_soon] };
}

/** @param {string} name @param {WallShare} told @param {string} fraction @returns {Slot} */
function share(name, { numerator, denominator, value, reason }, fraction) {
  const title = say(name);
  if (value === null) {
    const why = say(reason === 'needs_cases' || reason === 'too_few' ? reason : name === 'satisfied' ? 'no_calls' : 'no_cases');
    return { name, title, value: why, unit: '', note: [], none: true, key: '' };
  }
  const note = say(fraction, { n: whole(numerator ?? 0), all: whole(denominator ?? 0) });
  return { name, title, value: percent(value), unit: '%', note: [note], key: note };
}

/** Not rounded up to 100. @param {number} value */
export function percent(value) {
  const shown = (value * 100).toFixed(1);
  return value < 1 && shown === '100.0' ? '99.9' : shown === '100.0' ? '100' : shown;
}

/** @param {WallFigures} told @returns {Slot} */
function workers({ workers: told }) {
  if (told === null) return { name: 'workers', title: say('workers'), value: say('no_source'), unit: '', note: [], none: true, key: '' };
  const note = say('of_grids', { n: whole(told.grids), all: whole(told.of_grids) });
  if (told.people === null) return { name: 'workers', title: say('workers'), value: note, unit: '', note: [], none: true, key: '' };
  return { name: 'workers', title: say('workers'), value: whole(told.people), unit: '', note: [note], key: note };
}
