/** One indicator over time, with last year and its interval; and the same for every area of a level, on one scale. */

import { box } from '../desk/cells.js';
import { inLanguage, say } from '../desk/facts.js';
import { asTable, behind, fetchAnswer, Panel, remark, select, table } from './panels.js';
import { offerPictures } from './saving.js';
import { chart, pale, token } from './charts.js';
import { unitText, valueText, whole } from './numbers.js';
import { STEPS, stripeOf } from './state.js';
import { day, deskLink, go, indicatorOf, indicators, period, query, state } from './where.js';
import { comparedLevel, levelChoice } from './worse.js';

/** @typedef {{numerator: number | null, denominator: number | null, value: number | null, low: number | null, high: number | null, denominator_cases: string | null}} Point */
/** @typedef {{from: string, to: string}} Span */
/** @typedef {{first: string, last: string, name: string, name_en: string}} Holiday */

const MOST_SMALL = 24;
/** Points of each step. @type {Record<string, string>} */
const POINTS = { day: '30', week: '13', month: '13', quarter: '8', year: '5' };

export const trendPanel = new Panel('trend', 'half');
export const multiplesPanel = new Panel('multiples');

/** Menus of the indicator and the step. */
function choices() {
  const known = indicators().filter(({ over_time }) => over_time).map(({ code, title }) => /** @type {[string, string]} */ ([code, title]));
  return [
    select(say('indicator'), known, state().indicator, (indicator) => go({ indicator }, { replace: true })),
    select(say('step'), STEPS.map((one) => [one, say(`step_${one}`)]), state().step, (step) => go({ step }, { replace: true })),
  ];
}

/** What the trend of an indicator is asked with. @param {Record<string, string>} more */
function trendQuery(more) {
  const { step, indicator } = state();
  const until = period().to > day() ? day() : period().to;
  const asked = query({ indicator, step, points: POINTS[step], ...more });
  asked.delete('from');
  asked.set('to', until);
  return asked;
}

export function showTrend() {
  const { title } = indicatorOf(state().indicator);
  trendPanel.choose(...choices());
  trendPanel.name(title, say('trend_how', { step: say(`step_${state().step}`) }));
  offerPictures(trendPanel);
  void trendPanel.fill((signal) => fetchAnswer('/api/indicators/trend', trendQuery({ compare: 'true' }), signal), paintTrend);
}

export function showMultiples() {
  const { title } = indicatorOf(state().indicator);
  multiplesPanel.choose(...choices(), ...(comparedLevel() ? [levelChoice()] : []));
  multiplesPanel.name(say('multiples_title', { name: title }), '');
  if (!comparedLevel()) return multiplesPanel.tell(say('no_level'));
  offerPictures(multiplesPanel);
  void multiplesPanel.fill((signal) => fetchAnswer('/api/indicators/trend', trendQuery({ by: comparedLevel() }), signal), paintMultiples);
}

// ---- One line ----

/** @param {Span} span @param {string} step */
export function spanName(span, step) {
  if (step === 'month') return span.from.slice(0, 7);
  if (step === 'year') return span.from.slice(0, 4);
  if (step === 'quarter') return `${span.from.slice(0, 4)}-Q${Math.ceil(Number(span.from.slice(5, 7)) / 3)}`;
  return span.from.slice(5);
}

/** @param {any} told */
function paintTrend(told) {
  if (told.reason) return [remark(say(`reason_${told.reason}`))];
  const [group] = told.groups;
  const kind = indicatorOf(told.indicator.code).kind;
  const unit = unitText(kind, say);
  const names = told.spans.map((/** @type {Span} */ span) => spanName(span, told.step));
  const lists = group.points.map((/** @type {Point} */ point) => point.denominator_cases);
  const label = `${told.indicator.title}: ${
    group.points.map((/** @type {Point} */ one, /** @type {number} */ n) => `${names[n]} ${valueText(kind, one.value)} ${unit}`).join(', ')
  }`;
  const before = group.year_before.some((/** @type {Point} */ one) => one.value !== null);
  return [
    legend(kind, before),
    chart(label, () => lines(told, names, kind), (point) => follow(lists[point.pointIndex ?? point.pointNumber])),
    remark(before ? saysTrend(group) : say('trend_no_year')),
    holidayNote(told),
    asTable(trendTable(told, group, names, kind)),
  ];
}

/** @param {string | null} list */
export function follow(list) {
  if (list) location.assign(deskLink(list));
}

/** @param {string} kind @param {boolean} before */
function legend(kind, before) {
  const parts = [box('span', 'key-line', say('now_line'))];
  if (before) parts.push(box('span', 'key-line dashed', say('year_line')));
  if (kind === 'share') parts.push(box('span', 'key-band', say('band')));
  return box('div', 'legend', ...parts);
}

