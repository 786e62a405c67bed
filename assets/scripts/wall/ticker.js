/** The line of new cases: whole items that fit, swapped and not scrolled. There is nothing in it that somebody wrote. */

import { required } from '../dom.js';
import { facts, inLanguage, say } from '../desk/facts.js';
import { box } from './parts.js';

/** How long a set of items stays. */
export const STAY_MS = 9000;
const FIRST_STAGE = 'reported';

export class Ticker {
  /** @param {{no: number, of: number} | null} part Of several screens side by side each shows others. */
  constructor(part = null) {
    this.part = part;
    /** @type {WallNewCase[] | null} */
    this.cases = null;
    /** @type {HTMLElement[]} */
    this.items = [];
    this.from = 0;
    this.shown = 0;
    this.key = '';
  }

  /** @param {{no: number, of: number} | null} part */
  share(part) {
    this.part = part;
    this.key = '';
  }

  /** @param {WallNewCase[] | null} all @param {string} today @param {(at: string) => {day: string, time: string}} read */
  take(all, today, read) {
    const cases = all?.filter((_, n) => !this.part || n % this.part.of === this.part.no - 1) ?? null;
    const key = JSON.stringify([cases, today]);
    if (key === this.key) return;
    const newest = cases?.[0]?.id !== this.cases?.[0]?.id;
    this.key = key;
    this.cases = cases;
    this.items = (cases ?? []).map((one) => itemOf(one, today, read));
    if (newest) this.from = 0;
    this.paint();
  }

  /** The next items. */
  next() {
    if (!this.cases || this.cases.length <= this.shown) return;
    this.from = (this.from + Math.max(1, this.shown)) % this.cases.length;
    this.paint();
  }

  paint() {
    const host = required('#ticker');
    const { items } = this;
    if (!items.length) return host.replaceChildren(box('div', '', this.cases ? say('no_new') : say('needs_cases')));
    const turned = [...items.slice(this.from), ...items.slice(0, this.from)];
    host.replaceChildren(...turned);
    // On a narrow wall an item says when and where, and no more; where that has no room, either, the line is empty.
    for (const looks of ['', 'short']) {
      host.className = `wall-ticker ${looks}`.trim();
      this.shown = countFitting(host, turned);
      if (this.shown) break;
    }
    host.replaceChildren(...turned.slice(0, this.shown));
  }
}

/** How many items stand whole inside the line. @param {HTMLElement} host @param {HTMLElement[]} items */
function countFitting(host, items) {
  const frame = host.getBoundingClientRect();
  const fits = (/** @type {HTMLElement} */ one) => {
    const { right, bottom } = one.getBoundingClientRect();
    return right <= frame.right + 1 && bottom <= frame.bottom + 1;
  };
  const first = items.findIndex((one) => !fits(one));
  return first < 0 ? items.length : first;
}

/** `Grid worker` as in a sentence: `grid worker`. @param {string} text */
const inSentence = (text) => text.charAt(0).toLowerCase() + text.slice(1);

/** @param {WallNewCase} one @param {string} today @param {(at: string) => {day: string, time: string}} read */
function itemOf(one, today, read) {
  const at = read(one.at);
  const when = one.only_day ? at.day.slice(5) : at.day === today ? at.time : `${at.day.slice(5)} ${at.time}`;
  const zh = facts().lang === 'zh';
  const category = inLanguage(one.category, one.category_en);
  // English names are long: the smallest area says enough.
  const where = zh ? one.area.join(' ') : one.area_en.at(-1) ?? '';
  // A case that has only come is told by its source, a later one by how far it is.
  const what = one.stage === FIRST_STAGE
    ? say('reported_by', { category, source: inSentence(say(`source_${one.source}`)) })
    : `${category}${zh ? '，' : ', '}${say(`stage_${one.stage}`)}`;
  const state = one.state ?? 'ended';
  const tone = ['overdue', 'amber', 'paused', 'ended'].includes(state) ? state : 'on_time';
  return box(
    'div',
    '',
    box('i', tone),
    box('span', '', when),
    box('b', '', where),
    box('span', 'what', what),
  );
}
