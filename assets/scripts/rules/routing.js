/** Rules of routing: in their order, changed as a whole, tried before they are saved. */

import { box } from '../desk/cells.js';
import { facts, say } from '../desk/facts.js';
import { element } from '../dom.js';
import { change, read, sentences } from './asking.js';
import { fault, showFaults } from './chooser.js';
import { areaChooser, areaName, categoryChooser, categoryName, channelName, learn, unitChooser, unitName } from './names.js';
import { ask, button, faster, history, notice, signButton, table, tell } from './parts.js';
import { moved, phase } from './state.js';
import { showTrial } from './trial.js';

/** @typedef {{seen: string, rules: RoutingRule[], stored: string, changes: RuleChange[], remarks: any[], city: RuleCity}} Held */

/** @type {Held | null} */
let held = null;
/** @type {HTMLElement | null} */
let result = null;
/** Cases that each rule took in the last trial. @type {Map<number, number> | null} */
let taken = null;

const draftKey = () => `gridwell.rules.${facts().me}.${held?.city.code}`;
const isDirty = () => held !== null && JSON.stringify(held.rules) !== held.stored;

/**
 * Show the tab.
 *
 * @param {HTMLElement} panel
 * @param {string} city
 */
export async function showRouting(panel, city) {
  const { ok, body, status } = await read('routing', city);
  if (!ok) return panel.replaceChildren(notice('wrong', sentences({ ok, body, status })));
  await learn(city, body.categories, body.areas);
  held = {
    seen: body.seen,
    rules: body.rules,
    stored: JSON.stringify(body.rules),
    changes: body.changes,
    remarks: body.remarks,
    city: body.city,
  };
  result = null;
  taken = null;
  takeDraft();
  draw(panel);
}

/** What was written and not saved is kept on this device, until it is. */
function takeDraft() {
  if (!held) return;
  const kept = JSON.parse(sessionStorage.getItem(draftKey()) ?? 'null');
  if (kept) Object.assign(held, { rules: kept.rules, seen: kept.seen });
}

function keepDraft() {
  if (isDirty()) sessionStorage.setItem(draftKey(), JSON.stringify({ rules: held?.rules, seen: held?.seen }));
  else sessionStorage.removeItem(draftKey());
}

/** @param {HTMLElement} panel @param {RoutingRule[]} rules @param {string} [told] */
function put(panel, rules, told) {
  if (!held) return;
  held.rules = rules;
  held.remarks = [];
  taken = null;
  result = null;
  keepDraft();
  draw(panel);
  if (told) tell(told);
}

/** @param {HTMLElement} panel @param {Node | null} [message] */
function draw(panel, message = null) {
  if (!held) return;
  const { city, rules } = held;
  const may = city.may_change;
  const rows = rules.map((rule, place) => row(panel, rule, place, may));
  const heads = [
    say('number'),
    say('column_category'),
    say('area_word'),
    say('hours_word'),
    say('column_source'),
    say('goes_to'),
    say('valid'),
  ];
  const all = [...heads, ...(taken ? [say('cases')] : []), ...(may ? [say('actions')] : [])];
  const remarks = held.remarks.map((one) => element('li', '', one.sentence));
  const shown = rows.length ? table(say('tab_routing'), all, rows, 'routing') : element('p', 'empty', say('no_rules'));
  const old = history(held.changes, may ? (one) => restore(panel, one) : null);
  panel.replaceChildren(...[
    element('p', 'hint', say('routing_note')),
    may ? tools(panel) : element('p', 'hint', say('read_only')),
    message,
    remarks.length ? box('ul', 'remarks', ...remarks) : null,
    shown,
    result,
    old,
  ].filter((one) => one !== null));
}

/** @param {HTMLElement} panel */
function tools(panel) {
  const add = button(say('add_rule'), () => edit(panel, null), 'second small');
  const trying = button(say('try_rules'), () => void attempt(panel), 'second small');
  const save = button(say('save'), () => void store(panel), 'small');
  const drop = button(say('discard'), () => held && put(panel, JSON.parse(held.stored)), 'plain');
  save.disabled = !isDirty();
  drop.hidden = !isDirty();
  const unsaved = isDirty() ? element('span', 'dim', say('unsaved')) : null;
  return box('div', 'rule-tools', add, trying, save, drop, unsaved);
}

