/** The next steps of a case as buttons with their forms. What is offered says the machine door; a new step appears by itself. */

import { element } from '../dom.js';
import { box } from './cells.js';
import { dropDraft } from './drafts.js';
import { say } from './facts.js';
import { field, needsForm, readFields, showFaults, shownFields } from './fields.js';
import { icon } from './icons.js';
import { newKey, post, sentenceOf } from './server.js';

/** What has a place of its own: the field for words, and the notice after a step. */
const ELSEWHERE = ['remark', 'reply', 'undo', 'blur'];
const SHOWN = 3;
/** Answers after which nobody knows whether a step was taken: none at all, and those of a busy server or of what stands before it. */
const UNCERTAIN = [0, 429, 502, 503, 504];

/** A sentence about a case; about one that is not open any more, with its number. @param {boolean} here @param {string} number @param {string} sentence */
const named = (here, number, sentence) => here ? sentence : `${number}: ${sentence}`;

/** Steps that lead a case on come first; those that end it or send it elsewhere come last. All others stand between them. */
const ONWARDS = ['resume', 'file', 'dispatch', 'accept', 'handle', 'verify_pass', 'verify_fail', 'evaluate', 'call_back', 'reopen'];
const ASIDE = ['split', 'refer_up', 'mark_duplicate', 'void'];
/** Between them: those that change who works on a case before those that only change what is known of it, or stop its clock. */
const BETWEEN = ['remind', 'hand_over', 'not_responsible', 'set_severity', 'move', 'pause'];

/**
 * Where a step stands among the buttons.
 *
 * @param {string} step
 */
export function rank(step) {
  const known = [...ONWARDS, ...BETWEEN];
  if (known.includes(step)) return known.indexOf(step);
  return known.length + 1 + ASIDE.indexOf(step);
}

/**
 * Whether a step leads a case on: only such a one is proposed as the next.
 *
 * @param {string} step
 */
export const leadsOn = (step) => ONWARDS.includes(step);

/**
 * Those with a button of their own, the likeliest first.
 *
 * @param {StepOffered[]} offered
 */
export const inOrder = (offered) =>
  offered.filter(({ step }) => !ELSEWHERE.includes(step)).toSorted((one, other) => rank(one.step) - rank(other.step));

/**
 * @typedef {{
 *   case: () => CaseTold | null, done: (step: StepOffered, answer: any) => void, changed: (error: any) => void,
 *   doneElsewhere: (of: {number: string, city: string}, step: StepOffered, answer: any) => void, refused: (sentence: string) => void,
 * }} Told
 */

export class Steps {
  /**
   * @param {import('./composer.js').Composer} composer
   * @param {Told} told
   */
  constructor(composer, told) {
    this.composer = composer;
    this.told = told;
    this.host = box('div', 'steps-row');
    this.formHost = box('div', 'step-form-host');
    /** The step whose form is open. @type {StepOffered | null} */
    this.open = null;
    /** The form. @type {HTMLFormElement | null} */
    this.form = null;
    this.busy = false;
    /** The case of which a step is under way. @type {{number: string, city: string} | null} */
    this.sending = null;
    /** Key of the next request: it stays while the answer to this very request is unknown. */
    this.key = newKey();
    this.said = '';
    /** The buttons that are drawn. */
    this.painted = '';
  }

  /** The steps with a button, in the order of their keys. */
  list() {
    return inOrder(this.told.case()?.steps ?? []);
  }

  clear() {
    this.closeForm();
    this.painted = '';
    this.host.replaceChildren();
  }

  /** Draw the buttons; a form that is open stays, with all that was typed. @param {CaseTold} told */
  paint(told) {
    this.paintButtons(this.list());
    if (this.open) this.checkOpen(told);
  }

