/** Every indicator as a table: of the whole area with change and interval, or by area, unit, department, category, source or person. */

import { box } from '../desk/cells.js';
import { inLanguage, known, say } from '../desk/facts.js';
import { change } from './key_figures.js';
import { fetchAnswer, fraction, Panel, Refused, remark, table } from './panels.js';
import { changeText, fixed, unitText, valueText, whole } from './numbers.js';
import { addressWith, go, indicatorOf, indicators, period, query, state } from './where.js';
import { comparedLevel, levelChoice } from './worse.js';

/** Asked together: those of one group read the same rows, and a slow group keeps no other waiting. */
const GROUPS = [
  ['closing_rate', 'on_time_closing_rate', 'proactive_share', 'coverage'],
  ['valid_report_rate', 'duplicate_rate', 'answer_rate', 'solved_rate', 'satisfaction_rate'],
  ['rework_rate'],
  ['handling_mean', 'handling_median'],
  ['accurate_filing_rate', 'missed_rate'],
  ['accurate_dispatch_rate'],
];
const MOST_ROWS = 100;

export const tablePanel = new Panel('indicators');

/** @typedef {{code: string | null, name: string | null, name_en: string | null, values: Map<string, IndicatorTold>, grade: string}} Row */

/** What the table holds. */
class Held {
  /** @param {Held} [before] What was chosen there stays, and so do times in stages, which are read only when somebody asks. */
  constructor(before) {
    /** @type {Map<string | null, Row>} */
    this.rows = new Map();
    /** @type {Map<string, string>} */
    this.troubles = new Map();
    /** @type {Set<string>} */
    this.loaded = new Set(before?.loaded);
    this.graded = false;
    this.all = before?.all ?? false;
    this.stages = before?.stages ?? false;
    if (!before?.stages) return;
    const stages = indicators().filter(({ kind }) => kind === 'stage').map(({ code }) => code);
    for (const row of before.rows.values()) {
      this.rows.set(row.code, { ...row, grade: '–', values: new Map([...row.values].filter(([code]) => stages.includes(code))) });
    }
  }

  /** What of it is drawn, to see whether another one would be drawn alike. */
  toJSON() {
    return [...this.rows.values()].map((row) => ({ ...row, values: [...row.values] }));
  }
}

let held = new Held();

const plainCodes = () => indicators().filter(({ kind }) => held.stages || kind !== 'stage').map(({ code }) => code);

/** Show the table of the present view. */
export function showTable() {
  held = new Held();
  const byArea = state().view === 'area';
  tablePanel.name(say('table_title'), say('table_how', { period: say('span', period()), n: 30 }));
  tablePanel.choose(...(byArea && comparedLevel() ? [levelChoice()] : []));
  const by = groupedBy();
  if (by === null) return tablePanel.tell(say('no_level'));
  tablePanel.offer('/api/indicators', query({ by }));
  void tablePanel.fill((signal, quiet) => read(signal, by, GROUPS, quiet), paint);
}

/** What the table is told by; `null`: an area without parts. */
function groupedBy() {
  const { view } = state();
  if (view === 'area') return comparedLevel() || null;
  return ['overview', 'time'].includes(view) ? 'none' : view;
}

/**
 * Ask group by group; the table is drawn with each that comes, or quietly when all are there.
 *
 * @param {AbortSignal} signal
 * @param {string} by
 * @param {string[][]} groups
 * @param {boolean} [quiet]
 */
async function read(signal, by, groups, quiet = false) {
  const into = quiet ? new Held(held) : held;
  /** @type {Record<string, string>} */
  const earlier = by === 'none' ? { compare: 'true' } : {};
  await Promise.all(groups.map(async (codes) => {
    // Whether cases were dispatched rightly is read from every step of every case: once is enough.
    const compare = codes.includes('accurate_dispatch_rate') ? {} : earlier;
    try {
      take(await fetchAnswer('/api/indicators', query({ by, indicator: codes, ...compare }), signal), codes, into);
    } catch (error) {
      if (!(error instanceof Refused) || signal.aborted || quiet) throw error;
      codes.forEach((code) => into.troubles.set(code, error.message));
    }
    if (!signal.aborted && !quiet) tablePanel.body.replaceChildren(...paint());
  }));
  if (by !== 'none') await grade(signal, by, into);
  return into;
}

