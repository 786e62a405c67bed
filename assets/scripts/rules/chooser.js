/** A field in which one types and chooses: categories (also by pinyin), units, areas. The pattern is ARIA's combobox with a list. */

import { box } from '../desk/cells.js';
import { say } from '../desk/facts.js';
import { element } from '../dom.js';

const MOST = 12;
let made = 0;

/**
 * @typedef {{value: string, label: string, note?: string, words?: string}} Option
 */

/**
 * Options whose words hold what was typed; those that begin with it first.
 *
 * @param {Option[]} options
 * @param {string} typed
 */
export function matching(options, typed) {
  const sought = typed.trim().toLowerCase();
  const found = options.map((one) => ({ one, words: `${one.label} ${one.value} ${one.words ?? ''}`.toLowerCase() }))
    .filter(({ words }) => words.includes(sought));
  const begins = (/** @type {string} */ words) => words.split(' ').some((word) => word.startsWith(sought)) ? 0 : 1;
  return found.sort((first, second) => begins(first.words) - begins(second.words)).map(({ one }) => one);
}

/**
 * A labelled chooser. `value` of its element is the chosen code; empty: any.
 *
 * @param {{name: string, label: string, value: string | null, text: string, any: string, find: (typed: string) => Promise<Option[]>}} given
 */
export function chooser({ name, label, value, text, any, find }) {
  made += 1;
  const input = element('input');
  const list = element('ul', 'choices');
  const hidden = element('input');
  Object.assign(hidden, { type: 'hidden', name, value: value ?? '' });
  Object.assign(input, { type: 'text', id: `field-${name}`, value: text, placeholder: any, autocomplete: 'off', maxLength: 100 });
  Object.assign(list, { id: `choices-${made}`, hidden: true });
  list.setAttribute('role', 'listbox');
  list.tabIndex = -1; // a list that scrolls is otherwise a stop of the Tab key
  list.setAttribute('aria-label', label);
  const combobox = { role: 'combobox', 'aria-expanded': 'false', 'aria-controls': list.id, 'aria-autocomplete': 'list' };
  Object.entries(combobox).forEach(([key, one]) => input.setAttribute(key, one));
  /** @type {Option[]} */
  let shown = [];
  let active = -1;
  let asked = 0;

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  /** @param {Option} one */
  const choose = (one) => {
    hidden.value = one.value;
    input.value = one.label;
    text = one.label;
    close();
    hidden.dispatchEvent(new Event('change', { bubbles: true }));
  };
  const mark = () => {
    [...list.children].forEach((one, place) => one.setAttribute('aria-selected', String(place === active)));
    if (active >= 0) input.setAttribute('aria-activedescendant', list.children[active].id);
    list.children[active]?.scrollIntoView({ block: 'nearest' });
  };
  const open = async () => {
    const turn = ++asked;
    const found = (await find(input.value === text ? '' : input.value)).slice(0, MOST);
    if (turn !== asked || document.activeElement !== input) return;
    shown = found;
    list.replaceChildren(...found.map((one, place) => {
      const line = box('li', '', element('span', '', one.label), one.note ? element('span', 'dim', one.note) : null);
      line.id = `${list.id}-${place}`;
      line.setAttribute('role', 'option');
      line.addEventListener('mousedown', (event) => {
        event.preventDefault();
        choose(one);
      });
      return line;
    }));
    if (!found.length) list.append(element('li', 'dim', say('nothing_found')));
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    active = found.length && input.value !== text ? 0 : -1;
    mark();
  };
  input.addEventListener('input', () => {
    if (input.value === '') hidden.value = '';
    void open();
  });
  input.addEventListener('click', () => void open());
  input.addEventListener('blur', () => {
    if (input.value === '') text = '';
    input.value = text;
    close();
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' && list.hidden) void open();
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      active = Math.max(0, Math.min(shown.length - 1, active + (event.key === 'ArrowDown' ? 1 : -1)));
      mark();
    } else if (event.key === 'Enter' && !list.hidden && shown[active]) choose(shown[active]);
    else if (event.key === 'Escape' && !list.hidden) {
      event.stopPropagation();
      input.value = text;
      close();
    } else return;
    event.preventDefault();
  });
  const title = element('label', '', label);
  title.htmlFor = input.id;
  return box('div', 'field chooser', title, box('div', 'choosing', input, list), hidden, fault(name));
}

/** Room for what is wrong with a field. @param {string} name */
export function fault(name) {
  const told = element('p', 'error');
  told.dataset.fault = name;
  told.id = `fault-${name}`;
  told.hidden = true;
  return told;
}

/**
 * Say at each field of a form what is wrong with it; what belongs to none is given back.
 *
 * @param {ParentNode} form
 * @param {{field: string, sentence: string}[]} faults
 */
export function showFaults(form, faults) {
  /** @type {string[]} */
  const rest = [];
  form.querySelectorAll('[data-fault]').forEach((one) => {
    one.textContent = '';
    /** @type {HTMLElement} */ (one).hidden = true;
    form.querySelector(`#field-${/** @type {HTMLElement} */ (one).dataset.fault}`)?.removeAttribute('aria-invalid');
  });
  for (const { field, sentence } of faults) {
    const name = field.split('.').pop() ?? '';
    const place = /** @type {HTMLElement | null} */ (form.querySelector(`[data-fault="${CSS.escape(name)}"]`));
    if (!place) {
      rest.push(sentence);
      continue;
    }
    place.textContent = sentence;
    place.hidden = false;
    const input = form.querySelector(`#field-${CSS.escape(name)}`);
    input?.setAttribute('aria-invalid', 'true');
    input?.setAttribute('aria-describedby', place.id);
  }
  /** @type {HTMLElement | null} */ (form.querySelector('[aria-invalid]'))?.focus();
  return rest;
}
