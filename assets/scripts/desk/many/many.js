/** Many at once: choose cases, look at what a step would do, take it, and take it back within a minute. */

import { element, required } from '../../dom.js';
import { onStop, part } from '../../lifecycle.js';
import { state } from '../address.js';
import { box } from '../cells.js';
import { area } from '../city.js';
import { cases, onDesk, recount } from '../desk.js';
import { facts, say } from '../facts.js';
import { icon } from '../icons.js';
import { FIRST_ORDER, listQuery } from '../state.js';
import { get } from '../server.js';
import { rank } from '../steps.js';
import { followChosen } from './boxes.js';
import { setChoosing } from './choosing.js';
import { choose, chooseTo, countChosen, MOST_CHOSEN, onChosen, release, toggle } from './chosen.js';
import { Panel } from './panel.js';
import { TakingBack } from './taking_back.js';
import { canUndo, showStrip, undo, undoStrip } from './undo_strip.js';

const SHOWN = 4;
/** Those that stand in the row; all others are behind the three dots. */
const FIRST = ['dispatch', 'hand_over', 'remark', 'pause'];

const panel = new Panel({ done, closed: () => cases().focus() });

/** The steps that this account may take on many cases, in the order of their keys. */
const steps = () => {
  const all = facts().bulk.toSorted((one, other) => rank(one.step) - rank(other.step));
  return [...FIRST.flatMap((name) => all.filter(({ step }) => step === name)), ...all.filter(({ step }) => !FIRST.includes(step))];
};

export const many = part((signal) => {
  undoStrip.start();
  onStop(signal, undoStrip.stop);
  if (!facts().bulk.length) return;
  required('#desk').append(panel.host);
  const row = box('div', 'many-row');
  row.id = 'many-row';
  row.hidden = true;
  row.setAttribute('role', 'group');
  row.setAttribute('aria-label', say('many'));
  required('#toolrow').after(row);
  followChosen(required('#table'), () => cases().pages);
  onChosen(() => paintRow());
  onDesk((what) => what === 'list' && followList());
  addEventListener('beforeunload', (event) => panel.order?.busy && event.preventDefault(), { signal });
});

/** The list whose cases are chosen: with another one, what is not seen any more is not chosen any more. */
let ofList = '';

function followList() {
  const now = String(listQuery({ ...state(), sort: FIRST_ORDER }, facts()));
  if (now !== ofList && countChosen() && !panel.order?.busy) release();
  ofList = now;
  paintRow();
}

function paintRow() {
  const row = required('#many-row');
  const n = countChosen();
  row.hidden = n === 0;
  if (!n) {
    if (panel.open && !panel.order) panel.close();
    return row.replaceChildren();
  }
  const all = steps();
  const buttons = all.slice(0, SHOWN).map((step, place) => {
    const made = box('button', place ? 'step' : 'step first', element('span', '', step.name), box('kbd', '', String(place + 1)));
    made.type = 'button';
    made.dataset.step = step.step;
    made.addEventListener('click', () => panel.show(step));
    return made;
  });
  const none = box('button', 'plain', say('many_cancel'), box('kbd', '', 'Esc'));
  none.type = 'button';
  none.addEventListener('click', () => {
    release();
    setChoosing(false);
  });
  row.replaceChildren(
    box('b', '', say('many_chosen', { n })),
    ...wholeList(n),
    box('div', 'many-acts', ...buttons, ...(all.length > SHOWN ? [more(all.slice(SHOWN))] : []), none),
  );
}

/** How many the list holds, and the way to choose them all, up to the limit. @param {number} n */
function wholeList(n) {
  const { pages, total } = cases();
  const known = pages.complete ? pages.rows.length : total;
  const text = known === null ? '' : say('many_of', { n: known.toLocaleString('en-US') });
  if (known !== null && n >= Math.min(known, MOST_CHOSEN)) return [element('span', 'dim', text)];
  const most = known === null || known > MOST_CHOSEN ? say('many_first', { n: MOST_CHOSEN.toLocaleString('en-US') }) : say('many_all');
  const made = box('button', 'plain', most);
  made.type = 'button';
  made.addEventListener('click', async () => {
    made.disabled = true;
    const rows = await pages.take(0, MOST_CHOSEN);
    if (pages === cases().pages) choose(rows); // another list may have come meanwhile
  });
  return [element('span', 'dim', text), made];
}

