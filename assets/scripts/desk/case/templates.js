/** Remark templates: the city's own texts for the words under a case, filled in from it; and the list of them, for who may change it. */

import { element } from '../../dom.js';
import { box, titleOf, unitOf } from '../cells.js';
import { area, now } from '../city.js';
import { openDialog } from '../dialogs.js';
import { facts, inLanguage, known, say } from '../facts.js';
import { get, newKey, post, sentenceOf } from '../server.js';

/** @typedef {{id: number, step: string | null, text: string, text_en: string | null}} Template */

/** What a text may name in braces. @param {CaseTold} told @returns {Record<string, string>} */
export function placesOf({ case: row }) {
  const { clock } = area();
  const moment = now();
  return {
    number: row.number,
    title: titleOf(row),
    due: row.due_at ? clock.moment(row.due_at, moment) : '',
    unit: unitOf(row),
    address: row.address ?? '',
    today: clock.moment(moment, moment).split(' ').slice(0, -1).join(' '),
  };
}

/** A template with its places filled in; what the case does not have stays in braces. @param {string} text @param {Record<string, string>} places */
export const fill = (text, places) =>
  text.replace(/\{(\w+)\}/g, (/** @type {string} */ whole, /** @type {string} */ name) => places[name] || whole);

/** Which templates fit: those for any step, and those of steps that are offered; under a reply only those of replies. @param {Template[]} all @param {string} tab @param {string[]} offered */
export const fitting = (all, tab, offered) =>
  all.filter(({ step }) => (tab === 'reply' ? step === 'reply' : step === null || (step !== 'reply' && offered.includes(step))));

/** @param {string | null} step */
const nameOf = (step) => (step === null ? say('any_step') : known(`step_for_${step}`) ? say(`step_for_${step}`) : step);

export class Templates {
  /** @param {import('../composer.js').Composer} composer @param {() => CaseTold | null} told */
  constructor(composer, told) {
    this.composer = composer;
    this.told = told;
    /** @type {Map<string, Template[]>} */
    this.known = new Map();
    this.list = box('div', 'menu-list');
    this.host = box('details', 'menu right upward templates', box('summary', 'tab', say('templates'), ' ', box('kbd', '', 't')), this.list);
    this.host.addEventListener('toggle', () => this.host.open && void this.show());
  }

  /** Open the list, with the focus in it. */
  open() {
    this.host.open = true;
  }

  /** @param {string} city */
  async ask(city) {
    const answer = await get('/api/remark-templates', new URLSearchParams({ city })).catch(() => null);
    if (answer?.ok) this.known.set(city, answer.body.templates);
    return this.known.get(city) ?? [];
  }

  async show() {
    const told = this.told();
    if (!told) return;
    const { city } = told.case;
    const all = this.known.get(city) ?? await this.ask(city);
    const offered = told.steps.map(({ step }) => step);
    const places = placesOf(told);
    const lines = fitting(all, this.composer.tab, offered).map(({ step, text, text_en: english }) => {
      const filled = fill(inLanguage(text, english), places);
      const made = box('button', 'choice template', element('span', '', filled), element('span', 'dim', nameOf(step)));
      made.type = 'button';
      made.addEventListener('click', () => this.use(filled));
      return made;
    });
    const manage = facts().can.templates ? box('button', 'choice', say('manage_templates')) : null;
    if (manage) {
      manage.type = 'button';
      manage.addEventListener('click', () => {
        this.host.open = false;
        void this.manage(city);
      });
    }
    this.list.replaceChildren(
      ...lines,
      ...(lines.length ? [] : [element('p', 'menu-note', say('no_templates'))]),
      ...(manage ? [manage] : []),
    );
    /** @type {HTMLElement | null} */ (this.list.querySelector('button'))?.focus();
  }

  /** Put a text where the cursor is. @param {string} text */
  use(text) {
    const { input } = this.composer;
    this.host.open = false;
    input.setRangeText(text, input.selectionStart, input.selectionEnd, 'end');
    this.composer.typed();
    input.focus();
  }

  /** The list of a city's templates, to add and to retire. @param {string} city */
  async manage(city) {
    const dialog = element('dialog', 'template-list');
    const title = element('h2', '', say('templates'));
    title.id = 'templates-title';
    dialog.setAttribute('aria-labelledby', title.id);
    const fault = element('p', 'error', '');
    fault.setAttribute('role', 'alert');
    const rows = box('ol', 'template-rows');
    const close = box('button', 'small second', say('close'));
    close.type = 'button';
    close.addEventListener('click', () => dialog.close());
    dialog.append(title, rows, this.form(city, rows, fault), fault, close);
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    openDialog(dialog);
    await this.paintRows(city, rows, fault);
  }

  /** @param {string} city @param {HTMLElement} rows @param {HTMLElement} fault */
  async paintRows(city, rows, fault) {
    const all = await this.ask(city);
    rows.replaceChildren(...all.map(({ id, step, text, text_en: english }) => {
      const retire = box('button', 'small second', say('retire'));
      retire.type = 'button';
      retire.setAttribute('aria-label', `${say('retire')}: ${text}`);
      retire.addEventListener('click', () => void this.write('/api/remark-templates/retire', { city, id }, rows, fault));
      const words = box(
        'div',
        'near-words',
        element('span', '', text),
        english ? element('span', '', english) : null,
        element('span', 'dim', nameOf(step)),
      );
      return box('li', '', words, retire);
    }));
  }

  /** @param {string} city @param {HTMLElement} rows @param {HTMLElement} fault */
  form(city, rows, fault) {
    const form = document.createElement('form');
    const area = (/** @type {string} */ id, /** @type {boolean} */ required) => {
      const made = document.createElement('textarea');
      made.id = id;
      made.maxLength = 2000;
      made.rows = 2;
      made.required = required;
      return made;
    };
    const text = area('template-text', true);
    const english = area('template-text-en', false);
    const step = document.createElement('select');
    step.id = 'template-step';
    for (const name of ['', ...Object.keys(facts().words).filter((one) => one.startsWith('step_for_'))]) {
      const option = document.createElement('option');
      option.value = name.replace('step_for_', '');
      option.textContent = name ? say(name) : say('any_step');
      step.append(option);
    }
    const labelled = (/** @type {HTMLElement} */ input, /** @type {string} */ name) => {
      const label = box('label', '', name);
      label.htmlFor = input.id;
      return box('div', 'field', label, input);
    };
    form.className = 'step-form';
    form.append(
      labelled(text, say('template_text')),
      labelled(english, say('template_text_en')),
      element('p', 'hint', say('template_places', { places: '{number} {title} {due} {unit} {address} {today}' })),
      labelled(step, say('template_step')),
      box('div', 'step-acts', box('button', 'small', say('add'))),
    );
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const done = await this.write(
        '/api/remark-templates',
        {
          city,
          text: text.value,
          ...(english.value.trim() ? { text_en: english.value } : {}),
          ...(step.value ? { step: step.value } : {}),
        },
        rows,
        fault,
      );
      if (done) text.value = english.value = '';
      text.focus();
    });
    return form;
  }

  /** @param {string} path @param {{city: string, id?: number, text?: string, text_en?: string, step?: string}} body @param {HTMLElement} rows @param {HTMLElement} fault */
  async write(path, body, rows, fault) {
    const answer = await post(path, body, newKey());
    fault.textContent = answer.ok ? '' : sentenceOf(answer, say('failed'));
    await this.paintRows(body.city, rows, fault);
    return answer.ok;
  }
}
