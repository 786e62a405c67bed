/** Figures as a table for spreadsheets (RFC 4180). Nothing here touches the page: an answer in, a text out. */

/** What a spreadsheet could take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;
/** Spreadsheets take a file without it for one of an old Chinese encoding. */
const BYTE_ORDER_MARK = '\ufeff';

/**
 * One cell; names that a spreadsheet would take for a formula begin with an apostrophe.
 *
 * @param {unknown} value
 */
export function cell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(String(value)) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {unknown[]} row */
const line = (row) => row.map(cell).join(',');

/**
 * @typedef {Record<'area' | 'code' | 'level' | 'reported' | 'open' | 'overdue' | 'due' | 'on_time' | 'residents' | 'day' | 'category' | 'cases' | 'period'
 *   | 'as_of', string>} TableWords Heads of columns, in the reader's language.
 */

/**
 * The figures of an area, of its parts and of those beside it; then its cases by day and by category.
 *
 * @param {any} report The answer of `/api/areas/{code}`.
 * @param {TableWords} words
 * @param {string} lang
 */
export function figuresTable(report, words, lang) {
  const name = (/** @type {any} */ one) => (lang === 'en' && one.name_en) || one.name;
  const own = { ...report, siblings: undefined };
  const beside = report.siblings.filter((/** @type {any} */ one) => one.code !== report.code);
  const rows = [own, ...report.children, ...beside].map((one) => [
    one.code,
    name(one),
    one.origin === 'unplaced' ? '' : one.level, // cases without a place: no cell
    one.incidents.total,
    one.incidents.open,
    one.incidents.overdue,
    one.on_time_closing_rate.denominator,
    one.on_time_closing_rate.numerator,
    one.population.total,
  ]);
  const categories = Object.entries(report.incidents.by_category).map(([code, n]) => [
    report.categories[code] ? name(report.categories[code]) : code,
    n,
  ]);
  return BYTE_ORDER_MARK + [
    [name(report), report.code],
    [words.period, report.period.from, report.period.to],
    [words.as_of, report.city.as_of],
    [],
    [words.code, words.area, words.level, words.reported, words.open, words.overdue, words.due, words.on_time, words.residents],
    ...rows,
    [],
    [words.day, words.cases],
    ...report.incidents.by_day,
    [],
    [words.category, words.cases],
    ...categories,
  ].map(line).join('\r\n') + '\r\n';
}
