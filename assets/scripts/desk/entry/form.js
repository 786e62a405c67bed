/** The form of a new case: its fields with their labels and faults, and what it holds as the machine door takes it. */

import { element } from '../../dom.js';
import { box, sourceName } from '../cells.js';
import { facts, inLanguage, say } from '../facts.js';
import { severityBars } from '../icons.js';
import { CategoryField } from './category_field.js';
import { sayCut } from '../pasting.js';
import { Photos } from './photos.js';
import { PlaceField } from './place_field.js';

export const SOURCES = [
  ...['grid_worker', 'hotline', 'public', 'building_head', 'video', 'sensor', 'superior', 'media', 'business_system'],
];
const USUAL_SEVERITY = '3';
/** At which field of ours a fault of the machine door stands. @type {Record<string, string>} */
const FIELD_OF = {
  lon: 'place',
  lat: 'place',
  area: 'place',
  city: 'place',
  datum: 'place',
  'reporter.name': 'name',
  'reporter.phone': 'phone',
  reporter: 'phone',
};

/** @param {string} name @param {string} [type] */
function input(name, type = 'text') {
  const made = document.createElement('input');
  Object.assign(made, { id: `entry-${name}`, name, type, autocomplete: 'off', maxLength: 200 });
  return made;
}

/** @param {string} name @param {number} rows */
function area(name, rows) {
  const made = document.createElement('textarea');
  Object.assign(made, { id: `entry-${name}`, name, rows, maxLength: 2000 });
  return made;
}

export class EntryForm {
  /** @param {{changed: (what: string) => void}} told */
  constructor(told) {
    this.told = told;
    this.place = new PlaceField(() => this.changed('place'));
    this.category = new CategoryField(() => this.changed('category'));
    this.photos = new Photos(() => this.changed('attachments'));
    this.title = input('title');
    this.address = input('address');
    this.description = area('description', 2);
    this.channel = document.createElement('select');
    this.channel.id = 'entry-channel';
    this.name = input('name');
    this.phone = input('phone', 'tel');
    /** Whether the title is somebody's own, and not foretold. */
    this.ownTitle = false;
    /** Likewise the address. */
    this.ownAddress = false;
    this.severities = facts().severities.map((one) => severity(one));
    this.form = document.createElement('form');
    this.form.noValidate = true;
    this.form.className = 'entry-form';
    this.fillSources('');
    this.fault = element('p', 'error form-fault');
    this.fault.setAttribute('role', 'alert');
    this.fault.tabIndex = -1;
    this.form.append(...this.fields());
    this.listen();
  }

  fields() {
    const group = box('div', 'entry-severity', ...this.severities.map(({ label }) => label));
    group.setAttribute('role', 'radiogroup');
    group.id = 'entry-severity';
    const attached = field('attachments', say('photos'), this.photos.host);
    return [
      field('place', say('column_place'), this.place.host, true),
      field('category', say('field_category'), this.category.host, true),
      field('severity', say('severities'), group),
      field('title', say('title'), this.title, true),
      field('description', say('description'), this.description),
      box('div', 'entry-pair', field('address', say('field_address'), this.address), field('channel', say('column_source'), this.channel)),
      box('div', 'entry-pair', field('name', say('reporter_name'), this.name), field('phone', say('reporter_phone'), this.phone)),
      attached,
    ];
  }

  listen() {
    this.title.addEventListener('input', () => {
      this.ownTitle = this.title.value.trim() !== '';
      this.changed('title');
    });
    this.address.addEventListener('input', () => (this.ownAddress = this.address.value.trim() !== ''));
    const texts = { address: this.address, description: this.description, name: this.name, phone: this.phone };
    for (const [name, one] of Object.entries(texts)) one.addEventListener('input', () => this.changed(name));
    for (const [name, one] of Object.entries({ title: this.title, description: this.description })) {
      sayCut(one, (sentence) => this.showFault(name, sentence));
    }
    this.channel.addEventListener('change', () => this.changed('channel'));
    this.severities.forEach(({ radio }) => radio.addEventListener('change', () => this.changed('severity')));
  }

