/** The selected case at the foot of the map: what it is, the way to open it, and the two steps that most likely come next. */

import { element, required } from '../../dom.js';
import { go } from '../address.js';
import { inCity } from '../case/key.js';
import { assigneeOf, box, categoryTile, stageName, titleOf, unitOf } from '../cells.js';
import { area, now } from '../city.js';
import { cases } from '../desk.js';
import { nextSteps, whenLoaded } from '../drawer.js';
import { inLanguage, say } from '../facts.js';
import { icon } from '../icons.js';
import { deadline } from '../moments.js';
import { get } from '../server.js';
import { inOrder } from '../steps.js';

/** Whoever walks through the list asks for no case on the way. */
const REST_MS = 300;
const STEPS = 2;

/** A case of the list's city, without its reporters: to read these would be written to the audit log. */
export function inPassing() {
  const query = inCity(area().city);
  query.set('reporters', 'false');
  return query;
}

/** @typedef {DeskCase | import('./places.js').Place} Known */

export class Card {
  constructor() {
    this.host = box('section', 'panel beside-card');
    this.host.setAttribute('aria-label', say('selected_case'));
    this.host.hidden = true;
    this.photo = box('div', 'card-photo');
    this.words = box('div', 'card-words');
    this.acts = box('div', 'card-acts');
    /** @type {string | null} */
    this.number = null;
    this.asking = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    const close = box('button', 'round card-close', icon('close', 16));
    close.type = 'button';
    close.setAttribute('aria-label', say('close'));
    close.addEventListener('click', () => cases().select(null));
    this.host.append(this.photo, box('div', 'card-right', this.words, this.acts), close);
    required('#beside').append(this.host);
  }

  /**
   * Show a case, or none.
   *
   * @param {Known | null} row
   * @param {boolean} placed Whether it stands on the map.
   */
  show(row, placed) {
    this.host.hidden = row === null;
    if (row === null) return this.forget();
    this.paint(row, placed);
    if (row.number === this.number) return;
    this.forget();
    this.number = row.number;
    this.photo.replaceChildren(categoryTile(/** @type {DeskCase} */ (row), 28));
    this.acts.replaceChildren(this.opener(row.number));
    this.timer = setTimeout(() => void this.load(row.number), REST_MS);
  }

  forget() {
    clearTimeout(this.timer);
    this.asking.abort();
    this.number = null;
  }

  /** @param {Known} row @param {boolean} placed */
  paint(row, placed) {
    const listed = /** @type {DeskCase} */ (row);
    const state = row.state ?? 'ended';
    const due = row.due_at ? say('due', { moment: area().clock.moment(row.due_at, now()) }) : '';
    const place = [inLanguage(listed.grid_name, listed.grid_name_en), unitOf(listed), assigneeOf(listed)].filter(Boolean).join(' · ');
    this.words.replaceChildren(
      box(
        'p',
        'card-line',
        box('span', `tag tag-${state}`, icon(state, 14, 2), element('span', '', deadline(listed, now(), say).text)),
        element('span', 'dim', [due, stageName(row.stage)].filter(Boolean).join(' · ')),
      ),
      element('b', 'card-title', titleOf(listed)),
      element('p', 'dim card-place', placed ? place : [place, say('no_place')].filter(Boolean).join(' · ')),
    );
  }

  /** @param {string} number */
  opener(number) {
    const made = box('button', 'small', say('open'), box('kbd', '', 'Enter'));
    made.type = 'button';
    made.addEventListener('click', () => go({ case: number }));
    return made;
  }

  /** Photo and next steps. @param {string} number */
  async load(number) {
    const { signal } = this.asking = new AbortController();
    const answer = await get(`/api/cases/${encodeURIComponent(number)}`, inPassing(), signal).catch(() => null);
    if (!answer?.ok || signal.aborted || this.number !== number) return;
    /** @type {CaseTold} */
    const told = answer.body;
    const [hash] = told.history.flatMap(({ attachments }) => attachments);
    if (hash) this.showPhoto(hash, told);
    const steps = inOrder(told.steps).slice(0, STEPS).map((step) => this.stepButton(number, step));
    this.acts.replaceChildren(this.opener(number), ...steps);
  }

  /** @param {string} hash @param {CaseTold} told */
  showPhoto(hash, told) {
    const image = document.createElement('img');
    image.alt = say('photo_of', { what: told.case.title });
    // What is no photo leaves the symbol of the category.
    image.addEventListener('load', () => this.number === told.case.number && this.photo.replaceChildren(image), { once: true });
    image.src = `/api/attachments/${hash}?size=small`;
  }

  /** A step begins in the drawer, where its form has room. @param {string} number @param {StepOffered} step */
  stepButton(number, { step, name }) {
    const made = box('button', 'small second', name);
    made.type = 'button';
    made.addEventListener('click', async () => {
      go({ case: number });
      await whenLoaded();
      void nextSteps().take(step);
    });
    return made;
  }
}
