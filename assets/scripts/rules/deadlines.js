/** Rules of deadlines: each change is a new version from a day on, and says beforehand which open cases it touches. */

import { box } from '../desk/cells.js';
import { inLanguage, say } from '../desk/facts.js';
import { element } from '../dom.js';
import { askTwice } from './asked.js';
import { read, sentences } from './asking.js';
import { fault } from './chooser.js';
import { categoryChooser, categoryName, learn } from './names.js';
import { button, count, effectTold, history, moment, notice, signButton, table, tell } from './parts.js';
import { field, validText } from './routing.js';
import { phase, splitTime } from './state.js';

const STEPS = ['filing', 'dispatching', 'handling', 'verifying'];
const UNITS = [['hours', 'h'], ['working_hours', 'wh'], ['working_days', 'wd']];

/** @typedef {import('../desk/server.js').Answer} Answer */
/** @type {{seen: string, city: RuleCity, rules: DeadlineRule[], changes: RuleChange[]} | null} */
let held = null;
let withOld = false;
/** @type {(old: boolean) => void} */
let onOld = () => {};

/**
 * Show the tab.
 *
 * @param {HTMLElement} panel
 * @param {string} city
 * @param {boolean} old Whether rules that are over are shown.
 * @param {(old: boolean) => void} changed
 */
export async function showDeadlines(panel, city, old, changed) {
  withOld = old;
  onOld = changed;
  const answer = await read('deadlines', city);
  if (!answer.ok) return panel.replaceChildren(notice('wrong', sentences(answer)));
  await learn(city, answer.body.categories, []);
  held = answer.body;
  draw(panel);
}

/** A time in words. @param {string | null} text */
function timeText(text) {
  const { amount, unit } = splitTime(text);
  return amount ? say(`time_${unit}`, { n: amount }) : '–';
}

/** @param {HTMLElement} panel @param {Node | null} [message] */
function draw(panel, message = null) {
  if (!held) return;
  const { city, rules, changes } = held;
  const shown = rules.filter((rule) => withOld || phase(rule, city.today) !== 'over').sort(order);
  const rows = shown.map((rule) => row(panel, rule));
  const heads = [
    ...[
      say('column_category'),
      say('condition'),
      ...STEPS.map((step) => say(`step_${step}`)),
      say('closing'),
      say('valid'),
      say('open_cases'),
    ],
    ...(city.may_change ? [say('actions')] : []),
  ];
  const check = element('input');
  Object.assign(check, { type: 'checkbox', checked: withOld });
  check.addEventListener('change', () => onOld(check.checked));
  const add = city.may_change ? button(say('add_rule'), () => edit(panel, null, null), 'small') : element('span', 'hint', say('read_only'));
  panel.replaceChildren(...[
    element('p', 'hint', say('deadlines_note')),
    box('div', 'rule-tools', add, box('label', 'check', check, say('old_versions'))),
    message,
    rows.length ? table(say('tab_deadlines'), heads, rows, 'deadlines') : element('p', 'empty', say('no_deadline_rules')),
    history(changes, city.may_change ? (one) => restore(panel, one) : null),
  ].filter((one) => one !== null));
}

/** @param {DeadlineRule} first @param {DeadlineRule} second */
function order(first, second) {
  const key = (/** @type {DeadlineRule} */ rule) =>
    `${rule.category === null ? 1 : 0}|${categoryName(rule.category)}|${rule.condition ?? ''}|${rule.valid_from ?? ''}`;
  return key(first).localeCompare(key(second));
}

/** @param {HTMLElement} panel @param {DeadlineRule} rule */
function row(panel, rule) {
  if (!held) return [];
  const { city } = held;
  const now = phase(rule, city.today);
  const name = box(
    'span',
    `phase-${now}`,
    categoryName(rule.category),
    now === 'now' ? null : element('span', 'badge', say(`phase_${now}`)),
  );
  const cells = [
    ...[name, rule.condition ?? '–', ...STEPS.map((step) => timeText(/** @type {any} */ (rule)[step]))],
    ...[element('span', 'words', inLanguage(rule.closing, rule.closing_en)), validText(rule), count(rule.cases)],
  ];
  if (!city.may_change) return cells;
  const named = { name: categoryName(rule.category) };
  const actions = [
    signButton('edit', now === 'over' ? say('again_from', named) : say('new_version', named), () => edit(panel, rule, null)),
  ];
  if (now === 'now') actions.push(signButton('end', say('end_named', named), () => end(panel, rule)));
  if (now === 'coming') actions.push(signButton('close', say('withdraw_named', named), () => withdraw(panel, rule)));
  return [...cells, box('span', 'row-actions', ...actions)];
}

/** @param {string} step @param {string | null} value */
function timeField(step, value) {
  const { amount, unit } = splitTime(value);
  const input = element('input');
  Object.assign(input, {
    id: `field-${step}`,
    name: step,
    type: 'text',
    inputMode: 'decimal',
    value: amount,
    maxLength: 12,
    autocomplete: 'off',
  });
  const select = element('select');
  Object.assign(select, { name: `${step}_unit` });
  select.setAttribute('aria-label', say('unit_of_time', { step: say(`step_${step}`) }));
  for (const [name, word] of UNITS) {
    const one = element('option', '', say(`unit_${name}`));
    Object.assign(one, { value: word, selected: name === unit });
    select.append(one);
  }
  const title = element('label', '', say(`step_${step}`));
  title.htmlFor = input.id;
  return box('div', 'field', title, box('div', 'time', input, select), fault(step));
}

