/** Likely duplicates of what is being entered, the likeliest first, while it is typed. */

import { element } from '../../dom.js';
import { addressOf, state } from '../address.js';
import { box, categoryTile, deadlineCell, stageName, titleOf } from '../cells.js';
import { nearness } from '../case/duplicates.js';
import { facts, say } from '../facts.js';
import { get } from '../server.js';

/** @typedef {import('../case/duplicates.js').SimilarCase} Similar */

/**
 * @param {{city: string, category: string, lon: number, lat: number, description: string, photos: string[]}} asked
 * @param {AbortSignal} signal
 * @returns {Promise<{cases: Similar[], radius_m: number, days: number} | null>}
 */
export async function fetchSimilar({ photos, lon, lat, ...texts }, signal) {
  const query = new URLSearchParams({ ...texts, lon: String(lon), lat: String(lat) });
  photos.forEach((hash) => query.append('photo', hash));
  const answer = await get('/api/cases/similar', query, signal).catch(() => null);
  return answer?.ok ? answer.body : null;
}

export class SimilarList {
  /** @param {(found: Similar) => void} merge */
  constructor(merge) {
    this.merge = merge;
    this.list = element('ul', 'similar-list');
    this.head = element('h3', '', '');
    this.told = element('p', 'unseen');
    this.told.setAttribute('role', 'status');
    this.host = box('section', 'part similar', this.head, this.list, this.told);
    this.host.setAttribute('aria-label', say('similar'));
    this.show(null);
  }

  /** @param {{cases: Similar[], radius_m: number, days: number} | null} found */
  show(found) {
    const cases = found?.cases ?? [];
    this.host.hidden = cases.length === 0;
    this.head.textContent = found ? say('similar_of', { n: cases.length, metres: found.radius_m, days: found.days }) : '';
    const told = cases.length ? say('similar_told', { n: cases.length }) : '';
    if (this.told.textContent !== told) this.told.textContent = told;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.of : undefined;
    this.list.replaceChildren(...cases.map((one) => this.line(one)));
    if (focused) /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-of="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {Similar} one */
  line(one) {
    const link = box('a', 'similar-title', titleOf(one));
    link.href = addressOf({ ...state(), entering: false, case: one.number, city: one.city });
    link.target = '_blank';
    link.dataset.of = `${one.number} open`;
    const about = [nearness(one), stageName(one.stage)].join(' · ');
    return box(
      'li',
      '',
      categoryTile(one, 18),
      box('div', 'similar-words', link, element('span', 'dim', about), deadlineCell(one)),
      facts().can.merge && one.stage !== 'closed' && one.stage !== 'evaluated' ? this.button(one) : null,
    );
  }

  /** @param {Similar} one */
  button(one) {
    const made = box('button', 'small second', say('merge_new'));
    made.type = 'button';
    made.title = say('merge_into_told', { number: one.number });
    made.setAttribute('aria-label', say('merge_into_told', { number: one.number }));
    made.dataset.of = `${one.number} merge`;
    made.addEventListener('click', () => this.merge(one));
    return made;
  }
}