/** @param {any} told @param {string[]} names @param {string} kind */
function lines(told, names, kind) {
  const [{ points, year_before }] = told.groups;
  /** @param {number | null} value */
  const shown = (value) => (value === null ? null : kind === 'share' ? value * 100 : value);
  const unit = unitText(kind, say);
  const hover = points.map((/** @type {Point} */ one) =>
    `${valueText(kind, one.value)} ${unit}${one.numerator === null ? '' : `<br>${whole(one.numerator)} ÷ ${whole(one.denominator ?? 0)}`}`
  );
  const data = [];
  if (kind === 'share') {
    const band = { x: names, mode: 'lines', line: { width: 0 }, hoverinfo: 'skip' };
    data.push({ ...band, y: points.map((/** @type {Point} */ one) => shown(one.low)) });
    data.push({ ...band, y: points.map((/** @type {Point} */ one) => shown(one.high)), fill: 'tonexty', fillcolor: pale('accent', 0.14) });
  }
  data.push({
    ...{ x: names, y: year_before.map((/** @type {Point} */ one) => shown(one.value)), mode: 'lines', name: say('year_line') },
    ...{ line: { color: token('paused'), width: 2, dash: 'dash' }, hovertemplate: `%{y:.1f} ${unit}<extra>${say('year_line')}</extra>` },
  });
  data.push({
    ...{
      x: names,
      y: points.map((/** @type {Point} */ one) => shown(one.value)),
      mode: 'lines+markers',
      name: say('now_line'),
      text: hover,
    },
    ...{ line: { color: token('accent'), width: 2.5 }, marker: { size: 6 }, hovertemplate: '%{x}<br>%{text}<extra></extra>' },
  });
  const layout = {
    margin: { l: 8, r: 92, t: 8, b: 8 },
    annotations: ends(names, points, year_before, kind),
    height: 264,
    xaxis: { type: 'category', nticks: 7, showgrid: false },
    yaxis: { ticksuffix: kind === 'share' ? '%' : ` ${unit}`, nticks: 5 },
    hovermode: 'x',
    shapes: stripes(told),
  };
  return { data, layout };
}

/** Holidays as soft stripes behind the lines, where a span is short enough for one to be seen. @param {any} told */
function stripes(told) {
  return holidaysShown(told).flatMap((/** @type {Holiday} */ one) => {
    const place = stripeOf(told.spans, one);
    if (!place) return [];
    const at = { type: 'rect', xref: 'x', yref: 'paper', x0: place[0], x1: place[1], y0: 0, y1: 1 };
    return [{ ...at, layer: 'below', line: { width: 0 }, fillcolor: token('holiday') }];
  });
}

/** @param {any} told @returns {Holiday[]} */
const holidaysShown = (told) => (['day', 'week'].includes(told.step) ? told.holidays : []);

/** @param {any} told */
function holidayNote(told) {
  const names = holidaysShown(told).map(({ first, last, name, name_en }) => {
    const called = inLanguage(name, name_en) || say('holiday_word');
    return first === last ? `${called} ${first.slice(5)}` : say('holiday', { name: called, from: first.slice(5), to: last.slice(5) });
  });
  return names.length ? remark(say('trend_holidays', { names: names.join(say('comma')) })) : null;
}

/** Both lines are named at their ends. @param {string[]} names @param {Point[]} points @param {Point[]} before @param {string} kind */
function ends(names, points, before, kind) {
  const [now, then] = [points.at(-1)?.value ?? null, before.at(-1)?.value ?? null];
  const above = now !== null && then !== null && now < then ? -1 : 1;
  /** @param {string} name @param {number | null} value @param {string} color @param {number} shift */
  const end = (name, value, color, shift) => ({
    ...{ x: names.at(-1), y: kind === 'share' ? Number(value) * 100 : value, text: `${name} ${valueText(kind, value)}`, showarrow: false },
    ...{ xanchor: 'left', xshift: 10, yshift: shift, font: { color: token(color) } },
  });
  return [
    ...(now === null ? [] : [end(say('now_line'), now, 'accent', then === null ? 0 : above * 8)]),
    ...(then === null ? [] : [end(say('year_line'), then, 'muted', now === null ? 0 : -above * 8)]),
  ];
}

/** How this year compares, in one sentence that does not say more than the intervals do. @param {any} group */
function saysTrend(group) {
  /** @type {[Point, Point][]} */
  const pairs = group.points.map((/** @type {Point} */ one, /** @type {number} */ n) => [one, group.year_before[n]]);
  const known = pairs.filter(([one, other]) => one.value !== null && other?.value !== null);
  const above = known.filter(([one, other]) => Number(one.value) > Number(other.value)).length;
  const inside =
    known.filter(([one, other]) => one.low !== null && Number(other.value) >= one.low && Number(other.value) <= Number(one.high)).length;
  return say('trend_says', { above, n: known.length, inside });
}

