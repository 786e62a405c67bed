/** A field with a list of suggestions under it, by the pattern of WAI-ARIA: the focus stays in the field, arrows choose, Enter takes. */

import { element } from '../../dom.js';
import { box } from '../cells.js';

/**
 * @template T
 * @typedef {{
 *   name: string, label: string, placeholder?: string,
 *   show: (one: T) => (Node | string | null)[], text: (one: T) => string, take: (one: T) => void, typed: (text: string) => void,
 *   told: (n: number) => string, isSettled: (text: string) => boolean,
 * }} Chosen
 */

/** @template T */
export class Combobox {
  /** @param {Chosen<T>} chosen */
  constructor(chosen) {
    this.chosen = chosen;
    /** @type {T[]} */
    this.found = [];
    this.at = -1;
    this.input = document.createElement('input');
    const { input } = this;
    input.id = `entry-${chosen.name}`;
    input.autocomplete = 'off';
    input.maxLength = 100;
    input.placeholder = chosen.placeholder ?? '';
    this.list = element('ul', 'suggestions');
    this.list.id = `entry-${chosen.name}-list`;
    this.list.setAttribute('role', 'listbox');
    this.list.tabIndex = -1; // a list that scrolls is otherwise a stop of the Tab key
    this.list.setAttribute('aria-label', chosen.label);
    this.told = element('span', 'unseen');
    this.told.setAttribute('role', 'status');
    for (const [key, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-controls', this.list.id]]) {
      input.setAttribute(key, value);
    }
    this.host = box('div', 'combobox', input, this.list, this.told);
    this.close();
    input.addEventListener('input', (event) => {
      if (!(/** @type {InputEvent} */ (event).isComposing)) chosen.typed(input.value);
    });
    input.addEventListener('compositionend', () => chosen.typed(input.value));
    input.addEventListener('keydown', (event) => this.pressed(event));
    input.addEventListener('blur', () => this.close());
    // The field keeps the focus while somebody clicks.
    this.list.addEventListener('mousedown', (event) => event.preventDefault());
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** Show suggestions. @param {T[]} found @param {boolean} [first] Whether the first one is chosen by Enter at once. */
  offer(found, first = true) {
    this.found = found;
    this.list.replaceChildren(...found.map((one, place) => {
      const made = box('li', 'suggestion', ...this.chosen.show(one));
      made.id = `${this.list.id}-${place}`;
      made.setAttribute('role', 'option');
      made.addEventListener('click', () => this.take(place));
      return made;
    }));
    this.list.hidden = found.length === 0;
    this.input.setAttribute('aria-expanded', String(this.isOpen));
    this.told.textContent = this.chosen.told(found.length);
    this.go(first && found.length ? 0 : -1);
  }

  close() {
    this.list.hidden = true;
    this.list.replaceChildren();
    this.found = [];
    this.input.setAttribute('aria-expanded', 'false');
    this.go(-1);
  }

  /** @param {number} place */
  go(place) {
    this.at = place;
    [...this.list.children].forEach((one, n) => one.setAttribute('aria-selected', String(n === place)));
    const here = this.list.children[place];
    if (here) {
      this.input.setAttribute('aria-activedescendant', here.id);
      here.scrollIntoView({ block: 'nearest' });
    } else this.input.removeAttribute('aria-activedescendant');
  }

  /** @param {number} place */
  take(place) {
    const one = this.found[place];
    if (one === undefined) return;
    this.input.value = this.chosen.text(one);
    this.close();
    this.chosen.take(one);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.isComposing) return;
    const { key } = event;
    if (!this.isOpen) {
      // Suggestions may still be on their way: what was only typed is not sent off by the Enter that was meant to take one.
      const early = key === 'Enter' && !event.ctrlKey && !event.metaKey && !this.chosen.isSettled(this.input.value.trim());
      if (early) event.preventDefault();
      if (early || key === 'ArrowDown') this.chosen.typed(this.input.value);
      return;
    }
    const most = this.found.length;
    const to = { ArrowDown: (this.at + 1) % most, ArrowUp: (this.at - 1 + most) % most, Home: 0, End: most - 1 }[key];
    if (to !== undefined && !(event.shiftKey && (key === 'Home' || key === 'End'))) this.go(to);
    else if (key === 'Enter' && !event.ctrlKey && !event.metaKey) this.at < 0 ? this.close() : this.take(this.at);
    else if (key === 'Tab' && this.at >= 0) return this.take(this.at);
    else if (key === 'Escape') this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
