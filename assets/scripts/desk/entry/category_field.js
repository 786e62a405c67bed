/** The category of a new case, found by typing; what was used last comes first. */

import { box } from '../cells.js';
import { inLanguage, say } from '../facts.js';
import { icon } from '../icons.js';
import { get } from '../server.js';
import { above, seek } from './category_search.js';
import { Combobox } from './combobox.js';
import { recentCategories } from './draft_store.js';

const MOST = 40;

/** @typedef {import('./category_search.js').Category} Category */

/** Categories of a city; asked for once. @type {Map<string, Promise<Category[]>>} */
const asked = new Map();

/** @param {string} city @returns {Promise<Category[]>} */
function fetchCategories(city) {
  let known = asked.get(city);
  if (!known) {
    known = get('/api/categories', new URLSearchParams({ city })).then(({ ok, body }) => {
      if (!ok) asked.delete(city);
      return ok ? body.categories : [];
    });
    asked.set(city, known);
  }
  return known;
}

export class CategoryField {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.code = '';
    this.city = '';
    /** Whether the text is somebody's, and not ours. */
    this.typed = false;
    /** @type {Category[]} */
    this.all = [];
    this.combobox = /** @type {Combobox<Category>} */ (new Combobox({
      name: 'category',
      label: say('field_category'),
      placeholder: say('type_category'),
      show: (one) => this.show(one),
      text: (one) => this.nameOf(one),
      take: (one) => this.choose(one.code),
      typed: (text) => this.offer(text),
      told: (n) => (n ? say('n_found', { n }) : say('picker_none')),
      isSettled: (text) => text === '' || (this.chosen !== null && text === this.nameOf(this.chosen)),
    }));
    const { input } = this.combobox;
    input.addEventListener('focus', () => {
      input.select();
      this.offer('');
    });
    input.addEventListener('input', () => (this.typed = true));
    input.addEventListener('blur', () => this.settle());
  }

  get host() {
    return this.combobox.host;
  }

  /** What is chosen. */
  get chosen() {
    return this.all.find(({ code }) => code === this.code) ?? null;
  }

  /** @param {Category} one */
  nameOf(one) {
    return inLanguage(one.name, one.name_en) || one.code;
  }

  /** Show the categories of a city; what was chosen stays, if the city has it. @param {string} city */
  async begin(city) {
    if (this.city === city && this.all.length) return;
    this.all = await fetchCategories(city);
    this.city = city;
    if (document.activeElement === this.combobox.input) return this.offer(this.chosen ? '' : this.combobox.input.value);
    this.settle();
  }

  /** @param {string} text */
  offer(text) {
    const found = seek(this.all, text, recentCategories()).slice(0, MOST);
    this.combobox.offer(found, text.trim() !== '');
    this.combobox.told.className = found.length || text.trim() === '' ? 'unseen' : 'none-found';
  }

  /** @param {string} code @param {boolean} [quiet] Where nobody chose it: a draft is shown. */
  choose(code, quiet = false) {
    const other = this.code !== code;
    this.code = code;
    this.typed = false;
    this.combobox.told.className = 'unseen';
    this.combobox.input.value = this.chosen ? this.nameOf(this.chosen) : '';
    if (other && !quiet) this.changed();
  }

  /** The field shows what is chosen. Text that fits one category alone chooses it; an emptied field chooses none. */
  settle() {
    const { input } = this.combobox;
    const text = input.value.trim();
    if (this.chosen && text === this.nameOf(this.chosen)) return;
    const found = text ? seek(this.all, text, []) : [];
    if (found.length === 1 && document.activeElement !== input) return this.choose(found[0].code);
    if (text === '' && this.typed && this.code) return this.choose('');
    if (this.chosen) input.value = this.nameOf(this.chosen);
  }

  /** @param {Category} one */
  show(one) {
    const path = above(this.all, one).map((other) => this.nameOf(other)).join(' › ');
    const recent = recentCategories().includes(one.code) ? say('recent') : '';
    const words = box('span', 'suggestion-words', box('b', '', this.nameOf(one)), path ? box('span', 'dim', path) : null);
    return [icon(one.symbol, 18), words, box('span', 'dim', recent)];
  }
}
