/** What a step on many cases would do, before it is done: how many can take it, which unit gets what, and why the others cannot. */

import { element, required } from '../../dom.js';
import { go } from '../address.js';
import { box, titleOf } from '../cells.js';
import { area } from '../city.js';
import { cases } from '../desk.js';
import { facts, say } from '../facts.js';
import { field, readFields, sentenceFor, showFaults, shownFields } from '../fields.js';
import { icon } from '../icons.js';
import { sentenceOf } from '../server.js';
import { chosenRows, release } from './chosen.js';
import { setNotes } from './notes.js';
import { picker, unitProposals } from './pickers.js';
import { lookAt, Order } from './sending.js';

const SOON_MS = 300;
/** Of more cases that cannot, only so many are listed one by one; the others are counted by reason. */
const MOST_LISTED = 100;

/**
 * @typedef {import('./sending.js').Result} Result
 * @typedef {import('./sending.js').Share} Share
 * @typedef {{step: string, name: string, needs: string[], needs_one_of: string[], takes: string[], undoable: boolean}} BulkStep
 * @typedef {{done: (step: BulkStep, order: Order) => void, closed: () => void}} Told
 */

const units = () => area().units;

/** @param {string} text */
const number = (text) => element('span', 'dim', text);

/** @param {string} label @param {string} n @param {string} kind */
const figure = (label, n, kind) => box('div', `many-figure ${kind}`, element('span', 'dim', label), box('b', '', n));

export class Panel {
  /** @param {Told} told */
  constructor(told) {
    this.told = told;
    this.host = box('aside', 'many-panel');
    this.host.id = 'many';
    this.host.tabIndex = -1;
    this.host.hidden = true;
    /** @type {BulkStep | null} */
    this.step = null;
    this.byRules = false;
    /** The cases that are looked at. @type {DeskCase[]} */
    this.rows = [];
    /** @type {Result[]} */
    this.results = [];
    /** @type {Order | null} */
    this.order = null;
    this.turn = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** What the remark is while forms are drawn anew. */
    this.remark = '';
  }

  get open() {
    return !this.host.hidden;
  }

  /** @param {BulkStep} step */
  show(step) {
    this.step = step;
    this.order = null;
    this.rows = chosenRows();
    this.byRules = step.step === 'dispatch' && facts().by_rules;
    this.host.hidden = false;
    required('#desk').classList.add('many-open');
    go({ case: null }, { replace: true });
    this.paint();
    void this.look();
    this.host.focus();
  }

  close() {
    if (!this.open || this.order?.busy) return;
    this.turn += 1;
    clearTimeout(this.timer);
    this.host.hidden = true;
    this.host.replaceChildren();
    this.step = this.order = null;
    this.results = [];
    required('#desk').classList.remove('many-open');
    this.note();
    this.told.closed();
  }

  /** The list says beside each case where it would go, or why it cannot. */
  note() {
    /** @type {[string, {text: string, wrong: boolean}][]} */
    const notes = [];
    for (const one of this.results) {
      const [fault] = this.faultsOf(one);
      if (fault) notes.push([one.number, { text: fault.sentence, wrong: true }]);
      else if (one.unit && one.ok) notes.push([one.number, { text: units().get(one.unit) ?? one.unit, wrong: false }]);
    }
    setNotes(notes);
    cases().redraw('unit');
  }

  // ---- The frame ----

  paint() {
    const step = /** @type {BulkStep} */ (this.step);
    const close = box('button', 'round', icon('close', 18));
    close.type = 'button';
    close.title = say('close');
    close.setAttribute('aria-label', say('close'));
    close.addEventListener('click', () => this.close());
    const title = element('h2', '', say('many_title', { step: step.name, n: this.rows.length }));
    title.id = 'many-title';
    this.host.setAttribute('aria-labelledby', 'many-title');
    this.host.replaceChildren(
      box('div', 'many-head', box('div', '', title, element('p', 'dim', say('many_nothing_done'))), close),
      box('div', 'many-body', box('div', 'many-figures'), this.form(step), box('div', 'many-units'), box('div', 'many-refused')),
      box('div', 'many-foot'),
    );
    this.paintFigures();
    this.paintFoot();
  }

