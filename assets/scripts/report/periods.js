/** Periods of reports as they are written in addresses: 2026-11-23, 2026-W47, 2026-11, 2026-Q4, 2026. Dates are texts; all is counted in UTC. */

const DAY_MS = 86_400_000;
/** How many of each length can be chosen. @type {Record<string, number>} */
const COUNTS = { week: 105, month: 37, quarter: 17, year: 11 };

/**
 * @typedef {{value: string, first: string, last: string, name: string, given: Record<string, number | string>}} Listed
 */

/** @param {string} iso */
const parse = (iso) => new Date(`${iso}T00:00:00Z`);
/** @param {Date} date */
const write = (date) => date.toISOString().slice(0, 10);
/** @param {number} year @param {number} month From 0. @param {number} day */
const make = (year, month, day) => {
  const made = new Date(0);
  made.setUTCFullYear(year, month, day);
  return made;
};

/** A day so many days later. @param {string} iso @param {number} by */
export const later = (iso, by) => write(new Date(parse(iso).getTime() + by * DAY_MS));

/** Year and week of ISO 8601: the first week of a year holds its first Thursday. @param {string} iso @returns {[number, number]} */
export function weekOf(iso) {
  const date = parse(iso);
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * DAY_MS);
  const year = thursday.getUTCFullYear();
  return [year, Math.ceil(((thursday.getTime() - make(year, 0, 1).getTime()) / DAY_MS + 1) / 7)];
}

/** @param {string} first @param {number} months @returns {string} The last day of so many months from a first day. */
const lastOf = (first, months) => {
  const date = parse(first);
  return write(make(date.getUTCFullYear(), date.getUTCMonth() + months, 0));
};

/** @param {number} n */
const two = (n) => String(n).padStart(2, '0');

/** The period of a length that holds a day. @param {string} step @param {string} iso @returns {Listed} */
export function periodAt(step, iso) {
  const date = parse(iso);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (step === 'week') {
    const first = later(iso, 1 - (date.getUTCDay() || 7));
    const last = later(first, 6);
    const [of, week] = weekOf(iso);
    return {
      value: `${of}-W${two(week)}`,
      first,
      last,
      name: 'name_week',
      given: { week, year: of, first: first.slice(5), last: last.slice(5) },
    };
  }
  if (step === 'month') {
    const first = `${year}-${two(month + 1)}-01`;
    return { value: first.slice(0, 7), first, last: lastOf(first, 1), name: 'name_month', given: { month: month + 1, year } };
  }
  if (step === 'quarter') {
    const quarter = Math.floor(month / 3) + 1;
    const first = `${year}-${two(3 * quarter - 2)}-01`;
    return { value: `${year}-Q${quarter}`, first, last: lastOf(first, 3), name: 'name_quarter', given: { quarter, year } };
  }
  return { value: String(year), first: `${year}-01-01`, last: `${year}-12-31`, name: 'name_year', given: { year } };
}

/**
 * The periods of a length, the one that holds a day first.
 *
 * @param {string} step
 * @param {string} today
 */
export function listPeriods(step, today) {
  const found = [periodAt(step, today)];
  while (found.length < COUNTS[step]) found.push(periodAt(step, later(found[found.length - 1].first, -1)));
  return found;
}

/** How long a period is, by how it is written. @param {string} text */
export function stepOf(text) {
  if (text.includes('..')) return 'own';
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return 'day';
  if (/^\d{4}-W\d\d$/.test(text)) return 'week';
  if (/^\d{4}-\d\d$/.test(text)) return 'month';
  if (/^\d{4}-Q[1-4]$/.test(text)) return 'quarter';
  return /^\d{4}$/.test(text) ? 'year' : '';
}