/** @param {AbortSignal} signal @param {string} by @param {Held} into */
async function grade(signal, by, into) {
  const told = await fetchAnswer('/api/indicators', query({ by: 'none', indicator: 'coverage' }), signal);
  const parts = Object.keys(told.composite?.weights ?? {});
  if (!parts.length) return;
  const graded = await fetchAnswer('/api/indicators', query({ by, indicator: parts }), signal);
  into.graded = true;
  for (const group of graded.groups) {
    const row = into.rows.get(group.code);
    if (row && group.composite) {
      row.grade = group.composite.score === null ? '–' : `${group.composite.grade} ${fixed(group.composite.score)}`;
    }
  }
}

/** @param {any} told @param {string[]} codes @param {Held} into */
function take(told, codes, into) {
  codes.forEach((code) => into.loaded.add(code));
  for (const { code, name, name_en, values } of told.groups) {
    const row = into.rows.get(code) ?? { code, name, name_en, values: new Map(), grade: '–' };
    into.rows.set(code, row);
    values.forEach((/** @type {IndicatorTold} */ value) => codes.includes(value.indicator) && row.values.set(value.indicator, value));
  }
}

/** @param {Held} [read] */
function paint(read = held) {
  held = read;
  return groupedBy() === 'none' ? paintWhole() : paintGroups();
}

// ---- The whole area ----

function paintWhole() {
  const values = held.rows.get(null)?.values ?? new Map();
  const heads = ['column_indicator', 'column_value', 'column_fraction', 'column_interval', 'column_change', 'column_left'].map((one) =>
    say(one)
  );
  const rows = plainCodes().map((code) => wholeRow(code, values.get(code)));
  const load = held.stages ? null : box('button', 'second small', say('load_stages'));
  if (load) {
    load.type = 'button';
    load.title = say('stages_slow');
    load.addEventListener('click', () => {
      held.stages = true;
      const codes = indicators().filter(({ kind }) => kind === 'stage').map(({ code }) => code);
      void tablePanel.fill((signal, quiet) => read(signal, 'none', quiet ? GROUPS : [codes], quiet), paint);
    });
  }
  return [scroller(table(say('table_title'), heads, rows)), remark(say('missed_note')), box('p', 'panel-remark', load)];
}

/** @param {string} code @param {IndicatorTold | undefined} value */
function wholeRow(code, value) {
  const { title, kind } = indicatorOf(code);
  if (!value) return [title, held.troubles.get(code) ?? say('loading'), '', '', '', ''];
  const { against } = state();
  const then = value[against];
  const unit = unitText(kind, say);
  return [
    title,
    value.value === null
      ? say(`reason_${value.reason}`)
      : box('span', '', box('b', '', valueText(kind, value.value)), ` ${unit}`, value.too_few ? ` (${say('too_few')})` : ''),
    fraction(value, whole),
    value.low === null ? '' : say('interval', { low: valueText(kind, value.low), high: valueText(kind, value.high) }),
    change(changeText(kind, value.whole_days?.value, then?.value, say), then?.usual, against),
    value.left_out ? whole(value.left_out) : '',
  ];
}

// ---- By group ----

/** @param {Row} row */
function nameOf(row) {
  if (row.code === null) return say('without');
  if (state().view === 'source') return known(`source_${row.code}`) ? say(`source_${row.code}`) : row.code;
  return inLanguage(row.name, row.name_en) || row.code;
}

/** What a click on a row's name narrows the page to. @param {Row} row @returns {Partial<FiguresState>} */
function narrowed({ code }) {
  const { view } = state();
  if (view === 'area') return { area: code };
  if (view === 'department') return { department: code ?? '', view: 'unit' };
  return { [view]: code === null ? [] : [code], view: 'overview' };
}