/** @param {{valid_from: string | null, valid_to: string | null}} rule */
export function validText(rule) {
  if (!rule.valid_from && !rule.valid_to) return say('always');
  if (!rule.valid_to) return say('from_day', { day: rule.valid_from ?? '' });
  return rule.valid_from ? `${rule.valid_from} – ${rule.valid_to}` : say('until_day', { day: rule.valid_to });
}

/** @param {HTMLElement} panel @param {RoutingRule} rule @param {number} place @param {boolean} may */
function row(panel, rule, place, may) {
  if (!held) return [];
  const ended = phase(rule, held.city.today);
  const number = box('span', `phase-${ended}`, String(place + 1), ended === 'now' ? null : element('span', 'badge', say(`phase_${ended}`)));
  const cells = [
    ...[number, categoryName(rule.category), areaName(rule.area), rule.hours ?? say('any_time'), channelName(rule.channel)],
    ...[element('b', '', unitName(rule.unit)), validText(rule)],
    ...(taken ? [String(taken.get(place) ?? 0)] : []),
  ];
  if (!may) return cells;
  const rules = held.rules;
  const named = { n: place + 1 };
  const up = signButton('up', say('move_up', named), () => move(panel, place, place - 1));
  const down = signButton('down', say('move_down', named), () => move(panel, place, place + 1));
  up.disabled = place === 0;
  down.disabled = place === rules.length - 1;
  const begun = rule.id && ended !== 'coming';
  const last = begun
    ? signButton('end', say('end_rule', named), () => end(panel, place))
    : signButton('close', say('remove_rule', named), () => put(panel, rules.filter((_, at) => at !== place)));
  return [...cells, box('span', 'row-actions', up, down, signButton('edit', say('edit_rule', named), () => edit(panel, place)), last)];
}

/** @param {HTMLElement} panel @param {number} from @param {number} to */
function move(panel, from, to) {
  if (!held) return;
  put(panel, moved(held.rules, from, to), say('moved_to', { n: to + 1 }));
  const line = panel.querySelectorAll('tbody tr')[to];
  /** @type {HTMLElement | null} */ (line?.querySelector(`.row-actions button:nth-child(${to < from ? 1 : 2}):not(:disabled)`) ??
    line?.querySelector('.row-actions button:not(:disabled)'))?.focus();
}

/** A rule that holds is ended, not removed: who looks back sees it. @param {HTMLElement} panel @param {number} place */
function end(panel, place) {
  if (!held) return;
  const rule = { ...held.rules[place], valid_to: held.city.today };
  put(panel, held.rules.map((one, at) => at === place ? rule : one), say('ends_today', { n: place + 1 }));
}

/**
 * A labelled field of a form.
 *
 * @param {string} name
 * @param {string} label
 * @param {string | null} value
 * @param {Partial<HTMLInputElement>} [more]
 */
export function field(name, label, value, more = {}) {
  const input = element('input');
  Object.assign(input, { id: `field-${name}`, name, type: 'text', value: value ?? '', autocomplete: 'off', ...more });
  const title = element('label', '', label);
  title.htmlFor = input.id;
  return box('div', 'field', title, input, fault(name));
}

/** @param {string | null} chosen */
function sourceField(chosen) {
  const select = element('select');
  Object.assign(select, { id: 'field-channel', name: 'channel' });
  const codes = Object.keys(facts().words).filter((name) => name.startsWith('source_')).map((name) => name.slice(7));
  for (const [value, text] of [['', say('every_source')], ...codes.map((code) => [code, channelName(code)])]) {
    const one = element('option', '', text);
    Object.assign(one, { value, selected: value === (chosen ?? '') });
    select.append(one);
  }
  const title = element('label', '', say('column_source'));
  title.htmlFor = select.id;
  return box('div', 'field', title, select, fault('channel'));
}

