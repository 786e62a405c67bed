/** Where a report is chosen: area, kind, period, and areas beside it. The choice stands in the address, so that it can be sent. */

import { box } from '../desk/cells.js';
import { fetchArea } from '../desk/city.js';
import { facts, say } from '../desk/facts.js';
import { newKey, post, sentenceOf } from '../desk/server.js';
import { closest, element, required } from '../dom.js';
import { part } from '../lifecycle.js';
import { chooser } from '../rules/chooser.js';
import { findAreas, nameOf } from './areas.js';
import { later, listPeriods, stepOf } from './periods.js';

/** @typedef {{code: string, title: string, step: string, any_period: boolean, levels: string[], compares: boolean}} Kind */

const STEPS = ['day', 'week', 'month', 'quarter', 'year', 'own'];
const MOST_BESIDE = 5;

/** The choice as it stands. */
const chosen = {
  area: '',
  kind: '',
  step: '',
  period: '',
  /** @type {import('./areas.js').Named[]} */
  beside: [],
};
/** The area as the server tells it. @type {any} */
let place = null;
/** One report for one choice, however often it is asked for. */
let key = newKey();

const kinds = () => /** @type {Kind[]} */ (facts().kinds ?? []);
const offered = () => kinds().filter(({ levels }) => !levels.length || levels.includes(place?.level));
const kind = () => offered().find(({ code }) => code === chosen.kind) ?? null;
/** The day that the city's figures are of; it is not over. */
const today = () => place?.city.today ?? new Date().toISOString().slice(0, 10);

export const choosing = part((signal) => {
  if (!document.querySelector('#choice')) return;
  void begin();
  document.addEventListener('click', (event) => {
    const link = closest(event, '#issued-panel .pager a');
    if (!(link instanceof HTMLAnchorElement) || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    void listIssued(link.href).then(() => /** @type {HTMLElement | null} */ (document.querySelector('#issued-panel li a'))?.focus());
  }, { signal });
});

async function begin() {
  const given = new URLSearchParams(location.search);
  chosen.area = given.get('area') ?? facts().start;
  chosen.kind = given.get('kind') ?? 'weekly';
  chosen.period = given.get('period') ?? '';
  chosen.step = stepOf(chosen.period);
  place = await fetchArea(chosen.area) ?? await fetchArea(chosen.area = facts().start);
  const codes = (given.get('beside') ?? '').split(',').filter(Boolean).slice(0, MOST_BESIDE);
  const reports = await Promise.all(codes.map((code) => fetchArea(code)));
  chosen.beside = reports.filter(Boolean);
  draw();
}

/** Take a choice that changes what else can be chosen. @param {string} [focus] Selector of what has the focus then. */
function draw(focus) {
  if (!kind()) chosen.kind = offered()[0]?.code ?? '';
  const steps = stepsOf();
  if (!steps.includes(chosen.step)) [chosen.step, chosen.period] = [kind()?.step ?? steps[0] ?? '', ''];
  if (!chosen.period) chosen.period = lastOver(chosen.step);
  const form = /** @type {HTMLFormElement} */ (required('#choice'));
  form.replaceChildren(areaField(), kindField(), ...(kind() ? [periodField(), ...besideField(), ...foot()] : []));
  form.onsubmit = (event) => {
    event.preventDefault();
    void ask();
  };
  if (focus) /** @type {HTMLElement | null} */ (form.querySelector(focus))?.focus();
  form.dataset.ready = 'true';
  note();
}

/** The choice into the address; a choice is no step back. */
function note() {
  const made = new URLSearchParams({ area: chosen.area, kind: chosen.kind, period: chosen.period });
  if (chosen.beside.length && kind()?.compares) made.set('beside', chosen.beside.map(({ code }) => code).join(','));
  const lang = new URLSearchParams(location.search).get('lang');
  if (lang) made.set('lang', lang);
  history.replaceState(null, '', `${location.pathname}?${made}`);
  key = newKey();
}

// ---- Area ----

function areaField() {
  const field = chooser({
    ...{ name: 'area', label: say('area_label'), value: chosen.area, text: place ? nameOf(place) : chosen.area, any: say('area_any') },
    find: (typed) => findAreas(typed, chosen.area),
  });
  field.addEventListener('change', async (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.type !== 'hidden') return;
    const code = event.target.value;
    const found = await fetchArea(code);
    if (!found) return;
    chosen.area = code;
    place = found;
    chosen.beside = chosen.beside.filter((one) => one.code !== code);
    draw('#field-area');
    void listIssued();
  });
  return field;
}

