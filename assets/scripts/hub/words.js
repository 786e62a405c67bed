/** States, days and crossings in words, in the reader's language. */

import { facts, say } from '../desk/facts.js';
import { dayIn } from '../desk/moments.js';
import { percent, shortCount, whole } from './numbers.js';
import { toneOf } from './reckoning.js';

/** @param {string} day @param {Intl.DateTimeFormatOptions} how */
const english = (day, how) => new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...how }).format(Date.parse(day));

let zone = 'UTC';

/** Days are those of the city. @param {string} timeZone */
export const setZone = (timeZone) => (zone = timeZone);

/** The city's day of a moment. @param {string} moment */
export const dayOf = (moment) => dayIn(zone, Date.parse(moment));

const isEnglish = () => facts().lang === 'en';

/** `11-23`, `23 Nov`. @param {string} day */
export const shortDay = (day) => isEnglish() ? english(day, { day: 'numeric', month: 'short' }) : day.slice(5, 10);

/** In as few characters as a cell has room for: `11-23`, `23/11`. @param {string} day */
const briefDay = (day) => isEnglish() ? `${day.slice(8, 10)}/${day.slice(5, 7)}` : day.slice(5, 10);

/** The same with its weekday: `11-23（周一）`, `Mon 23 Nov`. @param {string} day */
export function longDay(day) {
  const weekday = new Intl.DateTimeFormat(isEnglish() ? 'en-GB' : 'zh-CN', { timeZone: 'UTC', weekday: 'short' }).format(Date.parse(day));
  return say('hub_day_of_week', { day: shortDay(day), weekday });
}

/** With its year. @param {string} day */
export const fullDay = (day) => isEnglish() ? english(day, { day: 'numeric', month: 'short', year: 'numeric' }) : day.slice(0, 10);

/** @param {string} level */
export const levelName = (level) => say(`hub_level_${level}`);

/**
 * A state in words.
 *
 * @param {string} state
 * @param {number} [late] Working days.
 */
export const stateText = (state, late = 0) => (state === 'late' && late ? say('hub_late_by', { n: late }) : say(`hub_${state}`));

/** The second line of a cell: its state, or for what came in time the day of arrival. @param {HubCell} cell */
export function cellState(cell) {
  if (cell.state === 'late') return cell.late_days ? say('hub_late_cell', { n: cell.late_days }) : say('hub_late');
  if (cell.state === 'on_time' && cell.arrived) return briefDay(dayOf(cell.arrived));
  return say(`hub_${cell.state}`);
}

/**
 * All that a crossing shows, for who does not see it.
 *
 * @param {string} level
 * @param {string} department
 * @param {HubCell | null} cell
 */
export function crossingText(level, department, cell) {
  const place = say('hub_crossing', { level: levelName(level), department });
  const tone = toneOf(cell);
  if (!cell || tone === 'none' || tone === 'hidden') return say('hub_told', { place, what: say(`hub_${tone}`) });
  const parts = [stateText(cell.state, cell.late_days), say('hub_feeds', { n: whole(cell.feeds) })];
  if (cell.records) parts.push(say('hub_records', { n: whole(cell.records) }));
  if (typeof cell.completeness === 'number') parts.push(say('hub_complete', { n: percent(cell.completeness) }));
  return say('hub_told', { place, what: parts.join(say('hub_comma')) });
}

/** @param {number} n */
export const short = (n) => shortCount(n, facts().lang);
