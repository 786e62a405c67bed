/** Where the cases of the list stand: asked for once for each list, and kept up to date by what happens. */

import { state } from '../address.js';
import { cases } from '../desk.js';
import { facts, inLanguage } from '../facts.js';
import { get, sentenceOf } from '../server.js';
import { listQuery } from '../state.js';

/**
 * What the machine door tells of a case with a place, as far as a pin needs it.
 *
 * @typedef {{
 *   number: string, title: string, title_en: string | null, category: string, channel: string, severity: number, state: string | null,
 *   stage: string, due_at: string | null, reported_at: string, version: number, lon: number, lat: number,
 * }} Place
 * @typedef {{listed: number, placed: number, cut: boolean, total: {n: number, more: boolean} | null}} Told
 */

const RANKS = ['overdue', 'amber', 'on_time', 'paused'];

/** @param {string | null} state */
const rank = (state) => (state !== null && RANKS.includes(state) ? RANKS.indexOf(state) : RANKS.length);

export class Places {
  constructor() {
    /** @type {Map<string, Place>} */
    this.known = new Map();
    /** How much of the list was told; null before that. @type {Told | null} */
    this.told = null;
    this.asOf = '';
    this.asking = new AbortController();
    /** Whether the pins are still those of the list before. */
    this.older = false;
    /** The pins as the map takes them: the same object until something changes. @type {{kind: string, rows: CaseRow[], as_of: string} | null} */
    this.made = null;
    /** The case that is selected though the list's beginning does not hold it. @type {Place | null} */
    this.beside = null;
  }

  /**
   * Ask for the places of the list of the address; pins of the list before stay until the answer is there. Says what is wrong, or nothing;
   * null when another list was asked for meanwhile.
   */
  async ask() {
    this.asking.abort();
    this.older = true;
    const { signal } = this.asking = new AbortController();
    const answer = await get('/api/cases/places', listQuery(state(), facts()), signal).catch(() => null);
    if (!answer || signal.aborted) return null;
    if (!answer.ok) {
      this.forget();
      return sentenceOf(answer, '');
    }
    this.older = false;
    const { places, as_of: asOf, listed, cut, total } = answer.body;
    this.known = new Map(places.map((/** @type {Place} */ one) => [one.number, one]));
    this.told = { listed, placed: places.length, cut, total };
    this.asOf = asOf;
    this.made = this.beside = null;
    return '';
  }

  /** The list that is wanted is not known: pins of another one would belong to nothing on the page. */
  forget() {
    this.known = new Map();
    this.told = this.made = this.beside = null;
    this.older = false;
  }

  /** Deadlines have passed, or something was missed: cases that are shown get their present state, and no others come. */
  async renew() {
    const { signal } = this.asking;
    const answer = await get('/api/cases/places', listQuery(state(), facts()), signal).catch(() => null);
    if (!answer?.ok || signal.aborted) return false;
    this.asOf = answer.body.as_of;
    const changed = answer.body.places.filter((/** @type {Place} */ { number, version, state: now }) => {
      const known = this.known.get(number);
      return known && (known.state !== now || known.version < version);
    });
    changed.forEach((/** @type {Place} */ one) => this.known.set(one.number, one));
    if (changed.length) this.made = null;
    return changed.length > 0;
  }

  /** @param {string | null} number */
  find(number) {
    return number === null ? null : this.known.get(number) ?? (this.beside?.number === number ? this.beside : null);
  }

  /**
   * Something of a case has changed. Says whether a pin changes.
   *
   * @param {string} number
   * @param {Partial<Place>} changes
   */
  patch(number, changes) {
    const known = this.known.get(number);
    if (!known || (changes.version ?? Infinity) <= known.version) return false;
    this.known.set(number, { ...known, ...changes });
    this.made = null;
    return true;
  }

  /**
   * Have a pin for the selected case, too, where the list holds it further down than places are told.
   *
   * @param {string | null} number
   */
  include(number) {
    const row = number === null || this.known.has(number) ? null : cases().pages.find(number);
    const place = row && row.lon !== null && row.lat !== null ? /** @type {Place} */ (row) : null;
    if (place?.number === this.beside?.number) return;
    this.beside = place;
    this.made = null;
  }

  /** The pins, the most urgent first: where there is no room, the others are counted in them. */
  pins() {
    const all = [...this.known.values(), ...(this.beside ? [this.beside] : [])];
    this.made ??= {
      kind: 'points',
      as_of: this.asOf,
      rows: all.toSorted((one, other) => rank(one.state) - rank(other.state)).map(pinOf),
    };
    return this.made;
  }
}

/** @param {Place} place @returns {CaseRow} */
const pinOf = (place) => ({
  ...place,
  key: place.number,
  title: inLanguage(place.title, place.title_en),
  state: place.state === null || place.state === 'ended' ? 'closed' : place.state,
});