  /** @param {BulkStep} step */
  form(step) {
    const form = document.createElement('form');
    form.className = 'step-form many-form';
    form.noValidate = true;
    const needed = new Set(step.needs);
    const names = shownFields(step).filter((name) => !(this.byRules && ['unit', 'assignee'].includes(name)));
    const told = /** @type {any} */ ({ case: { unit: null, category: '' }, steps: [], history: [] });
    const fields = names.map((name) => (name === 'unit' ? this.unitField() : field(name, told, needed.has(name))));
    if (!step.needs.includes('reply')) fields.push(this.remarkField(step.needs.includes('remark')));
    form.append(...(step.step === 'dispatch' ? [this.ways()] : []), box('div', 'step-fields', ...fields), element('p', 'error form-fault'));
    form.addEventListener('input', () => this.lookSoon());
    form.addEventListener('change', () => this.lookSoon());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.send();
    });
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    return form;
  }

  unitField() {
    const { host, input } = picker({ id: 'many-unit', name: 'unit', list: unitProposals, changed: () => this.lookSoon() });
    const label = box('label', '', say('field_unit'), element('i', 'needed', ' *'));
    label.htmlFor = input.id;
    const fault = element('p', 'error');
    fault.hidden = true;
    return box('div', 'field', label, host, fault);
  }

  /** @param {boolean} needed */
  remarkField(needed) {
    const input = document.createElement('textarea');
    Object.assign(input, { name: 'remark', id: 'many-remark', rows: 2, maxLength: 2000, value: this.remark, required: needed });
    input.addEventListener('input', () => (this.remark = input.value));
    const label = box('label', '', say('many_remark'), needed ? element('i', 'needed', ' *') : null);
    label.htmlFor = input.id;
    const fault = element('p', 'error');
    fault.hidden = true;
    return box('div', 'field wide', label, input, fault);
  }

  /** By the rules, or all to one unit. */
  ways() {
    const way = (/** @type {boolean} */ byRules, /** @type {string} */ text) => {
      const made = box('button', '', text);
      made.type = 'button';
      made.setAttribute('aria-pressed', String(this.byRules === byRules));
      made.addEventListener('click', () => {
        if (this.byRules === byRules) return;
        this.byRules = byRules;
        this.results = [];
        this.paint();
        void this.look();
        /** @type {HTMLElement | null} */ (this.host.querySelector('.ways [aria-pressed="true"]'))?.focus();
      });
      return made;
    };
    return box(
      'div',
      'ways-row',
      element('b', '', say('many_whom')),
      box('div', 'ways', way(true, say('by_rules')), way(false, say('one_unit'))),
    );
  }

  get fields() {
    return /** @type {HTMLFormElement} */ (required('form', this.host));
  }

  /** What is asked for, apart from the cases. */
  body() {
    return { ...readFields(this.fields), step: /** @type {BulkStep} */ (this.step).step };
  }

  // ---- Looking before doing ----

  lookSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), SOON_MS);
  }

  async look() {
    this.turn += 1;
    const { turn } = this;
    clearTimeout(this.timer);
    // What was typed last may ask after the form was sent or closed.
    if (this.order || !this.host.querySelector('form')) return;
    const body = { ...this.body(), ...(this.byRules ? { by_rules: true } : {}) };
    this.host.toggleAttribute('data-looking', true);
    const found = await lookAt(body, this.rows.map(({ number: one, city }) => ({ number: one, city })));
    if (turn !== this.turn || this.order) return;
    this.host.toggleAttribute('data-looking', false);
    this.sayFault(found.fault ? sentenceOf(found.fault, say('failed')) : '');
    if (found.fault) return;
    this.results = found.results;
    this.shares = found.shares;
    this.paintFigures();
    this.paintUnits();
    this.paintRefused();
    this.paintFoot();
    this.note();
  }

  /** Names of the fields of the form: what is wrong with them is said there, and not of every case. */
  formNames() {
    const step = /** @type {BulkStep} */ (this.step);
    return new Set([...step.needs, ...step.needs_one_of, ...step.takes, 'remark']);
  }

  /** Reasons that lie in the case, not in the form. @param {Result} one */
  faultsOf(one) {
    if (!this.step) return [];
    const names = this.formNames();
    return one.fields.filter(({ field: name, code }) => !names.has(name) || ['no_rule', 'same_severity'].includes(code));
  }

  /** What is wrong with the form. */
  formFaults() {
    const names = this.formNames();
    const [first] = this.results.filter((one) => !this.faultsOf(one).length && one.fields.length);
    return (first?.fields ?? []).filter(({ field: name }) => names.has(name));
  }

  get able() {
    return this.results.filter((one) => !this.faultsOf(one).length);
  }

  paintFigures() {
    const refused = this.results.length - this.able.length;
    const known = this.results.length > 0;
    required('.many-figures', this.host).replaceChildren(
      figure(say('many_can'), known ? String(this.able.length) : '…', ''),
      figure(say('many_cannot'), known ? String(refused) : '…', refused ? 'wrong' : ''),
    );
  }

  paintUnits() {
    const shares = /** @type {Share[]} */ (this.shares ?? []);
    const most = Math.max(1, ...shares.map(({ n, open }) => n + (open ?? 0)));
    required('.many-units', this.host).replaceChildren(...shares.map(({ unit, n, open, rules }) => {
      const before = element('i', 'before');
      before.style.width = `${(100 * (open ?? 0)) / most}%`;
      const added = element('i', 'added');
      added.style.width = `${(100 * n) / most}%`;
      const why = rules.length ? say('many_rules', { rules: rules.join(', ') }) : '';
      const stock = open === null ? '' : say('many_stock', { before: open, after: open + n });
      return box(
        'div',
        'many-unit',
        box('div', 'many-line', element('b', '', units().get(unit) ?? unit), element('b', '', say('count_cases', { n }))),
        box('div', 'many-line dim', element('span', '', why), element('span', '', stock)),
        box('div', 'many-bar', before, added),
      );
    }));
  }

  paintRefused() {
    const refused = this.results.filter((one) => this.faultsOf(one).length);
    required('.many-refused', this.host).replaceChildren(...this.listRefused(refused, say('many_refused', { n: refused.length })));
  }

  /** @param {Result[]} refused @param {string} title */
  listRefused(refused, title) {
    if (!refused.length) return [];
    const lines = refused.slice(0, MOST_LISTED).map((one) => this.refusedLine(one));
    const rest = refused.length - lines.length;
    return [
      box('div', 'many-line', element('b', '', title), element('span', 'dim', say('many_reasons'))),
      ...lines,
      ...(rest > 0 ? [element('p', 'dim', say('many_more', { n: rest }))] : []),
    ];
  }

  /** A case that cannot, why, and one way out. @param {Result} one */
  refusedLine(one) {
    const row = this.rows.find(({ number: own }) => own === one.number);
    const faults = this.faultsOf(one);
    const told = (faults.length ? faults : one.fields).map(({ sentence }) => sentence).join(' ');
    const gone = one.fields.some(({ code }) => code === 'unknown_case' || code === 'twice');
    const act = box(
      'button',
      'small second',
      say(gone ? 'many_leave_out' : one.fields.some(({ code }) => code === 'no_rule') ? 'many_alone' : 'many_look'),
    );
    act.type = 'button';
    act.addEventListener('click', () => {
      if (!gone) return go({ case: one.number });
      release([one.number]);
      this.rows = this.rows.filter(({ number: own }) => own !== one.number);
      void this.look();
    });
    return box(
      'div',
      'many-case',
      icon('overdue', 16, 2),
      box(
        'div',
        '',
        box('div', 'many-name', element('b', '', row ? titleOf(row) : ''), number(one.number)),
        element('div', 'many-why', told),
      ),
      act,
    );
  }

  // ---- Doing it ----

  paintFoot() {
    const step = /** @type {BulkStep} */ (this.step);
    const n = this.able.length;
    const faults = this.formFaults();
    const primary = box('button', 'step first', element('span', '', say('many_do', { step: step.name, n })), box('kbd', '', 'Ctrl Enter'));
    primary.type = 'button';
    primary.disabled = n === 0 || faults.length > 0;
    primary.addEventListener('click', () => void this.send());
    const back = box('button', 'step', say('many_back'));
    back.type = 'button';
    back.addEventListener('click', () => this.close());
    const after = faults.length ? sentenceFor(faults[0], step) : step.undoable ? say('many_undoable') : say('many_stays');
    required('.many-foot', this.host).replaceChildren(primary, back, element('span', 'dim', after));
  }

  /** @param {string} sentence */
  sayFault(sentence) {
    const fault = required('.form-fault', this.host);
    fault.textContent = sentence;
  }

  async send() {
    const step = this.step;
    if (!step || this.order?.busy) return;
    if (!this.order) {
      await this.look();
      const faults = this.formFaults();
      showFaults(this.fields, faults.map((one) => ({ ...one, field: one.code === 'one_of' ? 'unit' : one.field })), step);
      if (faults.length || !this.able.length || this.step !== step) return;
      const wishes = this.able.map((one) => ({
        ...{ number: one.number, city: this.rows.find(({ number: own }) => own === one.number)?.city },
        ...{ ...(one.case_version === null ? {} : { version: one.case_version }) },
        ...(this.byRules && one.unit ? { unit: one.unit } : {}),
      }));
      this.order = new Order(this.body(), wishes);
      this.left = this.results.filter((one) => this.faultsOf(one).length);
    }
    await this.run(step, this.order);
  }

  /** @param {BulkStep} step @param {Order} order */
  async run(step, order) {
    const bar = element('i', '');
    const text = element('span', '', '');
    const progress = (/** @type {number} */ done) => {
      bar.style.width = `${(100 * done) / order.total}%`;
      text.textContent = say('many_progress', { n: done, of: order.total });
    };
    text.setAttribute('role', 'status');
    required('.many-foot', this.host).replaceChildren(box('div', 'many-progress', text, box('div', 'many-bar', bar)));
    progress(order.results.length);
    const stopped = await order.send(progress);
    this.told.done(step, order);
    if (stopped) return this.paintStopped(step, order, stopped);
    const failed = [...order.refused, ...(this.left ?? [])];
    release(order.done.map(({ number: one }) => one));
    if (!failed.length) return this.close();
    this.paintDone(step, order, failed);
  }

  /**
   * It went on until something did not answer: how far it came, what nobody knows, and what was not begun.
   *
   * @param {BulkStep} step
   * @param {Order} order
   * @param {string} why
   */
  paintStopped(step, order, why) {
    release(order.done.map(({ number: one }) => one));
    required('h2', this.host).textContent = say('many_stopped', { step: step.name, n: order.done.length, of: order.total });
    const told = required('.many-head .dim', this.host);
    told.setAttribute('role', 'alert');
    told.textContent = say('many_stopped_why', { why });
    const refused = [...order.refused, ...(this.left ?? [])];
    const figures = box(
      'div',
      'many-figures',
      figure(say('many_figure_done'), String(order.done.length), ''),
      figure(say('many_figure_rest'), String(order.rest), ''),
      figure(say('many_figure_unsure'), String(order.unsure.length), order.unsure.length ? 'wrong' : ''),
      figure(say('many_cannot'), String(refused.length), refused.length ? 'wrong' : ''),
    );
    required('.many-body', this.host).replaceChildren(
      figures,
      box('div', 'many-refused', ...this.listRefused(refused, say('many_refused', { n: refused.length }))),
    );
    const again = box('button', 'step first', say('many_again'));
    again.type = 'button';
    again.addEventListener('click', () => void this.run(step, order));
    required('.many-foot', this.host).replaceChildren(again);
    again.focus();
  }

  /** What became of it, with every case that did not take the step. @param {BulkStep} step @param {Order} order @param {Result[]} failed */
  paintDone(step, order, failed) {
    this.results = failed;
    required('h2', this.host).textContent = say('many_done', { step: step.name, n: order.done.length });
    required('.many-head .dim', this.host).textContent = say('many_left', { n: failed.length });
    required('.many-body', this.host).replaceChildren(
      box('div', 'many-refused', ...this.listRefused(failed, say('many_refused', { n: failed.length }))),
    );
    const close = box('button', 'step first', say('many_close'));
    close.type = 'button';
    close.addEventListener('click', () => this.close());
    required('.many-foot', this.host).replaceChildren(close);
    this.note();
    close.focus();
  }
}