  /**
   * Buttons that are there already stay, and so does an open menu: a case is told again while somebody is about to touch one.
   *
   * @param {StepOffered[]} all
   */
  paintButtons(all) {
    const key = JSON.stringify(all.map(({ step, name }) => [step, name]));
    if (key === this.painted) return;
    this.painted = key;
    const buttons = all.slice(0, SHOWN).map((step, n) => this.button(step, n));
    const rest = all.slice(SHOWN);
    const row = document.activeElement instanceof HTMLElement && this.host.contains(document.activeElement)
      ? document.activeElement.dataset.step
      : null;
    const unfolded = this.host.querySelector('details')?.open;
    this.host.replaceChildren(...buttons, ...(rest.length ? [this.more(rest)] : []));
    if (unfolded) this.host.querySelector('details')?.setAttribute('open', '');
    if (!all.length) this.host.append(element('p', 'dim', say('no_steps')));
    if (row) /** @type {HTMLElement | null} */ (this.host.querySelector(`[data-step="${row}"]`))?.focus();
  }

  /** @param {StepOffered} step @param {number} n */
  button(step, n) {
    const made = box(
      'button',
      n === 0 && leadsOn(step.step) ? 'step first' : 'step',
      element('span', '', step.name),
      n < 9 ? box('kbd', '', String(n + 1)) : null,
    );
    made.type = 'button';
    made.dataset.step = step.step;
    made.addEventListener('click', () => void this.take(step.step));
    return made;
  }

  /** @param {StepOffered[]} rest */
  more(rest) {
    const summary = box('summary', 'tool', icon('more', 18, 3));
    summary.setAttribute('aria-label', say('more_steps'));
    summary.title = say('more_steps');
    const lines = rest.map((step, n) => {
      const made = this.button(step, n + SHOWN);
      made.className = 'choice';
      made.addEventListener('click', () => menu.removeAttribute('open'));
      return made;
    });
    const menu = box('details', 'menu right upward more-steps', summary, box('div', 'menu-list', ...lines));
    return menu;
  }

  /**
   * Take a step, or open its form where it needs one.
   *
   * @param {string} name
   */
  async take(name) {
    const step = this.told.case()?.steps.find((one) => one.step === name);
    if (!step || this.busy) return;
    if (needsForm(step) && name !== 'reply') return this.openForm(step);
    if (step.needs.length && !this.composer.text) return this.askWords();
    await this.send(step, {});
  }

  /** What this step needs is the text under the case. */
  askWords() {
    this.composer.say(say('needed'));
    this.composer.input.focus();
  }