/** @param {import('./panel.js').BulkStep[]} rest */
function more(rest) {
  const summary = box('summary', 'tool', icon('more', 18, 3));
  summary.setAttribute('aria-label', say('more_steps'));
  const lines = rest.map((step) => {
    const made = box('button', 'choice', step.name);
    made.type = 'button';
    made.addEventListener('click', () => {
      menu.removeAttribute('open');
      panel.show(step);
    });
    return made;
  });
  const menu = box('details', 'menu right', summary, box('div', 'menu-list', ...lines));
  return menu;
}

// ---- What was done, and taking it back ----

/** @param {import('./panel.js').BulkStep} step @param {import('./sending.js').Order} order */
function done(step, order) {
  const { done: taken } = order;
  patchRows(taken);
  const text = say('many_done', { step: step.name, n: taken.length });
  required('#told').textContent = text;
  if (!taken.length && !order.unsure.length) return;
  showStrip(text, order.begun, step.undoable ? () => void takeBack(step, order, new TakingBack(order)) : null);
}

/** @param {import('./sending.js').Result[]} changed */
function patchRows(changed) {
  for (const { number, stage, case_version } of changed) {
    if (stage && case_version) cases().patch(number, { stage, version: case_version }, false);
  }
  void readRows(changed);
}

/** Rows on screen get their other columns, too: unit, person, deadline. @param {import('./sending.js').Result[]} changed */
async function readRows(changed) {
  void recount();
  const numbers = new Set(changed.map(({ number }) => number));
  for (const { number } of cases().inView().rows.filter((row) => numbers.has(row.number))) {
    const query = new URLSearchParams({ area: area().city, q: number, limit: '5', counts: 'false' });
    const { ok, body } = await get('/api/cases', query);
    const row = ok ? body.cases.find((/** @type {DeskCase} */ one) => one.number === number) : null;
    if (row) cases().patch(number, row, false);
  }
}

/** @param {import('./panel.js').BulkStep} step @param {import('./sending.js').Order} order @param {TakingBack} back */
async function takeBack(step, order, back) {
  const stopped = await back.send();
  patchRows(back.done);
  const text = say('many_undone', { step: step.name, n: back.done.length });
  required('#told').textContent = text;
  // What was taken back is not gone on with.
  if (!stopped && panel.order === order) panel.close();
  if (stopped) showStrip(say('many_done', { step: step.name, n: order.done.length }), order.begun, () => void takeBack(step, order, back));
  if (stopped || back.refused.length) tellLeft(text, stopped, back);
}

/** What could not be taken back, and why, case by case. @param {string} text @param {string} stopped @param {TakingBack} back */
function tellLeft(text, stopped, back) {
  const dialog = document.createElement('dialog');
  dialog.className = 'many-left';
  const lines = back.refused.map(({ number, fields }) =>
    box('li', '', element('b', '', number), element('span', '', fields.map(({ sentence }) => sentence).join(' ')))
  );
  const close = box('button', 'small second', say('close'));
  close.type = 'button';
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  dialog.append(
    element('h2', '', text),
    element('p', 'many-why', [say('many_not_undone', { n: back.left }), stopped].filter(Boolean).join(' ')),
    box('ul', '', ...lines),
    close,
  );
  document.body.append(dialog);
  dialog.showModal();
}

// ---- Keys ----

/**
 * A key of the list of chosen cases; says whether it was ours.
 *
 * @param {KeyboardEvent} event
 */
export function manyKey({ key, shiftKey }) {
  if (!facts().bulk.length) return false;
  if (key === 'x' || key === 'X') return chooseSelected(shiftKey);
  if (key === 'z' && state().case === null && canUndo()) return undo(), true;
  if (state().case !== null || !countChosen() || panel.open) return false;
  const step = /^[1-9]$/.test(key) ? steps()[Number(key) - 1] : null;
  if (step) panel.show(step);
  return step !== null;
}

/** @param {boolean} range */
function chooseSelected(range) {
  const { selected, pages } = cases();
  const row = selected === null ? null : pages.find(selected);
  if (!row) return false;
  if (range) chooseTo(row, pages);
  else toggle(row);
  return true;
}

/** Escape closes the panel, then lets the chosen cases go; says whether there was something. */
export function manyEscape() {
  if (panel.open) return panel.close(), true;
  if (!countChosen()) return setChoosing(false);
  release();
  return true;
}
