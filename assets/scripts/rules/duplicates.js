/** How near likely duplicates are: metres and days by category, each tried on the latest cases before it is saved. */

import { box } from '../desk/cells.js';
import { say } from '../desk/facts.js';
import { element } from '../dom.js';
import { change, read, sentences } from './asking.js';
import { showFaults } from './chooser.js';
import { categoryChooser, categoryName, learn } from './names.js';
import { ask, button, count, faster, history, notice, signButton, table, tell } from './parts.js';
import { field } from './routing.js';

/** @typedef {{category: string | null, radius_m: number, days: number}} Reach */

/** @type {{seen: string, city: RuleCity, rules: Reach[], usual: Reach[], changes: RuleChange[]} | null} */
let held = null;

/** @param {HTMLElement} panel @param {string} city */
export async function showDuplicates(panel, city) {
  const answer = await read('duplicates', city);
  if (!answer.ok) return panel.replaceChildren(notice('wrong', sentences(answer)));
  await learn(city, answer.body.categories, []);
  held = answer.body;
  draw(panel);
}

/** @param {Reach} one @param {Reach} other */
const order = (one, other) => name(one).localeCompare(name(other));

/** @param {Reach} row */
const name = (row) => row.category === null ? `\uffff` : categoryName(row.category);

/** @param {HTMLElement} panel */
function draw(panel) {
  if (!held) return;
  const { city, rules, usual, changes } = held;
  const own = new Set(rules.map(({ category }) => category));
  const rows = [...rules, ...usual.filter(({ category }) => !own.has(category))].sort(order);
  const heads = [say('column_category'), say('reach_metres'), say('reach_days'), say('reach_origin')];
  if (city.may_change) heads.push(say('actions'));
  const add = city.may_change ? button(say('add_reach'), () => edit(panel, null), 'small') : element('span', 'hint', say('read_only'));
  panel.replaceChildren(...[
    element('p', 'hint', say('duplicates_note')),
    box('div', 'rule-tools', add),
    table(say('tab_duplicates'), heads, rows.map((row) => line(panel, row)), 'duplicates'),
    history(changes, null),
  ].filter((one) => one !== null));
}

/** @param {HTMLElement} panel @param {Reach} row */
function line(panel, row) {
  if (!held) return [];
  const isOwn = held.rules.includes(row);
  const cells = [categoryName(row.category), count(row.radius_m), count(row.days), say(isOwn ? 'reach_own' : 'reach_usual')];
  if (!held.city.may_change) return cells;
  const named = { name: categoryName(row.category) };
  const acts = [signButton('edit', say('edit_named', named), () => edit(panel, row))];
  if (isOwn) acts.push(signButton('close', say('remove_named', named), () => remove(panel, row)));
  return [...cells, box('span', 'row-actions', ...acts)];
}

/**
 * All rows of the city with one in place of another; null stands for none.
 *
 * @param {Reach | null} before
 * @param {Reach | null} after
 */
const replaced = (before, after) => [...(held?.rules ?? []).filter((one) => one !== before), ...(after ? [after] : [])];

/** @param {HTMLFormElement} form @returns {Reach} */
function reachOf(form) {
  const given = new FormData(form);
  const number = (/** @type {string} */ field) => {
    const text = String(given.get(field) ?? '').trim();
    return /** @type {number} */ (text === '' ? null : /^\d+$/.test(text) ? Number(text) : text);
  };
  return { category: String(given.get('category') ?? '') || null, radius_m: number('radius_m'), days: number('days') };
}

/**
 * A form for a row. What it would have found is shown before it can be confirmed.
 *
 * @param {HTMLElement} panel
 * @param {Reach | null} row
 */
function edit(panel, row) {
  if (!held) return;
  const { city } = held;
  const place = box('div', 'foretold');
  const numbers = { inputMode: 'numeric', maxLength: 4 };
  const fields = [
    row ? null : categoryChooser(null),
    box(
      'div',
      'two',
      field('radius_m', say('reach_metres'), row ? String(row.radius_m) : '', numbers),
      field('days', say('reach_days'), row ? String(row.days) : '', numbers),
    ),
    place,
  ];
  let foretold = '';
  const title = row ? say('edit_named', { name: categoryName(row.category) }) : say('add_reach');
  const dialog = ask(title, fields, say('foretell'), async (form) => {
    const reach = { ...reachOf(form), ...(row ? { category: row.category } : {}) };
    if (foretold === JSON.stringify(reach)) return save(panel, form, place, replaced(row, reach));
    const answer = await change('duplicates/try', { city: city.code, ...reach });
    if (!answer.ok) return refuse(panel, form, place, answer);
    foretold = JSON.stringify(reach);
    showFaults(form, []);
    place.replaceChildren(notice('', tried(answer.body)));
    setAction(form, say('confirm'));
    return false;
  });
  for (const type of ['input', 'change']) {
    dialog.addEventListener(type, () => {
      foretold = '';
      setAction(dialog, say('foretell'));
    });
  }
  /** @type {HTMLElement | null} */ (dialog.querySelector(row ? '#field-radius_m' : '#field-category'))?.focus();
}

/** @param {{first: string, last: string, looked_at: number, found: number, pairs: number}} told */
function tried({ first, last, looked_at: n, found, pairs }) {
  if (!n) return [say('reach_no_cases', { first, last })];
  return [say('reach_tried', { n: count(n), first, last, found: count(found), pairs: count(pairs) }), say('reach_tried_note')];
}

/** @param {ParentNode} form @param {string} text */
function setAction(form, text) {
  const confirm = form.querySelector('.actions button:not([type="button"])');
  if (confirm) confirm.textContent = text;
}

/** @param {HTMLElement} panel @param {HTMLFormElement} form @param {HTMLElement} place @param {Reach[]} rows */
async function save(panel, form, place, rows) {
  if (!held) return true;
  const { code } = held.city;
  const answer = await change('duplicates', { city: code, seen: held.seen, rules: rows });
  if (!answer.ok) return refuse(panel, form, place, answer);
  await showDuplicates(panel, code);
  panel.prepend(notice('good', [say('duplicates_saved')]));
  tell(say('duplicates_saved'));
  return true;
}

/** @param {HTMLElement} panel @param {HTMLFormElement} form @param {HTMLElement} place @param {import('../desk/server.js').Answer} answer */
function refuse(panel, form, place, answer) {
  const error = answer.body?.error;
  if (answer.status === 409) {
    place.replaceChildren(faster(error, () => {
      if (held) held.seen = error.version;
      place.replaceChildren(notice('', [say('kept_mine')]));
    }, () => {
      /** @type {HTMLDialogElement | null} */ (document.querySelector('dialog.rule-dialog'))?.close();
      if (held) void showDuplicates(panel, held.city.code);
    }));
    return false;
  }
  const rest = showFaults(form, error?.fields ?? []);
  place.replaceChildren(notice('wrong', error?.fields && !rest.length ? [error.sentence] : [...sentences(answer), ...rest]));
  return false;
}

/** @param {HTMLElement} panel @param {Reach} row */
function remove(panel, row) {
  const place = box('div', 'foretold');
  const named = { name: categoryName(row.category) };
  ask(
    say('remove_named', named),
    [element('p', '', say('remove_reach_note')), place],
    say('confirm'),
    (form) => save(panel, form, place, replaced(row, null)),
  );
}
