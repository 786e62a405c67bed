/** The address of the page of figures is its state. Nothing here touches the page: texts in, texts out. */

export const VIEWS = ['overview', 'area', 'department', 'unit', 'category', 'source', 'person', 'time'];
export const LEVELS = ['district', 'street', 'community', 'grid'];
export const STEPS = ['day', 'week', 'month', 'quarter', 'year'];
/** Hours within which a deadline is soon. */
export const SOON = ['8', '24', '48', '72'];
export const MEASURES = ['late', 'reported'];
/** Days of each period that ends with the day of the figures; the remaining one is `own`. @type {Record<string, number>} */
export const PERIODS = { day: 1, week: 7, month: 30, quarter: 90, year: 365 };
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86400000;
const MANY = /** @type {const} */ (['unit', 'category', 'source', 'person']);
/** @type {FiguresState} */
const PLAIN = {
  ...{ view: 'overview', area: null, unit: [], department: '', category: [], source: [], person: [], period: 'month', from: '', to: '' },
  ...{ against: 'previous', indicator: 'on_time_closing_rate', level: '', step: 'week', measure: 'late', sort: '', soon: '24' },
};
const KEPT = ['lang', 'theme'];

/**
 * What an address asks for. Values that cannot be are left out.
 *
 * @param {string} search
 * @param {string[]} indicators Codes of those that can be told over time.
 * @returns {FiguresState}
 */
export function readFigures(search, indicators) {
  const given = new URLSearchParams(search);
  /** @param {string} name @param {readonly string[]} known @param {string} otherwise */
  const one = (name, known, otherwise) => (known.includes(given.get(name) ?? '') ? given.get(name) ?? '' : otherwise);
  /** @param {string} name */
  const many = (name) => [...new Set((given.get(name) ?? '').split(',').filter(Boolean))];
  const [from, to] = [given.get('from') ?? '', given.get('to') ?? ''];
  const own = DAY.test(from) && DAY.test(to) && from <= to;
  return {
    view: one('view', VIEWS, PLAIN.view),
    area: given.get('area') || null,
    ...{ unit: many('unit'), category: many('category'), source: many('source'), person: many('person') },
    department: given.get('department') ?? '',
    period: own ? 'own' : one('period', Object.keys(PERIODS), PLAIN.period),
    from: own ? from : '',
    to: own ? to : '',
    against: given.get('against') === 'year_before' ? 'year_before' : 'previous',
    indicator: one('indicator', indicators, PLAIN.indicator),
    level: one('level', LEVELS, ''),
    step: one('step', STEPS, PLAIN.step),
    measure: one('measure', MEASURES, PLAIN.measure),
    soon: one('soon', SOON, PLAIN.soon),
    sort: given.get('sort') ?? '',
  };
}

/**
 * The query part of the address of a state, in the language and colours of the present one.
 *
 * @param {FiguresState} state
 * @param {string} [now]
 */
export function writeFigures(state, now = '') {
  const made = new URLSearchParams();
  for (const name of /** @type {(keyof FiguresState)[]} */ (Object.keys(PLAIN))) {
    const value = state[name];
    if (name === 'period' && value === 'own') continue;
    const text = Array.isArray(value) ? value.join(',') : value ?? '';
    if (text && text !== PLAIN[name]) made.set(name, text);
  }
  const present = new URLSearchParams(now);
  for (const name of KEPT) if (present.get(name)) made.set(name, present.get(name) ?? '');
  const query = made.toString().replaceAll('%2C', ',');
  return query ? `?${query}` : '';
}

/** @param {string} day @param {number} days */
export const shiftDay = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/**
 * First and last day of the period.
 *
 * @param {FiguresState} state
 * @param {string} today The day that the city's figures are of.
 */
export function periodOf(state, today) {
  if (state.period === 'own') return { from: state.from, to: state.to };
  return { from: shiftDay(today, 1 - PERIODS[state.period]), to: today };
}

/**
 * Calendar spans to choose from: this and the last month, quarter and year.
 *
 * @param {string} today
 * @returns {{name: string, from: string, to: string}[]}
 */
export function calendarSpans(today) {
  const [year, month] = today.split('-').map(Number);
  /** @param {number} y @param {number} m Months, which may lie outside of the year. */
  const first = (y, m) => new Date(Date.UTC(y, m - 1, 1)).toISOString().slice(0, 10);
  const quarter = month - (month - 1) % 3;
  /** @type {[string, string, string][]} */
  const spans = [
    ['this_month', first(year, month), today],
    ['last_month', first(year, month - 1), shiftDay(first(year, month), -1)],
    ['this_quarter', first(year, quarter), today],
    ['last_quarter', first(year, quarter - 3), shiftDay(first(year, quarter), -1)],
    ['this_year', first(year, 1), today],
    ['last_year', first(year - 1, 1), shiftDay(first(year, 1), -1)],
  ];
  return spans.map(([name, from, to]) => ({ name, from, to }));
}

/**
 * What the machine door of indicators is asked: where, which cases, and when.
 *
 * @param {FiguresState} state
 * @param {{today: string, start: string, unitsOf: (department: string) => string[]}} known
 */
export function askFigures(state, known) {
  const { from, to } = periodOf(state, known.today);
  const made = new URLSearchParams({ area: state.area ?? known.start, from, to });
  const units = state.unit.length || !state.department ? state.unit : known.unitsOf(state.department);
  const values = { unit: units, category: state.category, source: state.source, person: state.person };
  for (const name of MANY) values[name].forEach((one) => made.append(name, one));
  return made;
}

/** Whether units or people are filtered: then nothing comes from roll-ups. @param {FiguresState} state */
export const isOfUnits = (state) => Boolean(state.unit.length || state.department || state.person.length);

/**
 * Where a holiday lies among spans of days, as places on an axis on which span number n reaches from n - 0.5 to n + 0.5; null where none
 * holds a day of it.
 *
 * @param {{from: string, to: string}[]} spans In their order, without gaps.
 * @param {{first: string, last: string}} holiday
 * @returns {[number, number] | null}
 */
export function stripeOf(spans, { first, last }) {
  const begin = spans.findIndex(({ to }) => to >= first);
  const end = spans.findLastIndex(({ from }) => from <= last);
  if (begin < 0 || end < begin) return null;
  /** @param {string} from @param {string} to */
  const days = (from, to) => (Date.parse(to) - Date.parse(from)) / DAY_MS;
  /** @param {number} n @param {number} passed Days of the span. */
  const place = (n, passed) => n - 0.5 + passed / (days(spans[n].from, spans[n].to) + 1);
  return [
    place(begin, Math.max(0, days(spans[begin].from, first))),
    place(end, Math.min(days(spans[end].from, last) + 1, days(spans[end].from, spans[end].to) + 1)),
  ];
}
