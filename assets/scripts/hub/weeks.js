/** The picked column over the last 52 weeks: one row for each level, marked in faulty weeks alone. */

import { box } from '../desk/cells.js';
import { say } from '../desk/facts.js';
import { element } from '../dom.js';
import { classOf, monthMarks, shiftDay, toneOf } from './reckoning.js';
import { stateSymbol } from './symbols.js';
import { levelName, shortDay, stateText } from './words.js';

export const WEEKS = 52;

/**
 * @param {HTMLElement} host
 * @param {string} department Its short name.
 * @param {string} last Day with which the last week ends.
 * @param {{level: string, weeks: ({state: string, late_days?: number, first: string} | null)[]}[]} rows
 * @param {string} level The picked one.
 */
export function drawWeeks(host, department, last, rows, level) {
  const head = box(
    'div',
    'hub-part-head',
    element('h2', '', say('hub_weeks', { department })),
    element('span', 'hub-small', say('hub_weeks_note')),
  );
  const grid = box('div', 'hub-weeks');
  for (const row of rows) {
    const strip = box('span', 'hub-strip', ...row.weeks.map(week));
    strip.setAttribute('role', 'img');
    strip.setAttribute('aria-label', `${levelName(row.level)}: ${told(row.weeks)}`);
    grid.append(element('span', row.level === level ? 'hub-strip-name on' : 'hub-strip-name', levelName(row.level)), strip);
  }
  const axis = box('span', 'hub-axis');
  axis.setAttribute('aria-hidden', 'true');
  const first = shiftDay(last, 1 - 7 * WEEKS);
  monthMarks(first, last).filter((_, n) => n % 3 === 0).forEach(({ month, at, year }) =>
    axis.append(mark(year || at < 0.1 ? month : month.slice(5), at))
  );
  grid.append(element('span', ''), axis);
  const own = rows.find((row) => row.level === level);
  const summary = box('p', 'hub-small', element('b', '', levelName(level)), ' ', own ? told(own.weeks) : '');
  host.replaceChildren(head, grid, summary);
}

/** @param {string} text @param {number} at */
function mark(text, at) {
  const made = element('span', '', text);
  made.style.left = `${100 * at}%`;
  return made;
}

/** @param {{state: string, late_days?: number, first: string} | null} one */
function week(one) {
  const tone = one ? toneOf({ ...one, feeds: 1, hidden: false, late_days: one.late_days ?? 0 }) : 'none';
  const made = box('i', classOf(tone), ['none', 'on_time', 'not_due'].includes(tone) ? '' : stateSymbol(tone, 10));
  if (one) made.title = say('hub_week_told', { day: shortDay(one.first), what: stateText(one.state, one.late_days) });
  return made;
}

/** How many weeks were in which state. @param {({state: string} | null)[]} weeks */
export function told(weeks) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const one of weeks) if (one && one.state !== 'not_due') counts[one.state] = (counts[one.state] ?? 0) + 1;
  const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
  if (!all) return say('hub_weeks_none');
  const parts = ['on_time', 'late', 'failed', 'empty', 'never'].filter((state) => counts[state]).map((state) =>
    say(`hub_weeks_${state}`, { n: counts[state] })
  );
  return say('hub_weeks_told', { n: all, what: parts.join(say('hub_comma')) });
}