/** @param {HTMLElement} panel @param {number | null} place */
function edit(panel, place) {
  if (!held) return;
  const { city, rules } = held;
  const rule = place === null ? null : rules[place];
  const fields = [
    unitChooser(rule?.unit ?? '', city.today),
    categoryChooser(rule?.category ?? null),
    areaChooser(rule?.area ?? null, city.code),
    sourceField(rule?.channel ?? null),
    field('hours', say('hours_word'), rule?.hours ?? null, { placeholder: say('hours_example'), maxLength: 20 }),
    box(
      'div',
      'two',
      field('valid_from', say('valid_from'), rule?.valid_from ?? null, { type: 'date' }),
      field('valid_to', say('valid_to'), rule?.valid_to ?? null, { type: 'date' }),
    ),
  ];
  const title = place === null ? say('add_rule') : say('edit_rule', { n: place + 1 });
  const dialog = ask(title, fields, say('take_into_table'), async (form) => {
    const given = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim() || null]));
    const made = /** @type {any} */ ({ ...given, id: rule?.id ?? 0, unit: given.unit ?? '' });
    // The server knows what is wrong with it, and changes nothing by being asked.
    const answer = await change('routing/try', { city: city.code, rules: [made] });
    if (answer.status === 422) {
      const rest = showFaults(form, answer.body.error.fields ?? []);
      if (rest.length) form.prepend(notice('wrong', rest));
      return false;
    }
    put(panel, place === null ? [...rules, made] : rules.map((one, at) => at === place ? made : one));
    return true;
  });
  /** @type {HTMLElement | null} */ (dialog.querySelector('#field-unit'))?.focus();
}

/** @param {HTMLElement} panel */
async function attempt(panel) {
  if (!held) return;
  const { city, rules } = held;
  tell(say('trying'));
  const answer = await change('routing/try', { city: city.code, rules });
  if (!answer.ok) return refused(panel, answer);
  held.remarks = answer.body.remarks;
  taken = new Map(answer.body.rules.map((/** @type {any} */ one) => [one.rule, one.cases]));
  result = await showTrial(city.code, answer.body);
  draw(panel);
  tell(say('trial_there'));
  panel.querySelector('.trial')?.scrollIntoView({ block: 'nearest' });
}

/** @param {HTMLElement} panel */
async function store(panel) {
  if (!held) return;
  const { city, rules, seen } = held;
  const answer = await change('routing', { city: city.code, rules, seen });
  if (!answer.ok) return refused(panel, answer);
  sessionStorage.removeItem(draftKey());
  await showRouting(panel, city.code);
  panel.prepend(notice('good', [say('saved', { n: answer.body.rules })]));
}

/** @param {HTMLElement} panel @param {import('../desk/server.js').Answer} answer */
function refused(panel, answer) {
  const error = answer.body?.error;
  if (answer.status === 409) {
    return draw(
      panel,
      faster(error, () => {
        if (!held) return;
        held.seen = error.version;
        keepDraft();
        draw(panel, notice('', [say('kept_mine')]));
      }, () => {
        sessionStorage.removeItem(draftKey());
        if (held) void showRouting(panel, held.city.code);
      }),
    );
  }
  const told = (error?.fields ?? []).map((/** @type {any} */ one) =>
    say('in_rule', { n: Number(one.field.split('.')[1]) + 1, sentence: one.sentence })
  );
  draw(panel, notice('wrong', [...sentences(answer), ...told]));
}

/** @param {HTMLElement} panel @param {RuleChange} before */
function restore(panel, before) {
  if (!held || !before.before) return;
  const known = new Set(JSON.parse(held.stored).map((/** @type {RoutingRule} */ one) => one.id));
  put(
    panel,
    /** @type {any} */ (before.before).map((/** @type {RoutingRule} */ one) => ({ ...one, id: known.has(one.id) ? one.id : 0 })),
    say('restored'),
  );
}
