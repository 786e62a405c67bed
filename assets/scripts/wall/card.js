/** The card of a case that breaks in: what it is and in which cell, and nothing about a person. */

import { inLanguage, say } from '../desk/facts.js';
import { required } from '../dom.js';
import { box, redraw } from './parts.js';

/** @param {import('./tour/shown.js').Shown} shown */
export function paintCard({ card, kind }) {
  const host = required('#card');
  host.hidden = card === null;
  if (!card) return;
  redraw(host, [card, kind], () => [
    box('p', '', say(kind === 'late_3' ? 'card_late_3' : 'card_serious')),
    box('h2', '', inLanguage(card.category_name, card.category_name_en)),
    box('p', '', [inLanguage(card.area_name, card.area_name_en), say(`severity_${card.severity}`)].filter(Boolean).join(' · ')),
  ]);
}