  /** @param {StepOffered} step */
  openForm(step) {
    const told = this.told.case();
    if (!told) return;
    if (this.open?.step === step.step) return this.focusForm();
    const form = document.createElement('form');
    form.className = 'step-form';
    form.noValidate = true;
    const needed = new Set(step.needs);
    const cancel = box('button', 'small second', say('cancel'));
    cancel.type = 'button';
    cancel.addEventListener('click', () => this.closeForm());
    form.append(
      element('h3', '', step.name),
      box('div', 'step-fields', ...shownFields(step).map((name) => field(name, told, needed.has(name)))),
      element('p', 'error form-fault'),
      box('div', 'step-acts', box('button', 'small', step.name), cancel),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.send(step, readFields(form));
    });
    this.open = step;
    this.form = form;
    this.formHost.replaceChildren(form);
    this.focusForm();
  }

  focusForm() {
    /** @type {HTMLElement | null | undefined} */ (this.form?.querySelector('input, select, textarea'))?.focus();
  }

  closeForm() {
    const held = this.form?.contains(document.activeElement);
    const { step } = this.open ?? {};
    this.open = this.form = null;
    this.formHost.replaceChildren();
    if (held && step) /** @type {HTMLElement | null} */ (this.host.querySelector(`[data-step="${step}"]`))?.focus();
  }

  /** A form whose step is not possible any more stays with what was typed, but cannot be sent. @param {CaseTold} told */
  checkOpen(told) {
    const able = told.steps.some(({ step }) => step === this.open?.step);
    const submit = /** @type {HTMLButtonElement | null} */ (this.form?.querySelector('button:not([type="button"])'));
    if (submit) submit.disabled = !able;
    this.sayForm(able ? '' : say('step_gone'));
  }

  /** @param {string} sentence */
  sayForm(sentence) {
    const fault = /** @type {HTMLElement | null} */ (this.form?.querySelector('.form-fault'));
    if (!fault) return false;
    fault.textContent = sentence;
    fault.hidden = sentence === '';
    return true;
  }

  /** What is written and attached under the case goes along. @param {StepOffered} step @param {Record<string, unknown>} fields */
  bodyOf(step, fields) {
    const told = /** @type {CaseTold} */ (this.told.case());
    const { tab, text, files } = this.composer;
    const words = step.step === 'reply'
      ? (text ? { reply: text } : {})
      : tab === 'remark' && text && step.step !== 'undo'
      ? { remark: text }
      : {};
    const attachments = files.length && step.step !== 'undo' ? { attachments: files.map(({ hash }) => hash) } : {};
    return { ...words, ...attachments, ...fields, step: step.step, version: told.case.version };
  }

  /** @param {StepOffered} step @param {Record<string, unknown>} fields */
  async send(step, fields) {
    const told = this.told.case();
    if (!told) return;
    const { number, city } = told.case;
    const body = this.bodyOf(step, fields);
    const said = JSON.stringify([city, number, body]);
    if (said !== this.said) this.key = newKey();
    this.said = said;
    this.setBusy({ number, city });
    const answer = await post(`/api/cases/${encodeURIComponent(number)}/steps`, body, this.key, new URLSearchParams({ city }));
    this.setBusy(null);
    const open = this.told.case();
    const here = open?.case.number === number && open.case.city === city;
    // Nobody knows whether it was taken: the same step of the same case goes with the same key again, and is taken once.
    if (UNCERTAIN.includes(answer.status)) return this.told.refused(named(here, number, sentenceOf(answer, say('not_sent'))));
    this.said = '';
    if (!here) return this.answered({ number, city }, step, body, answer);
    if (answer.ok) return this.taken(step, body, answer.body);
    this.refuse(answer);
  }

  /**
   * The answer came while another case is open: what is typed there stays, and nothing is said of it.
   *
   * @param {{number: string, city: string}} of
   * @param {StepOffered} step
   * @param {any} body
   * @param {import('./server.js').Answer} answer
   */
  answered(of, step, body, answer) {
    if (!answer.ok) return this.told.refused(named(false, of.number, sentenceOf(answer, say('failed'))));
    if (body.remark || body.reply || body.attachments) dropDraft(of.city, of.number);
    this.told.doneElsewhere(of, step, answer.body);
  }

  /** @param {StepOffered} step @param {any} body @param {any} answer */
  taken(step, body, answer) {
    if (body.remark || body.reply || body.attachments) this.composer.clear();
    this.closeForm();
    this.told.done(step, answer);
  }

  /** @param {import('./server.js').Answer} answer */
  refuse(answer) {
    const error = answer.body?.error ?? {};
    const faults = /** @type {{field: string, code: string, sentence: string}[]} */ (error.fields ?? []);
    if (faults.some(({ code }) => code === 'changed')) return this.told.changed(error);
    const left = showFaults(this.form, faults.filter(({ field }) => !['remark', 'reply'].includes(field)), this.open);
    const words = faults.filter(({ field }) => ['remark', 'reply'].includes(field));
    if (words.length) {
      this.composer.say(words.map(({ sentence }) => sentence).join(' '));
      this.composer.input.focus();
    }
    if (!left.length && faults.length) return;
    const sentence = left.join(' ') || error.sentence || say('failed');
    if (!this.sayForm(sentence)) this.told.refused(sentence);
  }

  /** @param {{number: string, city: string} | null} sending The case of which a step is under way. */
  setBusy(sending) {
    this.sending = sending;
    this.busy = sending !== null;
    this.host.toggleAttribute('data-busy', this.busy);
    this.formHost.toggleAttribute('data-busy', this.busy);
  }
}