/** @param {any} told @param {any} group @param {string[]} names @param {string} kind */
function trendTable(told, group, names, kind) {
  const heads = ['column_span', 'column_value', 'column_fraction', 'column_interval', 'column_year'].map((one) => say(one));
  const rows = group.points.map((/** @type {Point} */ one, /** @type {number} */ n) => [
    ...[`${names[n]} – ${told.spans[n].to}`, `${valueText(kind, one.value)} ${unitText(kind, say)}`],
    box(
      'span',
      '',
      one.numerator === null ? 'n = ' : `${whole(one.numerator)} ÷ `,
      behind(whole(one.denominator ?? 0), one.denominator_cases),
    ),
    one.low === null ? '–' : say('interval', { low: valueText(kind, one.low), high: valueText(kind, one.high) }),
    group.year_before[n] ? valueText(kind, group.year_before[n].value) : '–',
  ]);
  return table(told.indicator.title, heads, rows);
}

// ---- Small multiples ----

/** @param {any} told */
function paintMultiples(told) {
  if (told.reason) return [remark(say(`reason_${told.reason}`))];
  const kind = indicatorOf(told.indicator.code).kind;
  const groups = told.groups.slice(0, MOST_SMALL);
  const some = told.groups.length > groups.length ? ` · ${say('multiples_some', { n: groups.length, of: told.groups.length })}` : '';
  multiplesPanel.how.textContent = say('multiples_how', { step: say(`step_${told.step}`) }) + some;
  const names = told.spans.map((/** @type {Span} */ span) => spanName(span, told.step));
  const title = say('multiples_title', { name: told.indicator.title });
  const heads = [say('column_area'), ...names];
  const rows = told.groups.map((/** @type {any} */ group) => [
    inLanguage(group.name, group.name_en),
    ...group.points.map((/** @type {Point} */ one) => behind(valueText(kind, one.value), one.denominator_cases)),
  ]);
  return [
    chart(title, () => small(groups, names, kind)),
    asTable(table(title, heads, rows)),
  ];
}

/** @param {any[]} groups @param {string[]} names @param {string} kind */
function small(groups, names, kind) {
  const width = document.querySelector('#multiples')?.clientWidth ?? 1200;
  const columns = Math.max(1, Math.min(6, Math.floor(width / 210), groups.length));
  const rows = Math.ceil(groups.length / columns);
  /** @param {number | null} value */
  const shown = (value) => (value === null ? null : kind === 'share' ? value * 100 : value);
  const values = groups.flatMap((group) => group.points.map((/** @type {Point} */ one) => shown(one.value))).filter((one) => one !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(1, (high - low) * 0.12);
  /** @type {any} */
  const layout = { height: rows * 132 + 16, margin: { l: 36, r: 8, t: 20, b: 8 }, annotations: [] };
  const data = groups.map((group, n) => {
    const [column, row] = [n % columns, Math.floor(n / columns)];
    const end = n ? String(n + 1) : '';
    const [gap, lane] = [0.03, 1 / rows];
    const wide = (1 - gap * (columns - 1)) / columns;
    const [left, top] = [column * (wide + gap), 1 - row * lane];
    const at = { showgrid: false, showticklabels: false, fixedrange: true };
    layout[`xaxis${end}`] = {
      ...at,
      type: 'category',
      domain: [left, left + wide],
      anchor: `y${end}`,
      linecolor: token('hairline'),
      showline: true,
    };
    layout[`yaxis${end}`] = {
      ...{ domain: [top - lane + 0.16 * lane, top - 0.2 * lane], anchor: `x${end}`, range: [low - room, high + room], fixedrange: true },
      ...{ nticks: 3, showticklabels: column === 0, gridcolor: token('hairline'), tickfont: { size: 11, color: token('muted') } },
    };
    layout.annotations.push({
      ...{
        text: inLanguage(group.name, group.name_en),
        x: left,
        y: top - 0.02 * lane,
        xref: 'paper',
        yref: 'paper',
        xanchor: 'left',
        yanchor: 'top',
      },
      ...{ showarrow: false, font: { size: 12, color: token('text') } },
    });
    return {
      ...{
        x: names,
        y: group.points.map((/** @type {Point} */ one) => shown(one.value)),
        xaxis: `x${end}`,
        yaxis: `y${end}`,
        mode: 'lines',
      },
      ...{
        line: { color: token('accent'), width: 2 },
        hovertemplate: `%{x}: %{y:.1f}<extra>${inLanguage(group.name, group.name_en)}</extra>`,
      },
    };
  });
  return { data, layout };
}