  /** @param {string} what */
  changed(what) {
    this.showFault(what, '');
    this.told.changed(what);
  }

  /** The channels; without a choice it is the one that is usual for the account. @param {string} usual */
  fillSources(usual) {
    const { value } = this.channel;
    const first = usual ? say('source_usual', { source: sourceName(usual) }) : say('source_of_role');
    this.channel.replaceChildren(...[['', first], ...SOURCES.map((one) => [one, sourceName(one)])].map(([code, text]) => {
      const one = document.createElement('option');
      one.value = code;
      one.textContent = text;
      return one;
    }));
    this.channel.value = value;
  }

  /** @param {import('./draft_store.js').Draft} draft */
  begin(draft) {
    this.place.begin(draft.place, draft.placeText);
    this.category.choose(draft.category, true);
    this.photos.begin(draft.files);
    this.title.value = draft.title;
    this.ownTitle = draft.ownTitle;
    this.description.value = draft.description;
    this.address.value = draft.address;
    this.ownAddress = draft.ownAddress;
    this.channel.value = draft.channel;
    this.name.value = draft.reporter.name;
    this.phone.value = draft.reporter.phone;
    this.severities.forEach(({ radio }) => (radio.checked = radio.value === (draft.severity || USUAL_SEVERITY)));
    this.showFaults([]);
  }

  get severity() {
    return this.severities.find(({ radio }) => radio.checked)?.radio.value ?? USUAL_SEVERITY;
  }

  /** What a draft keeps of it. */
  get kept() {
    return {
      place: this.place.place,
      placeText: this.place.text,
      category: this.category.code,
      title: this.title.value,
      ownTitle: this.ownTitle,
      severity: this.severity,
      channel: this.channel.value,
      description: this.description.value,
      address: this.address.value,
      ownAddress: this.ownAddress,
      files: this.photos.kept,
      reporter: { name: this.name.value, phone: this.phone.value },
    };
  }

  /** Whether nothing was entered that could be lost. */
  get isEmpty() {
    const { place, category, ownTitle, description, files, reporter } = this.kept;
    return !place && !category && !ownTitle && !description && !files.length && !reporter.name && !reporter.phone;
  }

  /** What is reported. @returns {Record<string, unknown>} */
  get body() {
    const { place } = this.place;
    const texts = { title: this.title, description: this.description, address: this.address };
    const name = this.name.value.trim();
    const phone = this.phone.value.trim();
    const where = !place
      ? {}
      : place.area
      ? { area: place.area }
      : { lon: place.lon, lat: place.lat, ...(place.datum && place.datum !== 'wgs84' ? { datum: place.datum } : {}) };
    return {
      ...where,
      ...(this.category.code ? { category: this.category.code } : {}),
      severity: Number(this.severity),
      ...Object.fromEntries(Object.entries(texts).flatMap(([key, one]) => one.value.trim() ? [[key, one.value.trim()]] : [])),
      ...(this.channel.value ? { channel: this.channel.value } : {}),
      ...(this.photos.hashes.length ? { attachments: this.photos.hashes } : {}),
      ...(name || phone ? { reporter: { ...(name ? { name } : {}), ...(phone ? { phone } : {}) } } : {}),
    };
  }

  /** The address of the chosen place, unless somebody wrote one. */
  fillAddress() {
    if (!this.ownAddress) this.address.value = (this.place.place?.address ?? '').slice(0, 200);
  }

  /** Foretell the title, unless somebody wrote one. @param {string} where The smallest areas in words. */
  foretellTitle(where) {
    const { chosen } = this.category;
    if (this.ownTitle || !chosen) return;
    const place = this.address.value.trim() || where;
    const what = inLanguage(chosen.name, chosen.name_en);
    this.title.value = (place ? say('foretold_title', { place, what }) : what).slice(0, 200);
  }

