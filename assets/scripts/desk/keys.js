/** The keyboard: everything at the desk can be done with it. Keys are plain letters, so they do nothing while somebody types. */

import { required } from '../dom.js';
import { part } from '../lifecycle.js';
import { fillKeys } from '../page/key_list.js';
import { go, state } from './address.js';
import { cases, takeNews } from './desk.js';
import { closeDrawer, nextSteps, openTemplates, words } from './drawer.js';
import { openDialog } from './dialogs.js';
import { openAtSamePlace, openEntry } from './entry/entry.js';
import { facts } from './facts.js';
import { saveFilter } from './kept/saved.js';
import { manyEscape, manyKey } from './many/many.js';

/** @type {[string, string][]} */
const LIST = [
  ['j k', 'key_move'],
  ['Enter', 'key_open'],
  ['x', 'key_choose'],
  ['Shift x', 'key_choose_to'],
  ['1 – 9', 'key_steps'],
  ['r', 'key_remark'],
  ['t', 'key_templates'],
  ['z', 'key_undo'],
  ['n', 'key_new'],
  ['c', 'key_enter'],
  ['a', 'key_same_place'],
  ['/', 'key_search'],
  ['f', 'key_filter'],
  ['s', 'key_save'],
  ['Esc', 'key_close'],
  ['?', 'key_help'],
];

export const keys = part((signal) => {
  document.addEventListener('keydown', pressed, { signal });
  fillKeys(/** @type {HTMLDialogElement} */ (required('#keys')), LIST);
});

/** @param {EventTarget | null} target */
const isTyping = (target) => target instanceof HTMLElement && target.matches('input:not([type="checkbox"]), textarea, select');

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === 'Escape' ? escape(event) : !isTyping(event.target) && act(event)) event.preventDefault();
}

/** What a key does; says whether it was ours. @param {KeyboardEvent} event */
function act(event) {
  const { key } = event;
  if (manyKey(event)) return true;
  if (key === 'j' || key === 'k') return void move(key === 'j' ? 1 : -1), true;
  if (key === 'Enter') return open(event);
  if (key === '/') return required('#search').focus(), true;
  if (key === 'n') return takeNews(), true;
  if (key === 'c' && facts().can.report) return openEntry(), true;
  if (key === 'a') return openAtSamePlace();
  if (key === 'f') return openFilters(), true;
  if (key === 's') return saveFilter(), true;
  if (key === '?') return openDialog(/** @type {HTMLDialogElement} */ (required('#keys'))), true;
  if (state().case === null) return false;
  if (key === 'r') return words().input.focus(), true;
  if (key === 't' && !words().host.hidden) return openTemplates(), true;
  if (key === 'z') return void nextSteps().take('undo'), true;
  const step = /^[1-9]$/.test(key) ? nextSteps().list()[Number(key) - 1] : null;
  if (step) void nextSteps().take(step.step);
  return Boolean(step);
}

/** @param {number} by */
async function move(by) {
  const table = cases();
  const row = await table.move(by);
  if (!row) return;
  table.select(row.number);
  if (state().case !== null) go({ case: row.number }, { replace: true });
  const { activeElement } = document;
  if (activeElement === document.body || required('#table').contains(activeElement)) table.focus();
}

/** Enter opens the selected case, unless something else has the focus that Enter is for. @param {KeyboardEvent} event */
function open(event) {
  const target = event.target instanceof Element ? event.target : null;
  const number = cases().selected;
  if (number === null || target?.closest('button, a, summary, .ag-header')) return false;
  go({ case: number }, { replace: state().case !== null });
  return true;
}

function openFilters() {
  const menu = /** @type {HTMLDetailsElement} */ (required('.menu.filters'));
  menu.open = !menu.open;
  required('summary', menu).focus();
}

/** Escape closes what is open, the innermost first. @param {KeyboardEvent} event */
function escape(event) {
  const menu = document.querySelector('details.menu[open]');
  if (menu instanceof HTMLElement) {
    menu.removeAttribute('open');
    required('summary', menu).focus();
    return true;
  }
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (nextSteps().form?.contains(target)) return nextSteps().closeForm(), true;
  if (isTyping(target)) {
    if (target?.id === 'search') (/** @type {HTMLInputElement} */ (target)).value = state().q;
    if (target?.id === 'words') required('#drawer').focus();
    else cases().focus();
    return true;
  }
  if (nextSteps().open) return nextSteps().closeForm(), true;
  if (state().case !== null) return closeDrawer(), true;
  return manyEscape();
}