/** Issued reports as the server lists them: of the area that is chosen now, or older ones. @param {string} [address] */
async function listIssued(address = `/report?${new URLSearchParams({ area: chosen.area, lang: facts().lang })}`) {
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const [fresh, old] = [page.querySelector('#issued-panel'), document.querySelector('#issued-panel')];
  if (fresh && old) old.replaceWith(document.adoptNode(fresh));
}

// ---- Kind ----

function kindField() {
  const legend = element('legend', '', say('kind_label'));
  if (!offered().length) return box('fieldset', '', legend, element('p', 'report-empty', say('no_kind')));
  const choices = offered().map((one) => {
    const input = radio('kind', one.code, one.code === chosen.kind, () => {
      chosen.kind = one.code;
      if (!stepsOf().includes(chosen.step) || !one.any_period) [chosen.step, chosen.period] = [one.step, ''];
      draw(`[name="kind"][value="${CSS.escape(one.code)}"]`);
    });
    return box(
      'label',
      '',
      input,
      element('b', '', one.title),
      element('span', '', one.any_period ? say('any_period') : say(`step_${one.step}`)),
    );
  });
  return box('fieldset', '', legend, box('div', 'report-kinds', ...choices));
}

/** @param {string} name @param {string} value @param {boolean} on @param {() => void} act */
function radio(name, value, on, act) {
  const input = element('input');
  Object.assign(input, { type: 'radio', name, value, checked: on });
  input.addEventListener('change', act);
  return input;
}

// ---- Period ----

/** Lengths of periods that the kind is made for. */
const stepsOf = () => (kind()?.any_period ? STEPS : STEPS.filter((step) => step === kind()?.step));

/** The last period that is over. @param {string} step */
function lastOver(step) {
  const yesterday = later(today(), -1);
  if (step === 'day') return yesterday;
  if (step === 'own') return `${later(yesterday, -29)}..${yesterday}`;
  return step ? listPeriods(step, today()).find(({ last }) => last < today())?.value ?? '' : '';
}

function periodField() {
  const steps = stepsOf();
  const tabs = steps.map((step) =>
    box(
      'label',
      '',
      radio('step', step, step === chosen.step, () => {
        [chosen.step, chosen.period] = [step, ''];
        draw(`[name="step"][value="${step}"]`);
      }),
      say(`step_${step}`),
    )
  );
  const legend = element('legend', '', say('period_label'));
  return box('fieldset', '', legend, steps.length > 1 ? box('div', 'report-steps', ...tabs) : null, box('div', 'report-days', ...daysOf()));
}

function daysOf() {
  if (chosen.step === 'day') return [dayField('day', 'step_day', chosen.period, (day) => chosen.period = day)];
  if (chosen.step === 'own') {
    const [first, last] = chosen.period.split('..');
    const set = () => {
      chosen.period = `${valueOf('first')}..${valueOf('last')}`;
    };
    return [dayField('first', 'first_day', first, set), dayField('last', 'last_day', last, set)];
  }
  const select = element('select');
  select.id = 'field-period';
  select.setAttribute('aria-label', say('period_label'));
  const listed = listPeriods(chosen.step, today());
  select.append(...listed.map((one) => {
    const name = say(one.name, one.given);
    const option = element('option', '', one.last < today() ? name : say('not_over', { name }));
    Object.assign(option, { value: one.value, selected: one.value === chosen.period });
    return option;
  }));
  if (!listed.some(({ value }) => value === chosen.period)) {
    const option = element('option', '', chosen.period);
    Object.assign(option, { value: chosen.period, selected: true });
    select.append(option);
  }
  select.addEventListener('change', () => {
    chosen.period = select.value;
    note();
  });
  return [select];
}

