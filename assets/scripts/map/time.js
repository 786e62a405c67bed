/** Moments and spans of time as notes write them. */

/** @type {Intl.DateTimeFormatOptions} */
const FORMAT = { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const HOUR_MS = 3.6e6;
/** From this many hours on, days are told. */
const DAYS_FROM_H = 48;

/**
 * Month, day, hour and minute in the city's time zone.
 *
 * @param {string} moment
 * @param {string} timeZone
 */
export function clock(moment, timeZone) {
  const parts = new Intl.DateTimeFormat('en-GB', { ...FORMAT, timeZone }).formatToParts(new Date(moment));
  /** @type {(type: string) => string} */
  const part = (type) => parts.find((found) => found.type === type)?.value ?? '';
  return `${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`;
}

/**
 * A span of time in hours, or in days when it is long.
 *
 * @param {number} ms Negative where it has passed.
 * @param {{hours: string, days: string}} words
 */
export function duration(ms, words) {
  const hours = Math.round(Math.abs(ms) / HOUR_MS);
  return hours < DAYS_FROM_H ? words.hours.replace('{n}', String(hours)) : words.days.replace('{n}', String(Math.round(hours / 24)));
}