/** @param {FormData} given */
function ruleOf(given) {
  /** @param {string} name */
  const text = (name) => String(given.get(name) ?? '').trim() || null;
  const times = STEPS.map((step) => [step, text(step) ? `${text(step)} ${text(`${step}_unit`)}` : null]);
  const rest = ['category', 'condition', 'closing', 'closing_en', 'valid_from', 'valid_to'].map((name) => [name, text(name)]);
  return Object.fromEntries([...times, ...rest]);
}

/**
 * A form for a new rule, or the next version of one. What it would do is shown before it can be confirmed.
 *
 * @param {HTMLElement} panel
 * @param {DeadlineRule | null} rule
 * @param {any} typed What was written before.
 */
function edit(panel, rule, typed) {
  if (!held) return;
  const { city } = held;
  const start = rule?.valid_from && rule.valid_from > city.today ? rule.valid_from : city.today;
  const shown = typed ?? { ...rule, valid_from: start, valid_to: null };
  const fields = [
    categoryChooser(shown.category ?? null),
    field('condition', say('condition'), shown.condition, { placeholder: say('every_condition'), maxLength: 100 }),
    box('div', 'two', ...STEPS.map((step) => timeField(step, shown[step]))),
    field('closing', say('closing_zh'), shown.closing, { maxLength: 500 }),
    field('closing_en', say('closing_en'), shown.closing_en, { maxLength: 500 }),
    box(
      'div',
      'two',
      field('valid_from', say('valid_from'), shown.valid_from, { type: 'date', min: city.today }),
      field('valid_to', say('valid_to'), shown.valid_to, { type: 'date', min: city.today }),
    ),
  ];
  const title = rule ? say('new_version', { name: categoryName(rule.category) }) : say('add_rule');
  const dialog = askTwice({
    ...common(panel, title, fields),
    body: (form) => ({ city: city.code, seen: held?.seen, rules: [ruleOf(new FormData(form))] }),
  });
  dialog.classList.add('wide');
  /** @type {HTMLElement | null} */ (dialog.querySelector(rule ? '#field-handling' : '#field-category'))?.focus();
}

/**
 * What every dialog of this tab has in common.
 *
 * @param {HTMLElement} panel
 * @param {string} title
 * @param {(Node | null)[]} fields
 */
function common(panel, title, fields) {
  const city = held?.city.code ?? '';
  return {
    ...{ title, fields, path: 'deadlines' },
    foretold: (/** @type {any} */ told) => [effectTold(told.effect, city), example(told.example)],
    done: (/** @type {Answer} */ answer) => done(panel, answer),
    keep: (/** @type {string} */ version) => {
      if (held) held.seen = version;
    },
    take: () => void showDeadlines(panel, city, withOld, onOld),
  };
}

/** Why, line by line, before and after. @param {any} told */
function example(told) {
  if (!told) return '';
  /** @param {string} name @param {any[]} lines */
  const side = (name, lines) =>
    box('div', '', element('h4', '', say(name)), box('ol', 'why', ...lines.map((line) => element('li', `why-${line.kind}`, line.text))));
  return box(
    'section',
    'example',
    element('h3', '', say('example')),
    element('p', 'hint', say('example_note', { when: moment(told.reported_at) })),
    box('div', 'two', side('until_now', told.before), side('from_then', told.after)),
  );
}

/** @param {HTMLElement} panel @param {import('../desk/server.js').Answer} answer */
async function done(panel, answer) {
  if (!held) return true;
  await showDeadlines(panel, held.city.code, withOld, onOld);
  panel.prepend(notice('good', [say('deadlines_saved', { n: count(answer.body.effect.touched) })]));
  tell(say('deadlines_saved', { n: count(answer.body.effect.touched) }));
  return true;
}

/** @param {HTMLElement} panel @param {DeadlineRule} rule */
function end(panel, rule) {
  if (!held) return;
  const { city } = held;
  const day = field('valid_to', say('last_day'), city.today, { type: 'date', min: city.today });
  askTwice({
    ...common(panel, say('end_named', { name: categoryName(rule.category) }), [element('p', '', say('end_note')), day]),
    body: (form) => ({ city: city.code, seen: held?.seen, ends: [{ id: rule.id, valid_to: String(new FormData(form).get('valid_to')) }] }),
  });
}

/** @param {HTMLElement} panel @param {DeadlineRule} rule */
function withdraw(panel, rule) {
  if (!held) return;
  const { city } = held;
  askTwice({
    ...common(panel, say('withdraw_named', { name: categoryName(rule.category) }), [element('p', '', say('withdraw_note'))]),
    body: () => ({ city: city.code, seen: held?.seen, withdraw: [rule.id] }),
  });
}

/** The rules become what they were before a change, from today on. @param {HTMLElement} panel @param {RuleChange} before */
function restore(panel, before) {
  if (!held) return;
  const { city } = held;
  const when = { account: before.account, when: moment(before.at) };
  const dialog = askTwice({
    ...common(panel, say('restore_deadlines', when), [element('p', '', say('restore_note'))]),
    body: () => ({ city: city.code, seen: held?.seen, restore: before.id }),
  });
  dialog.classList.add('wide');
}
