/** Panels: a title, how it is counted, a place for tools, and a body that loads by itself and never keeps the others waiting. */

import { box } from '../desk/cells.js';
import { facts, say } from '../desk/facts.js';
import { get, sentenceOf } from '../desk/server.js';
import { required } from '../dom.js';
import { download, nameOf } from '../download.js';
import { isMarked, swap } from './swapping.js';
import { deskLink } from './where.js';

/** @typedef {import('../desk/server.js').Answer} Answer */

export class Panel {
  /** @param {string} name Its id. @param {string} [size] Class of its width. */
  constructor(name, size = '') {
    this.title = box('h2', '');
    this.title.id = `${name}-title`;
    this.how = box('p', 'panel-how');
    this.choices = box('div', 'panel-choices');
    // Exports put their buttons here.
    this.tools = box('div', 'panel-tools');
    this.tools.dataset.export = name;
    this.body = box('div', 'panel-body', skeleton());
    this.root = box('section', `panel ${size}`, box('header', 'panel-head', this.title, this.how, this.choices, this.tools), this.body);
    this.root.id = name;
    this.root.setAttribute('aria-labelledby', this.title.id);
    /** Ends what is loading for an older state. */
    this.turn = new AbortController();
    /** What was asked and drawn last. @type {{ask: (signal: AbortSignal, quiet?: boolean) => Promise<any>, paint: (answer: any) => any} | null} */
    this.last = null;
    /** The answer that is drawn, as text. */
    this.told = '';
  }

  /** @param {string} title @param {string} how */
  name(title, how) {
    this.title.textContent = title;
    this.how.textContent = how;
  }

  /** Draw the panel's choices anew; the one that has the focus keeps it. @param {...Node} choices */
  choose(...choices) {
    const { activeElement } = document;
    const focused = this.choices.contains(activeElement) ? activeElement?.getAttribute('aria-label') : null;
    this.choices.replaceChildren(...choices);
    const same = focused ? [...this.choices.querySelectorAll('select')].find((one) => one.getAttribute('aria-label') === focused) : null;
    same?.focus({ preventScroll: true });
  }

  /**
   * Offer what the panel shows as a file, with the same question.
   *
   * @param {string} path
   * @param {URLSearchParams} query
   */
  offer(path, query) {
    this.tools.replaceChildren(.../** @type {const} */ (['xlsx', 'csv']).map((form) => {
      const made = box('button', 'plain', form.toUpperCase());
      made.type = 'button';
      made.setAttribute('aria-label', `${this.title.textContent}: ${form.toUpperCase()}`);
      made.addEventListener('click', () => void takeOut(path, query, form));
      return made;
    }));
  }

  /** Show a sentence instead of an answer. @param {string} sentence */
  tell(sentence) {
    this.turn.abort();
    this.last = null;
    this.root.removeAttribute('aria-busy');
    this.body.replaceChildren(remark(sentence));
  }

  /**
   * Ask, and draw the answer. What was drawn before stays, paler, until it is there.
   *
   * @template T
   * @param {(signal: AbortSignal, quiet?: boolean) => Promise<T>} ask With `quiet` it shows nothing before its answer is whole.
   * @param {(answer: T) => (Node | null)[] | Promise<(Node | null)[]>} paint
   */
  async fill(ask, paint) {
    this.turn.abort();
    const turn = this.turn = new AbortController();
    this.last = { ask, paint };
    this.told = '';
    this.root.setAttribute('aria-busy', 'true');
    try {
      const answer = await ask(turn.signal);
      const drawn = turn.signal.aborted ? [] : await paint(answer);
      if (turn.signal.aborted) return;
      this.body.replaceChildren(...drawn.filter((one) => one !== null));
      this.told = textOf(answer);
    } catch (error) {
      if (turn.signal.aborted) return;
      if (!(error instanceof Refused)) throw error;
      this.body.replaceChildren(trouble(error.message, () => void this.fill(ask, paint)));
    } finally {
      if (!turn.signal.aborted) this.root.removeAttribute('aria-busy');
    }
  }

  /** Ask the same once more. Where the answer is another one, it is drawn in the place of the old one; otherwise nothing happens. */
  async refresh() {
    const { last, turn } = this;
    if (!last || this.root.hasAttribute('aria-busy')) return;
    try {
      const answer = await last.ask(turn.signal, true);
      const told = textOf(answer);
      if (turn.signal.aborted || told === this.told || isMarked(this.body)) return;
      const drawn = await last.paint(answer);
      if (turn.signal.aborted) return;
      swap(this.body, drawn.filter((/** @type {Node | null} */ one) => one !== null));
      this.told = told;
    } catch (error) {
      // What is shown stays; the row of tools says as of when it stands.
      if (!turn.signal.aborted && !(error instanceof Refused)) throw error;
    }
  }
}

