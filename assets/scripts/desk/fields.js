/** The fields of a step as a form: which fields there are says the table of steps; how each looks follows from its name. */

import { element } from '../dom.js';
import { box } from './cells.js';
import { area } from './city.js';
import { facts, inLanguage, known, say } from './facts.js';
import { memberProposals, picker, unitProposals } from './many/pickers.js';

const LONG = ['reason', 'remark', 'reply', 'parts'];
const TRUTHS = ['answered', 'solved', 'satisfied', 'reopen'];
const NUMBERS = ['severity', 'lon', 'lat'];
/** Fields that the drawer has of its own, or that no form asks for. */
const ELSEWHERE = ['remark', 'attachments', 'place'];

/** @param {string} name */
export const fieldName = (name) => (known(`field_${name}`) ? say(`field_${name}`) : name);

/**
 * The fields that a step's form shows.
 *
 * @param {StepOffered} step
 */
export function shownFields(step) {
  const asked = [...step.needs, ...step.needs_one_of, ...step.takes];
  return asked.filter((name, place) => asked.indexOf(name) === place && !ELSEWHERE.includes(name));
}

/** Whether a step can be taken without a form. @param {StepOffered} step */
export const needsForm = (step) => step.needs.some((name) => name !== 'remark') || step.needs_one_of.length > 0;

/** @param {[string, string][]} options @param {string} chosen */
function select(options, chosen) {
  const made = document.createElement('select');
  for (const [value, text] of [['', '—'], ...options]) {
    const one = document.createElement('option');
    one.value = value;
    one.textContent = text;
    one.selected = value === chosen;
    made.append(one);
  }
  return made;
}

/**
 * @param {string} name
 * @returns {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement}
 */
function control(name) {
  if (name === 'severity') return select(facts().severities.map((n) => [String(n), say(`severity_${n}`)]), '');
  if (name === 'category') {
    return select(Object.entries(area().categories).map(([code, one]) => [code, inLanguage(one.name, one.name_en)]), '');
  }
  if (TRUTHS.includes(name)) return select([['true', say('yes')], ['false', say('no')]], '');
  const made = LONG.includes(name) ? document.createElement('textarea') : document.createElement('input');
  if (made instanceof HTMLTextAreaElement) made.rows = name === 'parts' ? 4 : 2;
  else made.type = name === 'until' ? 'datetime-local' : 'text';
  if (name === 'lon' || name === 'lat') made.inputMode = 'decimal';
  made.maxLength = LONG.includes(name) ? 2000 : 200;
  return made;
}

/** @param {string} name */
function named(name) {
  const input = control(name);
  input.name = name;
  input.id = `field-${name}`;
  return { host: input, input };
}

/**
 * Units are found by typing; the people proposed are those of the unit that is chosen beside them, or of the case's.
 *
 * @param {'unit' | 'assignee'} name
 * @param {CaseTold} told
 */
function proposed(name, told) {
  const id = `field-${name}`;
  if (name === 'unit') return picker({ id, name, list: unitProposals, value: told.case.unit ?? '' });
  /** Where the form is found: the field asks for its proposals before it stands in one. @type {{host: HTMLElement | null}} */
  const here = { host: null };
  const made = picker({
    ...{ id, name, free: true },
    list: () => {
      const chosen = here.host?.closest('form')?.querySelector('input[name="unit"]');
      return memberProposals(chosen instanceof HTMLInputElement && chosen.value ? chosen.value : told.case.unit ?? '');
    },
  });
  here.host = made.host;
  return made;
}

/**
 * A labelled field with room for what is wrong with it.
 *
 * @param {string} name
 * @param {CaseTold} told
 * @param {boolean} needed
 */
export function field(name, told, needed) {
  const { host, input } = name === 'unit' || name === 'assignee' ? proposed(name, told) : named(name);
  input.required = needed;
  const label = box('label', '', fieldName(name), needed ? element('i', 'needed', ' *') : null);
  label.htmlFor = input.id;
  const fault = element('p', 'error');
  fault.id = `fault-${name}`;
  fault.hidden = true;
  return box('div', 'field', label, host, fault);
}

/**
 * What a form holds, as the machine door takes it.
 *
 * @param {HTMLFormElement} form
 * @returns {Record<string, unknown>}
 */
export function readFields(form) {
  /** @type {Record<string, unknown>} */
  const made = {};
  for (const [name, given] of new FormData(form)) {
    const text = String(given).trim();
    if (text) made[name] = valueOf(name, text);
  }
  return made;
}

/** @param {string} name @param {string} text */
function valueOf(name, text) {
  if (NUMBERS.includes(name)) return Number(text);
  if (TRUTHS.includes(name)) return text === 'true';
  if (name === 'until') return area().clock.zoned(text);
  if (name === 'parts') return text.split('\n').map((title) => title.trim()).filter(Boolean).map((title) => ({ title }));
  return text;
}

/**
 * What is wrong, in the words of the page: the sentence of the machine door calls fields as programs do.
 *
 * @param {{code?: string, sentence: string}} fault
 * @param {{needs_one_of: string[]} | null} step
 */
export const sentenceFor = (fault, step) =>
  fault.code === 'one_of' && step
    ? say('one_of_fields', { names: step.needs_one_of.map(fieldName).join(say('names_between')) })
    : fault.sentence;

/**
 * Say at each field what is wrong with it; what belongs to no field is given back.
 *
 * @param {HTMLFormElement | null} form
 * @param {{field: string, code?: string, sentence: string}[]} faults
 * @param {{needs_one_of: string[]} | null} [step]
 */
export function showFaults(form, faults, step = null) {
  faults = faults.map((one) => ({ ...one, sentence: sentenceFor(one, step) }));
  form?.querySelectorAll('.field').forEach((one) => {
    const input = /** @type {HTMLInputElement} */ (one.querySelector('input:not([type="hidden"]), select, textarea'));
    const { name } = /** @type {HTMLInputElement} */ (one.querySelector('[name]'));
    const fault = /** @type {HTMLElement} */ (one.querySelector('.error'));
    const own = faults.filter(({ field }) => field.split('.')[0] === name);
    fault.hidden = own.length === 0;
    fault.textContent = own.map(({ sentence }) => sentence).join(' ');
    input.toggleAttribute('aria-invalid', own.length > 0);
    if (own.length) input.setAttribute('aria-describedby', fault.id);
  });
  const wrong = /** @type {HTMLElement | null} */ (form?.querySelector('[aria-invalid]') ?? null);
  wrong?.focus();
  return faults.filter(({ field }) => !form?.querySelector(`[name="${CSS.escape(field.split('.')[0])}"]`)).map(({ sentence }) => sentence);
}
