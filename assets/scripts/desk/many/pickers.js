/** A field with a list of proposals that is narrowed by typing: units by name, code or first letters, and the people of a unit. */

import { element } from '../../dom.js';
import { box } from '../cells.js';
import { area } from '../city.js';
import { inLanguage, say } from '../facts.js';
import { dayIn } from '../moments.js';
import { letters } from '../pinyin.js';
import { get } from '../server.js';

const MOST_SHOWN = 60;
let lists = 0;

/**
 * @typedef {{value: string, text: string, below: string, sought: string}} Proposal
 */

/**
 * The units that can take a case today.
 *
 * @returns {Proposal[]}
 */
export function unitProposals() {
  const today = dayIn(area().timezone);
  return area().allUnits
    .filter(({ valid_from, valid_to }) => (!valid_from || valid_from <= today) && (!valid_to || valid_to >= today))
    .map((one) => {
      const below = inLanguage(one.department, one.department_en);
      const sought = [one.code, one.name, one.name_en, one.department, one.department_en, ...letters(one.pinyin)].join(' ').toLowerCase();
      return { value: one.code, text: inLanguage(one.name, one.name_en), below, sought };
    });
}

/** Who works in units today, each asked for once. @type {Map<string, Promise<Proposal[]>>} */
const asked = new Map();

/**
 * The people of a unit.
 *
 * @param {string} unit
 * @returns {Promise<Proposal[]>}
 */
export function memberProposals(unit) {
  const city = area().allUnits.find(({ code }) => code === unit)?.city ?? '';
  if (!unit || !city) return Promise.resolve([]);
  const known = asked.get(unit);
  if (known) return known;
  const found = get(`/api/units/${encodeURIComponent(unit)}/members`, new URLSearchParams({ city })).then(({ ok, body }) =>
    (ok ? body.members : []).map((/** @type {{account: string, shown: string, post: string}} */ one) => ({
      ...{ value: one.account, text: one.shown, below: one.post === 'head' ? `${one.account} · ${say('post_head')}` : one.account },
      sought: `${one.account} ${one.shown}`.toLowerCase(),
    }))
  );
  asked.set(unit, found);
  return found;
}

/**
 * A field with proposals. What is typed and is none of them counts as it stands, where that is allowed.
 *
 * @param {{id: string, name: string, list: () => Proposal[] | Promise<Proposal[]>, value?: string, free?: boolean, changed?: (value: string) => void}} wanted
 */
export function picker({ id, name, list, value = '', free = false, changed }) {
  const input = document.createElement('input');
  Object.assign(input, { id, type: 'text', autocomplete: 'off', spellcheck: false, maxLength: 200 });
  const held = document.createElement('input');
  Object.assign(held, { type: 'hidden', name, value });
  lists += 1;
  const menu = box('div', 'picker-list');
  menu.id = `picker-${lists}`;
  menu.setAttribute('role', 'listbox');
  menu.tabIndex = -1; // a list that scrolls is otherwise a stop of the Tab key
  menu.hidden = true;
  for (
    const [key, told] of Object.entries({
      role: 'combobox',
      'aria-autocomplete': 'list',
      'aria-expanded': 'false',
      'aria-controls': menu.id,
    })
  ) {
    input.setAttribute(key, told);
  }
  /** @type {Proposal[]} */
  let shown = [];
  let at = -1;

  /** @param {string} text */
  const matches = async (text) => {
    const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
    return (await list()).filter(({ sought, text: own }) =>
      words.every((word) => sought.includes(word) || own.toLowerCase().includes(word))
    );
  };
  const paint = () => {
    menu.replaceChildren(
      ...shown.slice(0, MOST_SHOWN).map((one, n) => {
        const line = box(
          'div',
          n === at ? 'picker-line on' : 'picker-line',
          element('span', '', one.text),
          element('span', 'dim', one.below),
        );
        line.id = `${menu.id}-${n}`;
        line.setAttribute('role', 'option');
        line.setAttribute('aria-selected', String(n === at));
        line.addEventListener('mousedown', (event) => {
          event.preventDefault();
          take(one);
        });
        return line;
      }),
    );
    if (!shown.length) menu.append(element('p', 'dim picker-none', say('picker_none')));
    input.setAttribute('aria-activedescendant', at >= 0 ? `${menu.id}-${at}` : '');
    menu.querySelector('.on')?.scrollIntoView({ block: 'nearest' });
  };
  const open = async (/** @type {string} */ text) => {
    shown = await matches(text);
    at = -1;
    const any = shown.length > 0 || !free;
    menu.hidden = !any || document.activeElement !== input;
    input.setAttribute('aria-expanded', String(!menu.hidden));
    paint();
  };
  const close = () => {
    menu.hidden = true;
    input.setAttribute('aria-expanded', 'false');
  };
  /** @param {Proposal} one */
  const take = (one) => {
    input.value = one.text;
    set(one.value);
    close();
  };
  /** @param {string} wanted */
  const set = (wanted) => {
    if (held.value === wanted) return;
    held.value = wanted;
    changed?.(wanted);
  };
  const typed = async () => {
    const text = input.value.trim();
    const all = await list();
    const same = all.find(({ value: code, text: own }) => code === text || own === text);
    set(same ? same.value : free ? text : '');
  };
  input.addEventListener('input', () => {
    void typed();
    void open(input.value);
  });
  input.addEventListener('focus', () => void open(held.value ? '' : input.value));
  input.addEventListener('click', () => menu.hidden && void open(''));
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing || menu.hidden) return;
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by) {
      at = Math.max(-1, Math.min(Math.min(shown.length, MOST_SHOWN) - 1, at + by));
      paint();
    } else if (event.key === 'Enter' && (at >= 0 || (!free && shown.length === 1))) take(shown[Math.max(0, at)]);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  void Promise.resolve(list()).then((all) => {
    const own = all.find(({ value: code }) => code === value);
    if (own && !input.value) input.value = own.text;
    else if (free && value && !input.value) input.value = value;
  });
  const host = box('div', 'picker', input, held, menu);
  return { host, input, held };
}