/** An answer as text, without the minutes of its moment, which change nothing that is drawn. @param {unknown} answer */
const textOf = (answer) => JSON.stringify(answer, (name, value) => name === 'as_of' ? String(value).slice(0, 13) : value) ?? '';

/** @param {string} path @param {URLSearchParams} query @param {'xlsx' | 'csv'} form */
async function takeOut(path, query, form) {
  const asked = new URLSearchParams(query);
  asked.set('format', form);
  asked.set('lang', facts().lang);
  const told = required('#told');
  told.textContent = say('export_begun');
  const answer = await fetch(`${path}?${asked}`).catch(() => null);
  if (answer?.ok) download(await answer.blob(), nameOf(answer.headers.get('Content-Disposition'), `gridwell.${form}`));
  const body = answer?.ok ? null : await answer?.json().catch(() => null);
  told.textContent = answer?.ok ? say('export_done') : body?.error?.sentence ?? say('failed');
}

/** @type {Set<(moment: string) => void>} */
const listeners = new Set();

/** Hear the moment that each answer stands for. @param {(moment: string) => void} listener */
export const onMoment = (listener) => void listeners.add(listener);

/** The server's own sentence on why there is no answer. */
export class Refused extends Error {}

/**
 * An answer of the machine door.
 *
 * @param {string} path
 * @param {URLSearchParams} query
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export async function fetchAnswer(path, query, signal) {
  const answer = await get(path, query, signal);
  if (!answer.ok) throw new Refused(sentenceOf(answer, say('failed')));
  if (answer.body?.as_of) listeners.forEach((listener) => listener(answer.body.as_of));
  return answer.body;
}

/** @param {string} sentence @param {() => void} again */
function trouble(sentence, again) {
  const button = box('button', 'second small', say('try_again'));
  button.type = 'button';
  button.addEventListener('click', again);
  const made = box('div', 'panel-trouble', box('p', '', sentence), button);
  made.setAttribute('role', 'alert');
  return made;
}

/** What stands where something will be. */
export function skeleton() {
  const made = box('div', 'skeleton', box('i', ''), box('i', ''), box('i', ''), box('i', ''));
  made.setAttribute('aria-label', say('loading'));
  made.setAttribute('role', 'status');
  return made;
}

/** @param {string} sentence */
export const remark = (sentence) => box('p', 'panel-remark', sentence);

/**
 * A number that leads to the cases behind it; without a list, or for somebody who may not see single cases, the number alone.
 *
 * @param {string} text
 * @param {string | null | undefined} list Address at the machine door.
 * @param {string} [className]
 */
export function behind(text, list, className = '') {
  if (!list || !facts().can.cases) return box('span', className, text);
  const made = box('a', `behind ${className}`, text);
  made.href = deskLink(list);
  return made;
}

/** Numerator ÷ denominator, each leading to its cases. @param {IndicatorTold} value @param {(n: number) => string} shown */
export function fraction(value, shown) {
  if (value.denominator === null) return box('span', 'fraction');
  const below = behind(shown(value.denominator), value.denominator_cases);
  if (value.numerator === null) return box('span', 'fraction', 'n = ', below);
  return box('span', 'fraction', behind(shown(value.numerator), value.numerator_cases), ' ÷ ', below);
}

/**
 * A row of choices, of which one is on.
 *
 * @param {string} label
 * @param {[string, string][]} choices Value and name.
 * @param {string} chosen
 * @param {(value: string) => void} act
 */
export function select(label, choices, chosen, act) {
  const made = document.createElement('select');
  made.className = 'choice-of';
  made.setAttribute('aria-label', label);
  made.append(...choices.map(([value, name]) => new Option(name, value, false, value === chosen)));
  made.addEventListener('change', () => act(made.value));
  return made;
}

/**
 * A table, with the first column as the name of each row.
 *
 * @param {string} caption
 * @param {(string | Node)[]} heads
 * @param {(string | Node | null)[][]} rows
 */
export function table(caption, heads, rows) {
  const head = box(
    'tr',
    '',
    ...heads.map((one) => {
      const cell = box('th', '', one);
      cell.scope = 'col';
      return cell;
    }),
  );
  const body = rows.map(([first, ...others]) => {
    const name = box('th', '', first);
    name.scope = 'row';
    return box('tr', '', name, ...others.map((one) => box('td', '', one)));
  });
  return box('table', 'figures-table', box('caption', 'unseen', caption), box('thead', '', head), box('tbody', '', ...body));
}

/** Something as a table, behind a word that opens it: for whoever does not see the picture. @param {Node} inside */
export function asTable(inside) {
  const scroller = box('div', 'scroller', inside);
  scroller.tabIndex = 0;
  scroller.setAttribute('role', 'region');
  scroller.setAttribute('aria-label', say('as_table'));
  return box('details', 'as-table', box('summary', '', say('as_table')), scroller);
}
