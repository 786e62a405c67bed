/** The counts on top: each is a filter. */

import { required } from '../dom.js';
import { go, state } from './address.js';
import { box } from './cells.js';
import { countText } from './counts.js';
import { say } from './facts.js';
import { icon } from './icons.js';
import { OPEN_STAGES, OPEN_STATES, toggled } from './state.js';

/** @typedef {Awaited<ReturnType<typeof import('./counts.js').countFacets>>} Facets */

/**
 * @param {string} label
 * @param {string} text
 * @param {boolean} on
 * @param {() => void} act
 * @param {string} [kind] A deadline state, which has a colour and a symbol.
 * @param {string} [short] The label where there is little room.
 */
function tile(label, text, on, act, kind, short = label) {
  const made = box(
    'button',
    `count ${kind ? `count-${kind}` : ''}`,
    box(
      'span',
      'count-label',
      kind ? icon(kind, 14, 2) : null,
      ...(short === label ? [box('span', '', label)] : [box('span', 'long', label), box('span', 'short', short)]),
    ),
    box('b', 'count-value', text || '–'),
  );
  made.type = 'button';
  made.setAttribute('aria-pressed', String(on));
  made.addEventListener('click', act);
  return made;
}

/**
 * Draw the strip, or only its numbers anew: what has the focus keeps it.
 *
 * @param {Facets | null} facets
 */
export function paintStrip(facets) {
  const strip = required('#strip');
  const now = state();
  const focused = [...strip.querySelectorAll('button')].indexOf(/** @type {any} */ (document.activeElement));
  const none = !now.states.length && !now.stages.length;
  const stages = OPEN_STAGES.map((stage) =>
    tile(
      say(`stage_${stage}`),
      facets?.stages ? countText(facets.stages[stage] ?? { n: 0, more: false }) : '',
      now.stages.includes(stage),
      () => go(toggled(state(), 'stages', stage)),
      undefined,
      say(`short_${stage}`),
    )
  );
  const states = OPEN_STATES.map((one) =>
    tile(
      say(`state_${one}`),
      facets?.states ? countText(facets.states[one] ?? { n: 0, more: false }) : '',
      now.states.includes(one),
      () => go(toggled(state(), 'states', one)),
      one,
    )
  );
  const all = tile(say('all_open'), countText(facets?.total), none, () => go({ states: [], stages: [] }));
  strip.replaceChildren(
    all,
    box('span', 'rule'),
    box('div', 'count-group stages', ...stages),
    box('span', 'rule'),
    box('div', 'count-group states', ...states),
  );
  if (focused >= 0) strip.querySelectorAll('button')[focused]?.focus();
}
