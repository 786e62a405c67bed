/** Saved filters: one's own in one's own order, and those that are shared with one's units. */

import { element } from '../../dom.js';
import { onStop } from '../../lifecycle.js';
import { state } from '../address.js';
import { box } from '../cells.js';
import { countState, countText } from '../counts.js';
import { say } from '../facts.js';
import { icon } from '../icons.js';
import { get, newKey, post, sentenceOf } from '../server.js';
import { readState, sameList, writeState } from '../state.js';
import { editFilter } from './filter_dialog.js';

/** Numbers of saved filters are counted anew so often at most. */
const LEAST_MS = 30000;

/**
 * @typedef {{id: number, name: string, search: string, account: string, own: boolean, city: string | null, unit: string | null,
 *   faults: {field: string, value: string, sentence: string}[]}} SavedFilter
 */

/** @type {SavedFilter[]} */
let filters = [];
/** @type {Map<number, {n: number, more: boolean} | null>} */
const numbers = new Map();
let counting = new AbortController();
let paint = () => {};

/**
 * @param {AbortSignal} signal
 * @param {() => void} changed Draws the rail anew.
 */
export function beginSaved(signal, changed) {
  paint = changed;
  void get('/api/filters').then(({ ok, body }) => ok && take(body.filters));
  const timer = setInterval(() => document.visibilityState === 'visible' && void count(), LEAST_MS);
  onStop(signal, () => {
    clearInterval(timer);
    counting.abort();
  });
}

/** @param {SavedFilter[]} found */
function take(found) {
  filters = found;
  paint();
  void count();
}

/** What a filter shows. @param {SavedFilter} one */
const target = (one) => ({ ...readState(one.search), ...asSeen(), case: null });

/** How the list is seen, which no filter changes. */
function asSeen() {
  const { map, dim, measure } = state();
  return { map, dim, measure };
}

async function count() {
  counting.abort();
  const turn = counting = new AbortController();
  try {
    for (const one of filters) {
      numbers.set(one.id, await countState(target(one), turn.signal));
      if (turn.signal.aborted) return;
    }
    paint();
  } catch (error) {
    if (!turn.signal.aborted) throw error;
  }
}

/** The part of the address that a filter keeps. */
const presentSearch = () => writeState({ ...state(), case: null, map: null, dim: '2d', measure: null }).replace(/^\?/, '');

/**
 * Ask for a change; says what is wrong, or nothing.
 *
 * @param {string} path
 * @param {unknown} body
 */
async function change(path, body) {
  const answer = await post(path, body, newKey());
  if (answer.ok) take(answer.body.filters);
  return answer.ok ? '' : sentenceOf(answer, say('failed'));
}

/** Move an own filter up or down. @param {SavedFilter} one @param {number} by */
function move(one, by) {
  const own = filters.filter(({ own: mine }) => mine);
  const at = own.findIndex(({ id }) => id === one.id);
  const to = at + by;
  if (at < 0 || to < 0 || to >= own.length) return Promise.resolve('');
  own.splice(to, 0, ...own.splice(at, 1));
  return change('/api/filters/order', { ids: own.map(({ id }) => id) });
}

const acts = { change, move, presentSearch };

/** Save what is listed now under a name. */
export const saveFilter = () => editFilter(null, acts);

/** @param {import('../rail.js').MakeLine} line */
export function savedLines(line) {
  const add = box('button', 'rail-add', icon('plus', 14, 2.2));
  add.type = 'button';
  add.dataset.line = 'add-filter';
  add.title = say('save_filter');
  add.setAttribute('aria-label', say('save_filter'));
  add.addEventListener('click', saveFilter);
  const lines = filters.map((one) => {
    const made = line(icon('mark'), one.name, countText(numbers.get(one.id)), sameList(target(one), state()), target(one));
    made.dataset.line = `filter-${one.id}`;
    const wrong = one.faults.map(({ sentence }) => sentence).join(' ');
    if (wrong) {
      made.title = wrong;
      made.querySelector('.line-count')?.before(box('span', 'line-fault', icon('overdue', 14, 2), element('span', 'unseen', wrong)));
    } else if (!one.own) made.title = say('filter_of', { who: one.account });
    if (!one.own) return box('div', 'saved-line', made);
    const edit = box('button', 'round saved-edit', icon('more', 16, 3));
    edit.type = 'button';
    edit.dataset.line = `edit-${one.id}`;
    edit.setAttribute('aria-label', say('change_filter', { name: one.name }));
    edit.addEventListener('click', () => editFilter(one, acts));
    return box('div', 'saved-line', made, edit);
  });
  return box('div', 'saved', box('div', 'rail-head', box('h2', '', say('saved_filters')), add), ...lines);
}
