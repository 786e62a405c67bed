/** Key figures of a day, and the legend with the number of crossings in each state. */

import { box } from '../desk/cells.js';
import { facts, say } from '../desk/facts.js';
import { element } from '../dom.js';
import { percent, splitCount, whole } from './numbers.js';
import { classOf, layOut, toneOf } from './reckoning.js';
import { stateSymbol } from './symbols.js';
import { shortDay } from './words.js';

const LEGEND = ['on_time', 'late', 'failed', 'empty', 'never', 'not_due', 'none', 'hidden'];
/** States that stand in the legend only where some crossing is in them. */
const SELDOM = ['not_due', 'hidden'];

/** @param {HTMLElement} host @param {HubAnswer} answer */
export function drawKeyFigures(host, answer) {
  const { totals, day, worst } = answer;
  const states = totals.feed_states ?? {};
  /** @param {string} state */
  const feeds = (state) => states[state] ?? 0;
  const none = answer.departments.length * answer.levels.length - answer.cells.length;
  const crossings = answer.cells.filter(({ feeds: n }) => n).length;
  const due = totals.due ?? 0;
  const longest = Math.max(0, ...worst.map(({ state, late_days: n }) => (state === 'late' ? n ?? 0 : 0)));
  const records = splitCount(totals.records, facts().lang);
  const faults = feeds('failed') + feeds('empty') + feeds('never');
  const share = totals.on_time_share;
  host.replaceChildren(
    figure(
      'hub_key_feeds',
      whole(totals.feeds),
      say('hub_unit_feeds'),
      say('hub_key_crossings', { n: whole(crossings), none: whole(none) }),
    ),
    figure(
      'hub_key_on_time',
      share === null ? '–' : percent(share),
      '%',
      share === null ? say('hub_nothing_due') : say('hub_key_fraction', { n: whole(totals.on_time ?? 0), of: whole(due) }),
    ),
    figure(
      'hub_key_late',
      whole(feeds('late')),
      say('hub_unit_feeds'),
      longest ? say('hub_key_longest', { n: longest }) : say(feeds('late') ? 'hub_key_late_today' : 'hub_key_no_late'),
      feeds('late') ? 'is-late' : '',
    ),
    figure(
      'hub_key_faults',
      `${whole(feeds('failed'))} / ${whole(feeds('empty'))} / ${whole(feeds('never'))}`,
      say('hub_unit_feeds'),
      say('hub_key_sum', { n: whole(faults) }),
      feeds('failed') ? 'is-failed' : '',
    ),
    figure('hub_key_records', records.text, records.unit + say('hub_unit_records'), say('hub_key_as_of', { day: shortDay(day) })),
    figure('hub_key_complete', totals.completeness === null ? '–' : percent(totals.completeness), '%', say('hub_key_weighted')),
    figure('hub_key_quarantine', whole(totals.quarantined), say('hub_unit_rows'), say('hub_key_waiting')),
  );
}

/** @param {string} name @param {string} value @param {string} unit @param {string} more @param {string} [tone] */
function figure(name, value, unit, more, tone = '') {
  return box(
    'div',
    'hub-key',
    element('dt', '', say(name)),
    box('dd', tone, element('b', '', value), element('small', '', unit)),
    element('dd', 'hub-small', more),
  );
}

/** Grey bars of the size that the figures will have. @param {HTMLElement} host */
export const drawWaitingKeys = (host) =>
  host.replaceChildren(
    ...['feeds', 'on_time', 'late', 'faults', 'records', 'complete', 'quarantine'].map((name) =>
      box(
        'div',
        'hub-key',
        element('dt', '', say(`hub_key_${name}`)),
        box('dd', '', box('i', 'hub-wait')),
        box('dd', 'hub-small', box('i', 'hub-wait low')),
      )
    ),
  );

/** @param {HTMLElement} host @param {HubAnswer} answer */
export function drawLegend(host, answer) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { cells } of layOut(answer).rows) {
    for (const cell of cells) {
      const [tone] = toneOf(cell).split(' ');
      counts[tone] = (counts[tone] ?? 0) + 1;
    }
  }
  const shown = LEGEND.filter((tone) => counts[tone] || !SELDOM.includes(tone));
  const items = shown.map((tone) =>
    box(
      'li',
      '',
      box('i', `hub-mark ${classOf(tone)}`, stateSymbol(tone, 14)),
      `${say(`hub_${tone}`)} `,
      element('b', '', String(counts[tone] ?? 0)),
    )
  );
  host.replaceChildren(box('ul', '', ...items), element('p', 'hub-small', say('hub_legend_note')));
}
