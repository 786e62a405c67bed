/** Moments and spans of time as notes write them. */

const HOUR_MS = 3.6e6;
/** From this many hours on, days are told. */
const DAYS_FROM_H = 48;

/** @type {Intl.DateTimeFormatOptions} */
const MINUTE = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
/** How each language writes a day without its year, as the panels do. @type {Record<string, Intl.DateTimeFormatOptions>} */
const DAY = { zh: { month: '2-digit', day: '2-digit' }, en: { month: 'short', day: 'numeric' } };

/**
 * Day, hour and minute in the city's time zone: `11-22 09:40` in Chinese, `22 Nov 09:40` in English.
 *
 * @param {string} moment
 * @param {string} timeZone
 * @param {string} lang
 */
export function clock(moment, timeZone, lang) {
  const part = partsOf(moment, timeZone, lang);
  return `${dayOf(moment, timeZone, lang)} ${part('hour')}:${part('minute')}`;
}

/**
 * The day alone, for what is known no better.
 *
 * @param {string} moment
 * @param {string} timeZone
 * @param {string} lang
 */
export function dayOf(moment, timeZone, lang) {
  const part = partsOf(moment, timeZone, lang);
  return lang === 'zh' ? `${part('month')}-${part('day')}` : `${part('day')} ${part('month')}`;
}

/**
 * @param {string} moment
 * @param {string} timeZone
 * @param {string} lang
 * @returns {(type: string) => string}
 */
function partsOf(moment, timeZone, lang) {
  const parts = new Intl.DateTimeFormat('en-GB', { ...MINUTE, ...(DAY[lang] ?? DAY.en), timeZone }).formatToParts(new Date(moment));
  return (type) => parts.find((found) => found.type === type)?.value ?? '';
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