  // ---- Faults ----

  /** @param {string} name @param {string} sentence */
  showFault(name, sentence) {
    const fault = this.form.querySelector(`#entry-fault-${CSS.escape(name)}`);
    if (!(fault instanceof HTMLElement)) return false;
    fault.textContent = sentence;
    fault.hidden = sentence === '';
    const control = /** @type {HTMLElement} */ (this.form.querySelector(`#entry-${CSS.escape(name)}`));
    control.toggleAttribute('aria-invalid', sentence !== '');
    if (sentence) control.setAttribute('aria-invalid', 'true');
    return true;
  }

  /**
   * Say at each field what is wrong with it, and lead to the first.
   *
   * @param {{field: string, code?: string, sentence: string}[]} faults
   */
  showFaults(faults) {
    /** @type {Map<string, Set<string>>} */
    const at = new Map();
    for (const { field: name, code, sentence: told } of faults) {
      // Programs name coordinates or a code; people have one field for a place.
      const sentence = code === 'place_or_area' ? say('place_needed') : told;
      const own = FIELD_OF[name] ?? name.split('.')[0];
      at.set(own, (at.get(own) ?? new Set()).add(this.sentenceFor(own, sentence)));
    }
    for (const fault of this.form.querySelectorAll('.field > .error')) this.showFault(fault.id.replace('entry-fault-', ''), '');
    const left = [...at].filter(([name, told]) => !this.showFault(name, [...told].join(' '))).flatMap(([, told]) => [...told]);
    this.say(left.join(' '));
    const wrong = /** @type {HTMLElement | null} */ (this.form.querySelector('[aria-invalid="true"]'));
    if (wrong?.id === 'entry-severity') this.severities[0].radio.focus();
    else wrong?.focus();
  }

  /**
   * What is wrong with a field of proposals where something was typed, and none of them was taken.
   *
   * @param {string} name
   * @param {string} sentence
   */
  sentenceFor(name, sentence) {
    const chosen = { place: this.place.place, category: this.category.code }[name];
    if (chosen === undefined || chosen) return sentence;
    const typed = name === 'place' ? this.place.text : this.category.combobox.input.value;
    return typed.trim() ? say('choose_one') : sentence;
  }

  /** Say what is wrong with the whole. @param {string} sentence */
  say(sentence) {
    this.fault.textContent = sentence;
    this.fault.hidden = sentence === '';
  }
}

/** @param {number} n */
function severity(n) {
  const radio = document.createElement('input');
  Object.assign(radio, { type: 'radio', name: 'severity', value: String(n) });
  return { radio, label: box('label', 'severity-choice', radio, severityBars(n), element('span', '', say(`severity_${n}`))) };
}

/**
 * A labelled field with room for what is wrong with it.
 *
 * @param {string} name
 * @param {string} title
 * @param {HTMLElement} control
 * @param {boolean} [needed]
 */
function field(name, title, control, needed = false) {
  const fault = element('p', 'error');
  fault.id = `entry-fault-${name}`;
  fault.hidden = true;
  const own = control.id === `entry-${name}` ? control : control.querySelector(`#entry-${name}`);
  const group = own?.getAttribute('role') === 'radiogroup' || name === 'attachments';
  const label = box(group ? 'span' : 'label', 'label', title, needed ? element('i', 'needed', ' *') : null);
  if (label instanceof HTMLLabelElement) label.htmlFor = `entry-${name}`;
  label.id = `entry-label-${name}`;
  if (group) own?.setAttribute('aria-labelledby', name === 'attachments' ? `${label.id} ${own.id}` : label.id);
  if (needed) own?.setAttribute('aria-required', 'true');
  own?.setAttribute('aria-describedby', name === 'place' ? `${fault.id} entry-place-words` : fault.id);
  return box('div', `field field-${name}`, label, control, fault);
}