/** @param {string} name */
const valueOf = (name) => /** @type {HTMLInputElement | null} */ (document.querySelector(`#field-${name}`))?.value ?? '';

/** @param {string} name @param {string} title @param {string} value @param {(value: string) => void} take */
function dayField(name, title, value, take) {
  const input = element('input');
  Object.assign(input, { type: 'date', id: `field-${name}`, value: value ?? '', max: today(), required: true });
  input.addEventListener('change', () => {
    take(input.value);
    note();
  });
  const label = element('label', '', say(title));
  label.htmlFor = input.id;
  return box('div', 'field', label, input);
}

// ---- Beside ----

function besideField() {
  if (!kind()?.compares) return [];
  const chips = chosen.beside.map((one) => {
    const chip = box('button', '', nameOf(one), element('span', '', '×'));
    chip.type = 'button';
    chip.setAttribute('aria-label', say('beside_remove', { name: nameOf(one) }));
    chip.addEventListener('click', () => {
      chosen.beside = chosen.beside.filter(({ code }) => code !== one.code);
      draw('#field-beside');
    });
    return chip;
  });
  const row = box('div', 'report-beside', ...chips);
  if (chosen.beside.length >= MOST_BESIDE) return [row];
  const field = chooser({
    ...{ name: 'beside', label: say('beside_label'), value: null, text: '', any: say('beside_any') },
    find: async (typed) => {
      const beside = typed.trim() ? [] : place?.siblings ?? [];
      const near = beside.map((/** @type {any} */ one) => ({ value: one.code, label: nameOf(one), note: one.code }));
      const taken = [chosen.area, ...chosen.beside.map(({ code }) => code)];
      return [...near, ...await findAreas(typed, chosen.area)].filter(({ value }) => !taken.includes(value));
    },
  });
  field.addEventListener('change', async (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.type !== 'hidden') return;
    const found = await fetchArea(event.target.value);
    if (found) chosen.beside = [...chosen.beside, found];
    draw('#field-beside');
  });
  return [field, row];
}

// ---- Asking ----

function foot() {
  const failed = element('p', 'notice wrong');
  Object.assign(failed, { id: 'choice-failed', hidden: true });
  failed.setAttribute('role', 'alert');
  const make = element('button', 'report-make', say('make'));
  make.type = 'submit';
  return [failed, make];
}

/** @param {string} sentence */
function refuse(sentence) {
  const failed = required('#choice-failed');
  failed.textContent = sentence;
  failed.hidden = false;
}

async function ask() {
  required('#choice-failed').hidden = true;
  const [first, last] = chosen.period.split('..');
  if (last !== undefined && first > last) return refuse(say('turned'));
  const compares = kind()?.compares ?? false;
  if (compares && !chosen.beside.length) return refuse(say('beside_missing'));
  const make = /** @type {HTMLButtonElement} */ (required('.report-make'));
  make.disabled = true;
  required('#told').textContent = say('asking');
  const order = { area: chosen.area, kind: chosen.kind, period: chosen.period, lang: facts().lang };
  const answer = await post('/api/reports', compares ? { ...order, beside: chosen.beside.map(({ code }) => code) } : order, key);
  make.disabled = false;
  const lang = new URLSearchParams(location.search).get('lang');
  if (answer.ok) return location.assign(`/report/${answer.body.id}${lang ? `?lang=${lang}` : ''}`);
  required('#told').textContent = '';
  refuse([sentenceOf(answer, say('failed')), ...(answer.body?.error?.lines ?? [])].join(' '));
}