/** @param {string} code Of a column. */
function head(code) {
  const [column, down] = [state().sort.replace(/^-/, ''), state().sort.startsWith('-')];
  const title = code === 'name' ? say(`view_${state().view}`) : indicatorOf(code).title;
  const made = box('button', column === code ? 'plain sorted' : 'plain', title, column === code ? (down ? ' ↓' : ' ↑') : '');
  made.type = 'button';
  made.setAttribute('aria-label', say('sort_by', { name: title }));
  made.addEventListener('click', () => {
    go({ sort: column === code && !down ? `-${code}` : code === 'name' ? '' : code }, { replace: true });
  });
  return made;
}

function sortedRows() {
  // Those without a unit or person come last.
  const rows = [...held.rows.values()].sort((one, other) =>
    Number(one.code === null) - Number(other.code === null) || (one.code ?? '').localeCompare(other.code ?? '')
  );
  const column = state().sort.replace(/^-/, '');
  if (!column || !indicators().some(({ code }) => code === column)) return rows;
  const sign = state().sort.startsWith('-') ? -1 : 1;
  /** What has no value, or too few cases, comes last either way. @param {Row} row */
  const rank = (row) => {
    const value = row.values.get(column);
    return value && value.value !== null && !value.too_few ? value.value : null;
  };
  return rows.toSorted((one, other) => {
    const [a, b] = [rank(one), rank(other)];
    return a === null || b === null ? Number(a === null) - Number(b === null) : sign * (a - b);
  });
}

function paintGroups() {
  const codes = plainCodes().filter((code) => code !== 'missed_rate' && (code !== 'coverage' || state().view === 'area'));
  const rows = sortedRows();
  const shown = held.all ? rows : rows.slice(0, MOST_ROWS);
  const drawn = shown.map((row) => {
    const name = row.code === null ? box('span', '', nameOf(row)) : box('a', '', nameOf(row));
    if (name instanceof HTMLAnchorElement) name.href = addressWith(narrowed(row));
    return [name, ...(held.graded ? [row.grade] : []), ...codes.map((code) => cell(row.values.get(code), code))];
  });
  const heads = [head('name'), ...(held.graded ? [say('column_grade')] : []), ...codes.map(head)];
  const button = rows.length > shown.length ? box('button', 'plain', say('show_all', { n: rows.length })) : null;
  if (button) {
    button.type = 'button';
    button.addEventListener('click', () => {
      held.all = true;
      tablePanel.body.replaceChildren(...paint());
    });
  }
  const note = state().view === 'person' ? [remark(say('people_note'))] : [];
  return [
    ...(rows.length ? [scroller(table(say('table_title'), heads, drawn))] : [remark(say('nothing'))]),
    ...(button ? [button] : []),
    ...note,
    remark(say('missed_note')),
  ];
}

/** @param {IndicatorTold | undefined} value @param {string} code */
function cell(value, code) {
  if (!value) return held.troubles.has(code) ? '!' : held.loaded.has(code) ? box('span', 'dim', '–') : '…';
  const { kind } = indicatorOf(code);
  if (value.value === null) {
    const none = box('span', 'dim', '–');
    none.title = say(`reason_${value.reason}`);
    return none;
  }
  const text = value.too_few
    ? box('span', 'dim', say('too_few'))
    : box('b', '', `${valueText(kind, value.value)}${kind === 'share' ? '%' : ''}`);
  return box('span', 'value-cell', text, fraction(value, whole), value.rank ? box('span', 'rank', `#${value.rank}`) : null);
}

/** @param {Node} inside */
function scroller(inside) {
  const made = box('div', 'scroller', inside);
  made.tabIndex = 0;
  made.setAttribute('role', 'region');
  made.setAttribute('aria-label', say('table_title'));
  return made;
}

/** Sorting alone asks nothing. */
export function resort() {
  if (held.rows.size) tablePanel.body.replaceChildren(...paint());
}
