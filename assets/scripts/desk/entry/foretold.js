/** What would become of the case: cell, deadline with its reasons, and who gets it. Asked of the functions that file cases. */

import { element } from '../../dom.js';
import { box } from '../cells.js';
import { area, now } from '../city.js';
import { inLanguage, say } from '../facts.js';
import { icon } from '../icons.js';
import { spanText } from '../moments.js';
import { newKey, post } from '../server.js';

/**
 * @typedef {{code: string, name: string, name_en: string, level: string}} AreaTold
 * @typedef {{
 *   ok: boolean, fields: {field: string, code: string, sentence: string}[], channel: string,
 *   place: {city: string, area: string, areas: AreaTold[], lon: number | null, lat: number | null, method: string, sentence: string} | null,
 *   deadline: {due_at: string | null, provisional: boolean, lines: {kind: string, text: string}[]} | null,
 *   route: {unit: string | null, sentence: string} | null,
 * }} Told
 */

/** The areas of a place in words, the largest first, below the city. @param {Told['place']} place */
export const placeText = (place) =>
  (place?.areas ?? []).filter(({ level }) => level !== 'city').toReversed().map((one) => inLanguage(one.name, one.name_en)).join(' › ');

/** Ask what would become of a report. @param {Record<string, unknown>} body @returns {Promise<Told | null>} */
export async function foretell(body) {
  const { ok, body: told } = await post('/api/cases/preview', body, newKey());
  return ok ? told : null;
}

export class Foretold {
  constructor() {
    this.lines = box('div', 'foretold-lines');
    this.told = element('p', 'unseen');
    this.told.setAttribute('role', 'status');
    this.host = box('section', 'part foretold', element('h3', '', say('foretold')), this.lines, this.told);
    this.host.setAttribute('aria-label', say('foretold'));
    this.show(null);
  }

  /** @param {Told | null} told */
  show(told) {
    const { deadline = null, route = null } = told ?? {};
    if (!deadline || !route) {
      this.lines.replaceChildren(element('p', 'dim', say('foretold_needs')));
      this.told.textContent = '';
      return;
    }
    const open = this.lines.querySelector('details')?.open ?? false;
    const due = dueText(deadline.due_at);
    const why = box(
      'details',
      'foretold-why',
      element('summary', '', say('why_deadline')),
      box(
        'ol',
        'why',
        ...deadline.lines.map(({ kind, text }) => element('li', `why-${kind}`, text)),
      ),
    );
    why.open = open;
    const provisional = deadline.provisional ? say('provisional') : '';
    this.lines.replaceChildren(
      box('p', 'foretold-line', icon('on_time', 16), box('span', '', element('b', '', due), provisional ? ` ${provisional}` : '')),
      why,
      box('p', 'foretold-line', icon('unit', 16), element('span', '', route.sentence)),
    );
    const sentence = [due, provisional, route.sentence].filter(Boolean).join(' ');
    if (this.told.textContent !== sentence) this.told.textContent = sentence;
  }
}

/** @param {string | null} moment */
function dueText(moment) {
  if (!moment) return say('no_deadline');
  const left = spanText(Date.parse(moment) - now(), say);
  return `${say('due', { moment: area().clock.moment(moment, now()) })} · ${say('left', { span: left })}`;
}
