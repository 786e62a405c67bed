/** When cases are reported: a heat map of hour × day of the week, with the sums of both. */

import { box } from '../desk/cells.js';
import { facts, say } from '../desk/facts.js';
import { asTable, behind, fetchAnswer, Panel, remark, table } from './panels.js';
import { chart, token } from './charts.js';
import { classLimits, whole } from './numbers.js';
import { offerPictures } from './saving.js';
import { query } from './where.js';
import { follow } from './trend.js';

const DAYS = [1, 2, 3, 4, 5, 6, 7];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export const hoursPanel = new Panel('hours', 'half');

export function showHours() {
  hoursPanel.name(say('hours_title'), '');
  if (!facts().can.cases) return hoursPanel.tell(say('needs_cases'));
  offerPictures(hoursPanel);
  void hoursPanel.fill((signal) => fetchAnswer('/api/indicators/hours', query(), signal), paint);
}

/** @typedef {{weekday: number, hour: number, reported: number, cases: string}} Cell */

/** @param {any} told */
function paint(told) {
  hoursPanel.name(say('hours_title'), say('hours_how', { n: whole(told.reported), period: say('span', told.period) }));
  /** @type {Map<string, Cell>} */
  const cells = new Map(told.hours.map((/** @type {Cell} */ one) => [`${one.weekday} ${one.hour}`, one]));
  if (!cells.size) return [remark(say('nothing'))];
  const most = told.hours.reduce((/** @type {Cell} */ one, /** @type {Cell} */ other) => (other.reported > one.reported ? other : one));
  const limits = classLimits(most.reported);
  const sentence = say('hours_most', { day: say(`weekday_${most.weekday}`), hour: most.hour, n: whole(most.reported) });
  const left = told.left_out ? box('span', 'dim', behind(say('hours_left', { n: whole(told.left_out) }), told.left_out_cases)) : null;
  return [
    chart(
      `${say('hours_title')}. ${sentence}`,
      () => heat(cells, limits, most),
      (point) => follow(cells.get(`${8 - (point.pointIndex?.[0] ?? -1) - 1} ${point.x}`)?.cases ?? null),
    ),
    box('div', 'hours-foot', behind(sentence, most.cases), left, legend(limits)),
    asTable(hoursTable(cells)),
  ];
}

/** @param {number[]} limits */
function legend(limits) {
  const classes = limits.map((limit, n) => {
    const swatch = box('i', '');
    swatch.style.background = `var(--ramp-${n})`;
    return box('span', '', swatch, `${limit}${n === limits.length - 1 ? '+' : ''}`);
  });
  return box('span', 'ramp', box('span', 'dim', say('cases_unit')), ...classes);
}

/** @param {Map<string, Cell>} cells @param {number[]} limits @param {Cell} most */
function heat(cells, limits, most) {
  /** @param {number} weekday @param {number} hour */
  const n = (weekday, hour) => cells.get(`${weekday} ${hour}`)?.reported ?? 0;
  // The last class has no end: colours stand for classes, as in the legend.
  const rows = DAYS.toReversed();
  const classes = rows.map((weekday) => HOURS.map((hour) => limits.findLastIndex((limit) => n(weekday, hour) >= limit)));
  const text = rows.map((weekday) =>
    HOURS.map((hour) => say('hours_cell', { day: say(`weekday_${weekday}`), hour, n: whole(n(weekday, hour)) }))
  );
  const names = rows.map((weekday) => say(`weekday_${weekday}`));
  const scale = [0, 1, 2, 3, 4, 5].flatMap((one) => [[one / 6, token(`ramp-${one}`)], [(one + 1) / 6, token(`ramp-${one}`)]]);
  const byHour = HOURS.map((hour) => DAYS.reduce((sum, weekday) => sum + n(weekday, hour), 0));
  const sums = rows.map((weekday, place) => ({
    ...{ x: 1.005, xref: 'paper', xanchor: 'left', y: place, yref: 'y', showarrow: false, font: { color: token('text') } },
    text: whole(HOURS.reduce((sum, hour) => sum + n(weekday, hour), 0)),
  }));
  const at = { type: 'rect', x0: most.hour - 0.5, x1: most.hour + 0.5, y0: 7 - most.weekday - 0.5, y1: 7 - most.weekday + 0.5 };
  const data = [
    {
      type: 'bar',
      x: HOURS,
      y: byHour,
      xaxis: 'x',
      yaxis: 'y2',
      marker: { color: token('bar') },
      hovertemplate: '%{x}:00: %{y}<extra></extra>',
    },
    {
      ...{ type: 'heatmap', x: HOURS, y: [0, 1, 2, 3, 4, 5, 6], z: classes, zmin: -0.5, zmax: 5.5, colorscale: scale },
      ...{ showscale: false, xgap: 2, ygap: 2, text, hovertemplate: '%{text}<extra></extra>' },
    },
  ];
  const layout = {
    ...{
      height: 280,
      margin: { l: 40, r: 52, t: 4, b: 24 },
      annotations: sums,
      bargap: 0.1,
      shapes: [{ ...at, line: { color: token('text'), width: 2 } }],
    },
    xaxis: { dtick: 3, showgrid: false, range: [-0.5, 23.5], zeroline: false, anchor: 'y' },
    yaxis: { domain: [0, 0.84], tickvals: [0, 1, 2, 3, 4, 5, 6], ticktext: names, showgrid: false, zeroline: false },
    yaxis2: { domain: [0.86, 1], showticklabels: false, showgrid: false, zeroline: false, fixedrange: true },
  };
  return { data, layout };
}

/** @param {Map<string, Cell>} cells */
function hoursTable(cells) {
  const rows = DAYS.map((weekday) => [
    say(`weekday_${weekday}`),
    ...HOURS.map((hour) => {
      const cell = cells.get(`${weekday} ${hour}`);
      return cell ? behind(whole(cell.reported), cell.cases) : '0';
    }),
  ]);
  return table(say('hours_title'), ['', ...HOURS.map((hour) => `${hour}`)], rows);
}
